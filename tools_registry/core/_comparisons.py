"""What a condition asks of one column: a row for each yes."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._columns import as_dates, is_dates, plain_type

if TYPE_CHECKING:
    from pandas import Series, Timestamp

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
SWAPPED = {"==": "==", "!=": "!=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A value in a condition.

    Attributes:
        text: As written, without quotes.
    """

    text: str

    @property
    def number(self) -> float | None:
        """The number that it says, or None."""
        try:
            return int(self.text)
        except ValueError:
            pass
        try:
            return float(self.text)
        except ValueError:
            return None


def compare(series: Series[Any], sign: str, literal: Literal) -> Series[bool]:
    """Return for each row whether the comparison holds.

    A missing value equals nothing, is neither above nor below anything, and so differs from all.

    Raises:
        ValueError: The two are not comparable.
    """
    if sign == "!=":
        return ~compare(series, "==", literal)
    series = plain_type(series)
    if sign == "==":
        return _equal(series, literal)
    left, right = _ordered(series, literal)
    return _certain(OPERATORS[sign](left, right))


def compare_columns(left: Series[Any], sign: str, right: Series[Any]) -> Series[bool]:
    """Return for each row whether the comparison of two columns holds.

    Raises:
        ValueError: The two are not comparable.
    """
    import pandas as pd

    if sign == "!=":
        return ~compare_columns(left, "==", right)
    left, right = plain_type(left), plain_type(right)
    numeric = pd.api.types.is_numeric_dtype
    if numeric(left.dtype) != numeric(right.dtype):
        msg = f"columns {left.name!r} and {right.name!r} can't be compared: one holds numbers only"
        raise ValueError(msg)
    try:
        return _certain(OPERATORS[sign](left, right))
    except TypeError as error:
        msg = f"columns {left.name!r} and {right.name!r} can't be compared: {error}"
        raise ValueError(msg) from error


def contains(series: Series[Any], literal: Literal) -> Series[bool]:
    """Return for each row whether its text has `literal` in it, ignoring case."""
    needle = literal.text.casefold()
    return _each(series, lambda value: needle in str(value).casefold())


def _equal(series: Series[Any], literal: Literal) -> Series[bool]:
    import pandas as pd

    if is_dates(series):
        return _certain(pd.to_datetime(series) == _date(series, literal))
    if pd.api.types.is_bool_dtype(series.dtype):
        return _each(series, lambda value: str(value).casefold() == literal.text.casefold())
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _certain(series == _number(series, literal))
    return _equal_text(series, literal)


def _equal_text(series: Series[Any], literal: Literal) -> Series[bool]:
    """Exactly as written; ignoring case if nothing in the column is exactly so."""
    exact = _each(series, lambda value: str(value) == literal.text)
    if exact.any():
        return exact
    return _each(series, lambda value: str(value).casefold() == literal.text.casefold())


def _ordered(series: Series[Any], literal: Literal) -> tuple[Series[Any], Any]:
    import pandas as pd

    if is_dates(series):
        return pd.to_datetime(series), _date(series, literal)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series, _number(series, literal)
    if _DATE.match(literal.text) and (dates := as_dates(series)) is not None:
        return dates, _date(dates, literal)
    if literal.number is None:
        return series.astype("str"), literal.text
    found = pd.to_numeric(series, errors="coerce")
    if (found.isna() & series.notna()).any():
        msg = f"column {series.name!r} holds text; it has no order against {literal.text}"
        raise ValueError(msg)
    return found, literal.number


def _number(series: Series[Any], literal: Literal) -> float:
    if literal.number is None:
        msg = f"column {series.name!r} holds numbers; {literal.text!r} is none"
        raise ValueError(msg)
    return literal.number


def _date(series: Series[Any], literal: Literal) -> Timestamp:
    import pandas as pd

    try:
        found = pd.Timestamp(literal.text)
    except ValueError:
        msg = f"column {series.name!r} holds dates; write {literal.text!r} as 2024-12-31"
        raise ValueError(msg) from None
    zone = getattr(pd.to_datetime(series).dt, "tz", None)
    return found.tz_localize(zone) if zone is not None and found.tzinfo is None else found


def _each(series: Series[Any], holds: Callable[[Any], bool]) -> Series[bool]:
    import pandas as pd

    pairs = zip(series, series.isna(), strict=True)
    return pd.Series([not gone and holds(value) for value, gone in pairs], series.index, dtype=bool)


def _certain(mask: Series[Any]) -> Series[bool]:
    return mask.fillna(value=False).astype(bool)

"""Columns of a table: found by name, and read as numbers, dates or plain values."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame, Series

EXACT_INTEGER = 2**53
DATE_FORMATS = (
    "ISO8601",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
)


def find_column(frame: DataFrame, name: str) -> Any:
    """Return the label of the column called `name`: exactly, or nearly if only one fits.

    Case, then spaces and punctuation, then units in parentheses are ignored.

    Raises:
        ValueError: No column, or more than one, fits.
    """
    for simplify in (_as_it_is, str.casefold, _letters, _without_unit):
        fitting = [label for label in frame.columns if simplify(str(label)) == simplify(str(name))]
        if len(fitting) > 1:
            msg = f"{name!r} may be any of {fitting}; give the column's whole name"
            raise ValueError(msg)
        if fitting and simplify(str(name)):
            return fitting[0]
    raise ValueError(unknown_column(frame, name))


def unknown_column(frame: DataFrame, name: str) -> str:
    """Say that there is no such column, and which ones come near."""
    by_letters = {_letters(str(label)): str(label) for label in frame.columns}
    near = get_close_matches(_letters(str(name)), by_letters, n=3, cutoff=0.5)
    names = [by_letters[key] for key in near] or [str(label) for label in frame.columns[:10]]
    lead = "the nearest are" if near else "the columns are"
    return f"no column {str(name)!r}; {lead} {', '.join(map(repr, names))}"


def _as_it_is(name: str) -> str:
    return name


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _without_unit(name: str) -> str:
    return _letters(re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", name))


def numbers(frame: DataFrame, column: Any) -> Series[Any]:
    """Return the column as numbers, yes/no as 1 and 0, NaN where a value is missing.

    Raises:
        ValueError: It holds something that is not a number.
    """
    import pandas as pd

    series = plain_type(frame[column])
    if as_dates(series) is not None:
        msg = f"column {column!r} holds dates, not numbers; choose a column of numbers"
        raise ValueError(msg)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _numpy_numbers(series)
    found = pd.to_numeric(series, errors="coerce")
    wrong = series[found.isna() & series.notna()]
    if len(wrong):
        msg = f"column {column!r} holds text such as {wrong.iloc[0]!r}, not numbers"
        raise ValueError(msg)
    return found.astype("float64") if found.dtype == object else found


def is_dates(series: Series[Any]) -> bool:
    """Tell whether the values are dates or times (text that looks like dates is not)."""
    import pandas as pd

    return pd.api.types.is_datetime64_any_dtype(series.dtype) or (
        series.dtype == object and pd.api.types.infer_dtype(series) in ("date", "datetime")
    )


def plain_type(series: Series[Any]) -> Series[Any]:
    """Return a categorical column as what its categories are."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.astype(object).infer_objects()
    return series


def _numpy_numbers(series: Series[Any]) -> Series[Any]:
    import pandas as pd

    if pd.api.types.is_bool_dtype(series.dtype) and series.notna().all():
        return series.astype("int64")
    if not pd.api.types.is_extension_array_dtype(series.dtype):
        return series
    whole = pd.api.types.is_integer_dtype(series.dtype) and series.notna().all()
    return series.astype("int64" if whole else "float64")


def is_whole(series: Series[Any]) -> bool:
    """Tell whether these numbers are integers, or were until a missing value made them floats."""
    import pandas as pd

    if pd.api.types.is_integer_dtype(series.dtype):
        return True
    if not pd.api.types.is_float_dtype(series.dtype) or not series.isna().any():
        return False
    present = series.dropna()
    return bool(len(present) and ((present % 1 == 0) & (present.abs() < EXACT_INTEGER)).all())


def plain_values(series: Series[Any]) -> list[Any]:
    """Return the values as Python's own, integers as integers, None where one is missing."""
    series = plain_type(series)
    kind: Callable[[Any], Any] = int if is_whole(series) else _as_python
    missing = series.isna()
    pairs = zip(series.tolist(), missing, strict=True)
    return [None if gone else kind(value) for value, gone in pairs]


def _as_python(value: Any) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def as_dates(series: Series[Any]) -> Series[Any] | None:
    """Return the column as dates, or None if it isn't one or can be read in two ways."""
    import pandas as pd

    series = plain_type(series)
    present = series.dropna()
    if is_dates(series):
        return pd.to_datetime(series)
    if not len(present) or pd.api.types.infer_dtype(present) != "string":
        return None
    if not present.head(20).str.contains(r"\d.*\D.*\d").all():
        return None
    readings = [read for form in DATE_FORMATS if (read := _read_dates(series, form)) is not None]
    if readings and all(readings[0].equals(other) for other in readings[1:]):
        return readings[0]
    return None


def _read_dates(series: Series[Any], form: str) -> Series[Any] | None:
    import pandas as pd

    sample = series.dropna().head(20)
    try:
        if pd.to_datetime(sample, format=form, errors="coerce").isna().any():
            return None
        found = pd.to_datetime(series, format=form, errors="coerce")
    except ValueError:
        return None
    return found if (found.isna() == series.isna()).all() else None

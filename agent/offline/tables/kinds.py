"""What the values of a column are, judged by how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

KindName = Literal["number", "date", "time", "text", "yesno", "unknown"]

MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "<na>", "#n/a"))
"""What the table tools read as a missing value, in lower case."""

_CURRENCY = "$€£¥"
_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_CODE = re.compile(r"0\d+")
_DRESSED = re.compile(
    rf"[{_CURRENCY}]?\s?-?[{_CURRENCY}]?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d+)?\s?[{_CURRENCY}%]?"
)
_COMMA = re.compile(rf"[{_CURRENCY}]?\s?-?(\d{{1,3}}(\.\d{{3}})+|\d+)(,\d+)?\s?[{_CURRENCY}%]?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_YES_NO = frozenset(("yes", "no", "true", "false", "y", "n"))
_DATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?"), "ISO8601"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2} [A-Z][a-z]{3,} \d{4}"), "%d %B %Y"),
    (re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}"), "%d %b %Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "slashes"),
    (re.compile(r"\d{4}-\d{2}"), "%Y-%m"),
)


@dataclass(frozen=True, kw_only=True)
class ColumnKind:
    """What is known of a column.

    Attributes:
        name: What its values are.
        form: For dates and times of the day, their format as pandas takes it; "" if they are dates
            already.
        dressed: For numbers, what to take away first: `symbols` (currency, thousands commas) or
            `comma` (the comma is the decimal sign); "" if nothing.
        unique: Whether no value occurs twice.
        short: Whether the numbers are whole.
        gaps: Whether values are missing.
        zeros: Whether a number is 0.
    """

    name: KindName = "unknown"
    form: str = ""
    dressed: str = ""
    unique: bool = False
    short: bool = False
    gaps: bool = False
    zeros: bool = False


def kind_of(values: Iterable[str]) -> ColumnKind:
    """Judge a column by all of its values as text."""
    stripped = [value.strip() for value in values]
    present = [text for text in stripped if text.lower() not in MISSING]
    if not present:
        return ColumnKind()
    return replace(_judged(present), gaps=len(present) < len(stripped))


def _judged(present: list[str]) -> ColumnKind:
    unique = len(set(present)) == len(present)
    if all(value.lower() in _YES_NO for value in present):
        return ColumnKind(name="yesno", unique=unique)
    if (form := _date_form(present)) is not None:
        return ColumnKind(name="date", form=form, unique=unique)
    if all(_CLOCK.fullmatch(value) for value in present):
        return ColumnKind(name="time", form=_clock_form(present), unique=unique)
    dress = _dress(present)
    if dress is not None:
        whole = all(re.fullmatch(r"[-+]?\d+", value) for value in present)
        return ColumnKind(
            name="number", dressed=dress, unique=unique, short=whole, zeros=_zeros(present)
        )
    return ColumnKind(name="text", unique=unique)


def spellings_of(values: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The values that are there, folded, each with the ways in which it is spelled."""
    found: dict[str, dict[str, None]] = {}
    for value in values:
        if value.strip().lower() not in MISSING:
            found.setdefault(folded(value), {})[value] = None
    return {text: tuple(spelled) for text, spelled in found.items()}


def folded(text: str) -> str:
    """A value for comparison: in lower case, with single spaces."""
    return " ".join(text.casefold().split())


def _clock_form(present: list[str]) -> str:
    return "%H:%M:%S" if any(value.count(":") == 2 for value in present) else "%H:%M"


def _zeros(present: list[str]) -> bool:
    return any(re.fullmatch(r"\D*0+([.,]0+)?\D*", value) for value in present)


def _dress(present: list[str]) -> str | None:
    """How the numbers are written; None if there are other things among them."""
    if all(_PLAIN.fullmatch(value) for value in present):
        return None if any(_CODE.fullmatch(value) for value in present) else ""
    if all(_DRESSED.fullmatch(value) for value in present):
        return "symbols"
    return "comma" if all(_COMMA.fullmatch(value) for value in present) else None


def _date_form(present: list[str]) -> str | None:
    for pattern, form in _DATES:
        if all(pattern.fullmatch(value) for value in present):
            return _slashes(present) if form == "slashes" else form
    return None


def _slashes(present: list[str]) -> str | None:
    """Whether the day or the month comes first; None if nothing tells."""
    first = max(int(value.split("/")[0]) for value in present)
    second = max(int(value.split("/")[1]) for value in present)
    if first > 12 >= second:
        return "%d/%m/%Y"
    return "%m/%d/%Y" if second > 12 >= first else None


def kind_of_dtype(dtype: str) -> ColumnKind:
    """Judge a column of a DataFrame by its type."""
    if dtype.startswith(("int", "float", "Int", "Float", "uint", "UInt")):
        return ColumnKind(name="number", short="int" in dtype.lower())
    if dtype.startswith("datetime64"):
        return ColumnKind(name="date")
    if dtype.startswith("bool"):
        return ColumnKind(name="yesno")
    return ColumnKind(name="text")

"""Times of the day as people say them: `17:00`, `6 am`, `noon`, `10 in the morning`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.offline.plan import UnboundError
from agent.offline.tables.condition import OPPOSITE, Condition, Found, quoted
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen

_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_HALVES = {
    "am": 0, "a.m": 0, "in the morning": 0, "o'clock in the morning": 0, "pm": 12, "p.m": 12,
    "in the afternoon": 12, "in the evening": 12, "at night": 12, "o'clock in the afternoon": 12,
    "o'clock in the evening": 12,
}  # fmt: skip
_PLAIN = ("", "o'clock", "o’clock", "hours")  # noqa: RUF001 -- as people type them
_TIMES = ("clock", "number", "period")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*(.*)")


def read_clock(written: str) -> str | None:
    """The time of the day that some words name, as `HH:MM` or `HH:MM:SS`; None if none.

    Args:
        written: The words; an hour alone is none.
    """
    text = " ".join(written.lower().split()).rstrip(".")
    if text in _NAMED:
        return _NAMED[text]
    found = _CLOCK.fullmatch(text)
    if found is None or not (found[2] or found[4]):
        return None
    hour, rest = int(found[1]), found[4]
    if rest in _HALVES and 1 <= hour <= 12:
        hour = hour % 12 + _HALVES[rest]
    elif rest not in _PLAIN:
        return None
    return _written(hour, found[2] or "00", found[3] or "")


def _written(hour: int, minutes: str, seconds: str) -> str | None:
    if hour > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        return None
    return f"{hour:02}:{minutes}{f':{seconds}' if seconds else ''}"


def between_clocks(study: Study, found: Found, place: int) -> list[Condition]:
    """`between 8:00 and 9:30`, `from 8 to 10 in the morning`."""
    low, high = (_time(p, found) for p in found if p is not None and p.kind in _TIMES)
    named = next((p for p in found if p is not None and p.kind == "column"), None)
    if low > high:
        msg = f"{low} to {high} goes over midnight: ask for its two parts"
        raise UnboundError(msg)
    return [
        *_condition(study, named, ">=", low, place),
        *_condition(study, named, "<=", high, place),
    ]


def _time(piece: Piece, found: Sequence[Piece | None]) -> str:
    """The time that a piece says; a bare hour is in the half of the day of the other."""
    if piece.kind == "clock":
        return piece.number
    other = next(p for p in found if p is not None and p.kind == "clock")
    hour = int(piece.number) if piece.number.isdigit() else 24
    afternoon = int(other.number[:2]) >= 12 and 1 <= hour <= 12 and "pm" in _half_of(other)
    time = _written(hour % 12 + 12 if afternoon else hour, "00", "")
    if time is None:
        msg = f"{piece.text} is no hour of the day"
        raise UnboundError(msg)
    return time


def _half_of(piece: Piece) -> str:
    """`pm` if that is how a time was said."""
    said = re.sub(r"[\d:\s]+", " ", piece.text.lower()).strip(" .")
    return "pm" if _HALVES.get(said) == 12 else ""


def compared_clock(study: Study, found: Found, place: int) -> list[Condition]:
    """`after 17:00`, `departure before noon`, `at 8:15`."""
    sign = next((p.sense for p in found if p is not None and p.sense in OPPOSITE), "==")
    if any(p is not None and p.concept == "NOT" for p in found):
        sign = OPPOSITE[sign]
    named = next((p for p in found if p is not None and p.kind == "column"), None)
    clock = next(p for p in found if p is not None and p.kind == "clock")
    return _condition(study, named, sign, clock.number, place)


def _condition(
    study: Study, named: Piece | None, sign: str, time: str, place: int
) -> list[Condition]:
    column = column_of_times(study, named)
    if study.table.kind(column).name == "time":
        width = 8 if study.table.kind(column).form == "%H:%M:%S" else 5
        values = f"{study.cell.whole()}[{column!r}].astype('string').str.zfill({width})"
    else:
        width = 5 if sign in ("==", "!=") and len(time) == 5 else 8
        form = "%H:%M:%S" if width == 8 else "%H:%M"
        values = f"{study.cell.dates(column)}.dt.strftime({form!r})"
    limit = time[:width] if len(time) >= width else f"{time}:00"
    flag = f"{column} {sign} {time}"
    study.cell.derive(flag, f"({values} {sign} {limit!r}).fillna(False)")
    return [Condition(text=f"{quoted(flag)} == 'True'", column=column, place=place)]


def column_of_times(study: Study, named: Piece | None = None) -> str:
    """The column that a time of the day is about.

    Raises:
        UnboundError: If there is none.
        UnclearError: If there are several and nothing says which.
    """
    for kind in ("time", "date"):
        there = [c for c in study.table.columns if study.table.kind(c).name == kind]
        said = [c for c in there if named is not None and c in named.columns]
        if len(said) == 1:
            return said[0]
        if there and named is not None:
            study.pieces.release(named)
        if len(there) > 1:
            return chosen("Which time is meant?", there, study.answers)
        if there:
            return there[0]
    msg = f"{study.table.label} has no column of times; it has {study.there}"
    raise UnboundError(msg)

"""Days as the tools take them: a date, or text that can be read as one."""

from __future__ import annotations

from datetime import date, datetime

_ISO_LIKE = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_NAMED = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y", "%d-%B-%Y", "%d.%m.%Y")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y")


def as_day(day: str | date, day_first: bool | None = None) -> date:
    """Return the day as a date.

    Raises:
        ValueError: It can't be read, or is ambiguous and `day_first` is not given.
    """
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    readings = _readings(" ".join(day.replace(",", " ").split()), day_first)
    if len(readings) > 1:
        choice = " or ".join(map(str, sorted(readings)))
        msg = f"{day!r} may be {choice}; give day_first, or write the year first"
        raise ValueError(msg)
    if not readings:
        msg = f"{day!r} is not a date that exists; write it as 2024-12-31 or 31 December 2024"
        raise ValueError(msg)
    return readings.pop()


def _readings(text: str, day_first: bool | None) -> set[date]:
    try:
        return {datetime.fromisoformat(text).date()}
    except ValueError:
        pass
    formats = [*_ISO_LIKE, *_NAMED]
    if day_first is not False:
        formats += _DAY_FIRST
    if not day_first:
        formats += _MONTH_FIRST
    return {day for form in formats if (day := _read(text, form)) is not None}


def _read(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None

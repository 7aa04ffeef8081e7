"""Times and calendars: working days, weekdays, time zones, durations, dates in a text.

A day is a `date`, or text such as 2024-12-31, 31.12.2024, 31 December 2024 or Dec 31, 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ._days import as_day

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DATE = re.compile(
    r"(?<![\w.-])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.? {_MONTH},? \d{{4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})(?![\w-])"
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|(?<=\d)\.(?= )")
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_MOST_DAYS = 1_000_000


def extract_dates(text: str, day_first: bool | None = None) -> list[date]:
    """Extract the dates from a text: find all dates in a string.

    Args:
        text: Any text.
        day_first: Whether 03/04/2024 is 3 April (True) or 4 March (False).

    Returns:
        The dates in order; what is no date that exists, or may be two (03/04/2024 without
        `day_first`), is left out.

    Examples:
        >>> [str(day) for day in extract_dates("Laid on 16 November 2007, hatched Dec 20th, 2007.")]
        ['2007-11-16', '2007-12-20']
        >>> extract_dates("due 03/04/2024, not 2024-02-30", day_first=True)
        [datetime.date(2024, 4, 3)]
    """
    days: list[date] = []
    for found in _DATE.findall(text):
        try:
            days.append(as_day(_ORDINAL.sub("", found), day_first))
        except ValueError:
            continue
    return days


def next_weekday(day: str | date, weekday: str) -> date:
    """Find the next Monday, Tuesday, … after a date: the next such day of the week.

    Args:
        day: The day; it is never the answer itself.
        weekday: English name of the day of the week, or its first three letters.

    Returns:
        The date, 1 to 7 days later.

    Raises:
        ValueError: The date can't be read, or there is no such weekday.

    Examples:
        >>> next_weekday("2024-02-29", "Friday")
        datetime.date(2024, 3, 1)
        >>> next_weekday("2024-02-29", "thu")
        datetime.date(2024, 3, 7)
    """
    wanted = weekday.strip().casefold()
    fitting = [i for i, name in enumerate(_WEEKDAYS) if wanted in (name, name[:3])]
    if not fitting:
        msg = f"{weekday!r} is no day of the week; use Monday to Sunday"
        raise ValueError(msg)
    start = as_day(day)
    return _moved(start, (fitting[0] - start.weekday() - 1) % 7 + 1)


def add_working_days(day: str | date, days: int, holidays: Iterable[str | date] = ()) -> date:
    """Add working days (business days) to a date: skip weekends and holidays, such as a deadline.

    Args:
        day: The first day, which does not count.
        days: How many working days later; negative for earlier, 0 for the day itself.
        holidays: Days that are no working days either.

    Returns:
        The date.

    Raises:
        ValueError: A date can't be read, there are over a million days, or the result is out of
            the years 1 to 9999.

    Examples:
        >>> add_working_days("2024-02-29", 2)
        datetime.date(2024, 3, 4)
        >>> add_working_days("2024-12-24", 1, holidays=["2024-12-25", "2024-12-26"])
        datetime.date(2024, 12, 27)
    """
    if abs(days) > _MOST_DAYS:
        msg = f"{days} working days are too many; give at most {_MOST_DAYS}"
        raise ValueError(msg)
    off = {as_day(holiday) for holiday in holidays}
    found, left, step = as_day(day), abs(days), 1 if days > 0 else -1
    while left:
        found = _moved(found, step)
        left -= found.weekday() < 5 and found not in off
    return found


def convert_timezone(moment: str | datetime, source: str, target: str) -> datetime:
    """Convert a time from one time zone to another, daylight saving time included.

    Args:
        moment: Date and time such as 2024-07-01 12:00; a time zone in it outranks `source`.
        source: Zone it is told in, such as Europe/Berlin, America/New_York or UTC.
        target: Zone to convert to.

    Returns:
        The same moment with date, time and offset of the target zone.

    Raises:
        ValueError: The time can't be read, or there is no such zone.

    Examples:
        >>> str(convert_timezone("2024-07-01 12:00", "Europe/Berlin", "America/New_York"))
        '2024-07-01 06:00:00-04:00'
        >>> convert_timezone("2024-01-01 23:30", "UTC", "Asia/Tokyo").isoformat()
        '2024-01-02T08:30:00+09:00'
    """
    try:
        told = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment.strip())
    except ValueError:
        msg = f"{moment!r} is no date and time; write it as 2024-12-31 18:30"
        raise ValueError(msg) from None
    here = told if told.tzinfo else told.replace(tzinfo=_zone(source))
    return here.astimezone(_zone(target))


def format_duration(seconds: float) -> str:
    """Format a duration in seconds for people: 5400 as 1 h 30 min (human-readable time span).

    Args:
        seconds: How long.

    Returns:
        Days, hours, minutes and seconds; under a minute with up to two decimals.

    Examples:
        >>> format_duration(5400)
        '1 h 30 min'
        >>> format_duration(90061), format_duration(2.5), format_duration(0)
        ('1 d 1 h 1 min 1 s', '2.5 s', '0 s')
    """
    sign, left = "-" if seconds < 0 else "", abs(seconds)
    if left < 59.995:
        return f"{sign if round(left, 2) else ''}{round(left, 2):g} s"
    left = round(left)
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count else []
    return sign + " ".join([*parts, *([f"{left} s"] if left else [])])


def _moved(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        msg = f"{days} days from {day} is out of the years 1 to 9999"
        raise ValueError(msg) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"there is no time zone {name!r}; use names such as Europe/Berlin, Asia/Tokyo, UTC"
        raise ValueError(msg) from None

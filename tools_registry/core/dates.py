"""Dates: reading, counting and moving days.

A day is a `date`, or text such as 2024-12-31, 31.12.2024, 31 December 2024 or Dec 31, 2024.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from ._days import as_day

_STEPS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LONGEST_RANGE = 100_000


def parse_date(text: str, day_first: bool | None = None) -> date:
    """Parse a date from text: convert a date string in one of many formats to a date.

    Args:
        text: Such as 2024-12-31, 31.12.2024, 12/31/2024, 31 December 2024, Dec 31, 2024.
        day_first: Whether 03/04/2024 is 3 April (True) or 4 March (False).

    Returns:
        The date; a time of day in the text is left out.

    Raises:
        ValueError: No date can be read, or two can and `day_first` is not given.

    Examples:
        >>> parse_date("31 December 2024")
        datetime.date(2024, 12, 31)
        >>> parse_date("03/04/2024", day_first=True)
        datetime.date(2024, 4, 3)
    """
    return as_day(text, day_first)


def days_between(start: str | date, end: str | date) -> int:
    """Count the days between two dates: the difference of two dates in days.

    Args:
        start: First day.
        end: Last day.

    Returns:
        The number of days from `start` to `end`, negative if `end` is earlier.

    Raises:
        ValueError: A date can't be read.

    Examples:
        >>> days_between("2024-01-01", "2024-03-01")
        60
        >>> days_between("2024-03-01", "2024-02-28")
        -2
    """
    return (as_day(end) - as_day(start)).days


def add_days(day: str | date, days: int) -> date:
    """Add days to a date, or subtract them: the date so many days after or before.

    Args:
        day: The day to count from.
        days: Number of days, negative to go back.

    Returns:
        The other day.

    Raises:
        ValueError: The date can't be read, or the result is out of the years 1 to 9999.

    Examples:
        >>> add_days("2024-02-28", 2)
        datetime.date(2024, 3, 1)
        >>> add_days("2024-01-01", -1)
        datetime.date(2023, 12, 31)
    """
    try:
        return as_day(day) + timedelta(days=days)
    except OverflowError as error:
        msg = f"{days} days from {day} is out of the years 1 to 9999"
        raise ValueError(msg) from error


def add_months(day: str | date, months: int) -> date:
    """Add months to a date, or subtract them: the same day so many months later or earlier.

    Args:
        day: The day to count from.
        months: Number of months, negative to go back; 12 a year.

    Returns:
        The other day; the last of its month where that month is too short.

    Raises:
        ValueError: The date can't be read, or the result is out of the years 1 to 9999.

    Examples:
        >>> add_months("2024-01-31", 1)
        datetime.date(2024, 2, 29)
        >>> add_months("2024-01-15", -12)
        datetime.date(2023, 1, 15)
    """
    start = as_day(day)
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if not date.min.year <= year <= date.max.year:
        msg = f"{months} months from {day} is out of the years 1 to 9999"
        raise ValueError(msg)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def weekday_name(day: str | date) -> str:
    """Name the day of the week of a date: Monday to Sunday.

    Args:
        day: The day.

    Returns:
        The English name of the weekday.

    Raises:
        ValueError: The date can't be read.

    Examples:
        >>> weekday_name("2024-02-29")
        'Thursday'
        >>> weekday_name("1 January 2000")
        'Saturday'
    """
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return names[as_day(day).weekday()]


def is_leap_year(year: int) -> bool:
    """Check whether a year is a leap year: one of 366 days, with a 29 February.

    Args:
        year: The year, in the Gregorian calendar.

    Returns:
        True if it is.

    Examples:
        >>> is_leap_year(2024)
        True
        >>> is_leap_year(1900)
        False
    """
    return calendar.isleap(year)


def age_in_years(born: str | date, on: str | date) -> int:
    """Calculate an age in full years from a date of birth (birthday) to another day.

    Args:
        born: Date of birth.
        on: The day on which the age is asked for.

    Returns:
        Full years; somebody born on 29 February has the birthday on 1 March in other years.

    Raises:
        ValueError: A date can't be read, or `on` is before `born`.

    Examples:
        >>> age_in_years("1990-06-15", on="2024-06-14")
        33
        >>> age_in_years("2000-02-29", on="2023-03-01")
        23
    """
    birth, day = as_day(born), as_day(on)
    if day < birth:
        msg = f"{day} is before the birth on {birth}; swap the dates"
        raise ValueError(msg)
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def working_days_between(start: str | date, end: str | date) -> int:
    """Count the working days (business days, weekdays) between two dates, both included.

    Args:
        start: First day.
        end: Last day, not before the first.

    Returns:
        The number of days from Monday to Friday; public holidays are not known.

    Raises:
        ValueError: A date can't be read, or `end` is before `start`.

    Examples:
        >>> working_days_between("2024-01-01", "2024-01-07")
        5
        >>> working_days_between("2024-01-06", "2024-01-07")
        0
    """
    first, last = as_day(start), as_day(end)
    if last < first:
        msg = f"{last} is before {first}; swap the dates"
        raise ValueError(msg)
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + day) % 7 < 5 for day in range(rest))


def date_range(start: str | date, end: str | date, step: str = "day") -> list[date]:
    """List the dates from one day to another: every day, week, month, quarter or year.

    Args:
        start: First day.
        end: Last day, included if a step falls on it.
        step: day, week, month, quarter or year.

    Returns:
        The dates in order; none if `end` is before `start`.

    Raises:
        ValueError: A date can't be read, `step` is unknown, or there are over 100,000 dates.

    Examples:
        >>> [str(day) for day in date_range("2024-01-31", "2024-04-01", step="month")]
        ['2024-01-31', '2024-02-29', '2024-03-31']
        >>> len(date_range("2024-01-01", "2024-12-31"))
        366
    """
    first, last = as_day(start), as_day(end)
    if step not in (_STEPS | _MONTHS):
        msg = f"can't step by {step!r}; use one of {', '.join([*_STEPS, *_MONTHS])}"
        raise ValueError(msg)
    days: list[date] = []
    while (day := _step_from(first, step, len(days))) is not None and day <= last:
        days.append(day)
        if len(days) > _LONGEST_RANGE:
            msg = f"more than {_LONGEST_RANGE} dates from {first} to {last}; take a longer step"
            raise ValueError(msg)
    return days


def _step_from(first: date, step: str, count: int) -> date | None:
    """The day that is `count` steps later; None after the year 9999."""
    try:
        if step in _STEPS:
            return add_days(first, count * _STEPS[step])
        return add_months(first, count * _MONTHS[step])
    except ValueError:
        return None

"""Stretches of time as people name them: a day, a month, `March 2024`, `Q2`, a year."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.offline.tables.lexicon import MONTHS, WEEKDAYS

_YEARS = range(1000, 2200)
_LIKELY = range(1700, 2100)  # of a number that nothing says to be a year


@dataclass(frozen=True, kw_only=True)
class Period:
    """From one day up to another, or a part of every year or week.

    Attributes:
        start: First day; None if it comes again and again.
        end: The day after the last; None likewise.
        part: `month`, `quarter`, `weekday` or `monthday` of one that comes again and again.
        number: Which: 1 to 12 for months, 0 (Monday) to 6 for weekdays.
        year: Whether it is a bare year, which may be a number as well.
    """

    start: datetime.date | None = None
    end: datetime.date | None = None
    part: str = ""
    number: int = 0
    year: bool = False


def read_period(words: Sequence[str]) -> Period | None:
    """The stretch of time that some words in lower case name, all of them."""
    text = " ".join(words)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return _day(*map(int, text.split("-")))
    if len(words) == 1:
        return _one_word(words[0])
    return _several_words(
        [word.removesuffix(",") for word in words if word not in ("of", "the", ",")]
    )


def _one_word(word: str) -> Period | None:
    if word in MONTHS and word != "may":
        return Period(part="month", number=MONTHS[word])
    if word == "may":
        return Period(part="month", number=5)
    if word in WEEKDAYS:
        return Period(part="weekday", number=WEEKDAYS[word])
    if word in ("weekend", "weekends"):
        return Period(part="weekend")
    if re.fullmatch(r"q[1-4]", word):
        return Period(part="quarter", number=int(word[1]))
    if re.fullmatch(r"\d{4}", word) and int(word) in _LIKELY:
        year = int(word)
        return Period(start=datetime.date(year, 1, 1), end=datetime.date(year + 1, 1, 1), year=True)
    return None


_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}


def _several_words(words: list[str]) -> Period | None:
    if len(words) == 2 and words[1] == "s" and _is_year(words[0]) and words[0].endswith("0"):
        first = int(words[0])
        return Period(
            start=datetime.date(first, 1, 1), end=datetime.date(first + 10, 1, 1), year=True
        )
    if len(words) in (2, 3) and words[1] == "quarter" and words[0] in _ORDINALS:
        quarter = _ORDINALS[words[0]]
        if words[0] == "last" and len(words) == 2:
            return None  # before today, or of a year
        return (
            _quarter(words[2], quarter)
            if len(words) == 3
            else Period(part="quarter", number=quarter)
        )
    if len(words) == 2 and re.fullmatch(r"q[1-4]", words[0]):
        return _quarter(words[1], int(words[0][1]))
    if len(words) == 2 and words[0] in MONTHS and _is_year(words[1]):
        return _month(int(words[1]), MONTHS[words[0]])
    days = [word for word in words if re.fullmatch(r"\d{1,2}(st|nd|rd|th)?", word)]
    months = [word for word in words if word in MONTHS]
    years = [word for word in words if _is_year(word)]
    if len(days) == 1 == len(months) == len(years) and len(words) == 3:
        return _day(int(years[0]), MONTHS[months[0]], int(re.sub(r"\D", "", days[0])))
    return None


def _is_year(word: str) -> bool:
    return bool(re.fullmatch(r"\d{4}", word)) and int(word) in _YEARS


def _quarter(year: str, number: int) -> Period | None:
    if not _is_year(year):
        return None
    start = datetime.date(int(year), 3 * number - 2, 1)
    return Period(start=start, end=_months_later(start, 3))


def _month(year: int, month: int) -> Period:
    start = datetime.date(year, month, 1)
    return Period(start=start, end=_months_later(start, 1))


def _months_later(day: datetime.date, count: int) -> datetime.date:
    months = day.month - 1 + count
    return datetime.date(day.year + months // 12, months % 12 + 1, 1)


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        start = datetime.date(year, month, day)
    except ValueError:
        return None
    return Period(start=start, end=start + datetime.timedelta(days=1))

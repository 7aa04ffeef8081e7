"""Calculations with dates: days between two, a day so much later, the day of the week."""

from __future__ import annotations

import datetime

from agent.offline.plan import Plan
from agent.offline.requests import Request
from agent.offline.surroundings import Table
from agent.offline.tables.pieces import Piece, Pieces
from agent.offline.tables.tagging import tag
from tools_registry.registry import Registry

_NOTHING = Table(source="", label="")
_WORKING = "'working'|'business'|'work'"
_TIMES = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def date_calculation(request: Request, registry: Registry) -> Plan | None:
    """The plan for a request that is nothing but a calculation with dates."""
    pieces = tag(request, _NOTHING)
    for read in (_between, _later, _weekday, _leap):
        attempt = pieces.copy()
        made = read(attempt)
        if made is not None and not attempt.unused():
            tool, call, sentence = made
            line = registry.get(tool).import_line
            return Plan(code=f"{line}\n\n{call}", sentence=sentence)
    return None


_Made = tuple[str, str, str]
"""The tool, the call, and what it gives."""


def _day(piece: Piece | None) -> datetime.date | None:
    """The date, if a piece is exactly one day."""
    period = piece.period if piece is not None else None
    if period is None or period.start is None or period.end is None:
        return None
    return period.start if (period.end - period.start).days == 1 else None


def _between(pieces: Pieces) -> _Made | None:
    """`how many days between A and B`, `working days from A to B`."""
    working = (
        pieces.take(f"COUNT? {_WORKING} EACHDATE/day", "COUNT? EACHDATE/weekday BETWEEN")
        is not None
    )
    unit = pieces.take("COUNT? EACHDATE") if not working else None
    found = pieces.take("BETWEEN? period AND|'to'|AFTER period")
    if found is None or (not working and unit is None):
        return None
    pieces.take("BETWEEN")
    first, second = _day(found[1]), _day(found[-1])
    sense = "day" if working or unit is None or unit[-1] is None else unit[-1].sense
    if first is None or second is None or sense not in _TIMES:
        return None
    tool = "working_days_between" if working else "days_between"
    call = f"{tool}('{first}', '{second}')" + ("" if sense == "day" else " / 7")
    return tool, call, f"the {'working ' if working else ''}{sense}s from {first} to {second}"


def _later(pieces: Pieces) -> _Made | None:
    """`90 days after A`, `add 3 weeks to A`, `2 months before A`."""
    pieces.take("WHEN|WHICH EACHDATE/day|TABLE?")
    found = pieces.take(
        f"ADD? number {_WORKING}? EACHDATE AFTER|'to'|BETWEEN period",
        f"period AND|MINUS number {_WORKING}? EACHDATE",
    )
    if found is None:
        return None
    number = next(p for p in found if p is not None and p.kind == "number")
    unit = next(p for p in found if p is not None and p.concept == "EACHDATE").sense
    day = _day(next(p for p in found if p is not None and p.kind == "period"))
    back = any(p is not None and (p.sense == "<" or p.concept == "MINUS") for p in found)
    working = any(p is not None and f"'{p.text.lower()}'" in _WORKING for p in found)
    if day is None or not number.number.isdigit() or unit not in _TIMES | _MONTHS:
        return None
    return _added(day, int(number.number) * (-1 if back else 1), unit, working=working)


def _added(day: datetime.date, count: int, unit: str, *, working: bool) -> _Made | None:
    if working:
        return (
            "add_working_days",
            f"add_working_days('{day}', {count})",
            f"{count} working days after {day}",
        )
    tool = "add_days" if unit in _TIMES else "add_months"
    amount = count * (_TIMES | _MONTHS)[unit]
    what = "days" if unit in _TIMES else "months"
    side = "after" if amount >= 0 else "before"
    return tool, f"{tool}('{day}', {amount})", f"the day {abs(amount)} {what} {side} {day}"


def _weekday(pieces: Pieces) -> _Made | None:
    """`what day of the week was A`."""
    asked = pieces.take("WHICH? EACHDATE/weekday", "WHEN", "WHICH EACHDATE/day")
    found = pieces.take("CMP/==? AFTER? period")
    day = _day(found[-1]) if found else None
    if asked is None or day is None:
        return None
    pieces.take("CMP/==")
    return "weekday_name", f"weekday_name('{day}')", f"the day of the week of {day}"


def _leap(pieces: Pieces) -> _Made | None:
    """`is 2024 a leap year`."""
    found = pieces.take("period CMP/==? 'leap' EACHDATE/year")
    if found is None or found[0] is None or not found[0].number:
        return None
    year = int(found[0].number)
    return "is_leap_year", f"is_leap_year({year})", f"whether {year} is a leap year"

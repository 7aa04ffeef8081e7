"""Conditions that a date lies in a stretch of time, before or after it."""

from __future__ import annotations

from agent.offline.plan import UnboundError
from agent.offline.tables.condition import Condition, Found, quoted
from agent.offline.tables.periods import Period
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study


def in_period(study: Study, found: Found, place: int) -> list[Condition]:
    """`in March`, `on 2024-05-01`, `in 1984`."""
    period = next(p.period for p in found if p is not None and p.period is not None)
    piece = next((p for p in found if p is not None and p.kind == "column"), None)
    number = next(p.number for p in found if p is not None and p.period is not None)
    negated = any(p is not None and p.concept == "NOT" for p in found)
    years = [c for c in study.hinted("year") if study.table.kind(c).name == "number"]
    if piece is not None and number and study.is_number(piece):
        years = [study.number(piece)]
    elif study.columns_of("date"):
        years = []
    if number and years and period.end is not None and period.start is not None:
        first, after = period.start.year, period.end.year
        if after - first > 1:
            text = f"{quoted(years[0])} >= {first} and {quoted(years[0])} < {after}"
            return [Condition(text=text, column=years[0], place=place)]
        text = f"{quoted(years[0])} {'!=' if negated else '=='} {number}"
        return [Condition(text=text, column=years[0], place=place)]
    if piece is not None and not is_date(study, piece):
        study.pieces.release(piece)
        piece = None
    column = study.column(piece, "date") if piece else study.dates()
    return _within(study, column, period, place, negated=negated)


def is_date(study: Study, piece: Piece) -> bool:
    """Whether a piece may mean a column of dates."""
    return any(study.table.kind(column).name == "date" for column in piece.columns)


def _within(
    study: Study, column: str, period: Period, place: int, *, negated: bool
) -> list[Condition]:
    if period.part:
        return [_recurring(study, column, period, place, negated=negated)]
    name = quoted(column)
    if negated:
        text = f"({name} < '{period.start}' or {name} >= '{period.end}')"
    else:
        text = f"{name} >= '{period.start}' and {name} < '{period.end}'"
    return [Condition(text=text, column=column, place=place)]


def _recurring(
    study: Study, column: str, period: Period, place: int, *, negated: bool
) -> Condition:
    """`in March` of whatever year."""
    part = "weekday number" if period.part == "weekend" else f"{period.part} number"
    name = quoted(study.cell.part(column, part))
    if period.part == "weekend":
        text = f"{name} {'<' if negated else '>='} 5"
    else:
        text = f"{name} {'!=' if negated else '=='} {period.number}"
    return Condition(text=text, column=column, place=place)


def since(study: Study, column: str, sign: str, period: Period, place: int) -> list[Condition]:
    """`after 2020` begins with 2021, `since 2020` with 2020."""
    if period.start is None:
        msg = "a month or weekday comes again and again: give a year or a day"
        raise UnboundError(msg)
    if sign in ("==", "!="):
        return _within(study, column, period, place, negated=sign == "!=")
    bound = {">": (">=", period.end), ">=": (">=", period.start)}
    bound |= {"<": ("<", period.start), "<=": ("<", period.end)}
    final, day = bound[sign]
    return [Condition(text=f"{quoted(column)} {final} '{day}'", column=column, place=place)]

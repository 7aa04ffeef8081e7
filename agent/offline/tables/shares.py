"""Shares: what part of the rows, or of a sum, meets a condition."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import take_clauses
from agent.offline.tables.conditions import take_conditions
from agent.offline.tables.measures import Measure, groups_of, take_measure, value_of
from agent.offline.tables.pieces import Piece, Pieces
from agent.offline.tables.study import Study

_DIVIDING = frozenset(("CMP", "WHERE", "LACKING", "MISSING"))


def share(study: Study) -> Plan | None:
    """`what percentage of the orders were cancelled`, `share of each region in sales`."""
    found = study.pieces.take("SHARE")
    if found is None or found[0] is None:
        return None
    percent = found[0].sense == "percent"
    base = _base(study, found[0])
    clauses = take_clauses(study)
    measure = take_measure(study) or _summed(study)
    study.pieces.take("rows|ROWS")
    if clauses.keys and not study.cell.where:
        return _of_groups(study, clauses.keys, measure, percent=percent)
    if not study.cell.where or clauses.keys:
        msg = "a share needs a condition: say which rows are counted"
        raise UnboundError(msg)
    return _of_all(study, base, measure, percent=percent)


def _summed(study: Study) -> Measure:
    """`share of sales from North`: of the sum of a column; else of rows."""
    numbers = [p for p in study.pieces.free("column") if study.is_number(p)]
    if len(numbers) != 1:
        return Measure(how="count")
    study.pieces.use(numbers)
    return Measure(how="sum", column=study.number(numbers[0]))


def _base(study: Study, share: Piece) -> str:
    """The condition on the rows that are all: what is said before `were` or `have`."""
    items = study.pieces.items
    after = [p for p in items if p.start >= share.end]
    verbs = [p for p in after if p.concept in _DIVIDING]
    if not verbs:
        return ""
    verb = verbs[0]
    if not any(p.kind in ("value", "period") and share.end <= p.start < verb.start for p in items):
        return ""
    if not any(
        p.kind in ("value", "period", "number", "column") and p.start > verb.start for p in items
    ):
        return ""
    part = Study(
        pieces=Pieces([p for p in items if share.end <= p.start < verb.start]),
        cell=study.cell,
        answers=study.answers,
        assumptions=study.assumptions,
    )
    take_conditions(part)
    base, study.cell.where = study.cell.where, ""
    return base


def _of_all(study: Study, base: str, measure: Measure, *, percent: bool) -> Plan:
    cell = study.cell
    part = value_of(study, measure)
    told, cell.where = study.told, base
    whole = value_of(study, measure)
    expression = f"100 * {part} / {whole}" if percent else f"{part} / {whole}"
    what = measure.told if measure.column else "rows"
    unit = "percent" if percent else "a share of 1"
    return study.plan(
        expression, f"the part of {what} in {told}, of those in {study.told}, as {unit}"
    )


def _of_groups(study: Study, keys: tuple[str, ...], measure: Measure, *, percent: bool) -> Plan:
    from agent.offline.tables.clauses import Clauses

    groups = study.cell.let("groups", groups_of(study, Clauses(keys=keys), measure))
    name = measure.name
    factor = "100 * " if percent else ""
    share = f"{factor}{groups}[{name!r}] / {groups}[{name!r}].sum()"
    new = "percent" if percent else "share"
    expression = f"{groups}[{list(keys)!r}].assign(**{{{new!r}: {share}}})"
    return study.plan(expression, f"the {new} of each {' and '.join(keys)} in {measure.told}")

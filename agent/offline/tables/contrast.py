"""One measure in two groups: how much more, how many times as much, the difference, the ratio."""

from __future__ import annotations

from collections.abc import Sequence

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import take_clauses
from agent.offline.tables.condition import Condition
from agent.offline.tables.conditions import joined_conditions, read_conditions
from agent.offline.tables.measures import Measure, is_additive, take_measure, value_of
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study

_ASKED = "MORE|TIMESAS|MINUS|SHARE/share|RATIO"


def contrast(study: Study) -> Plan | None:
    """`how much higher is the mean pay in A than in B`, `difference between A and B in sales`."""
    found = study.pieces.take(_ASKED)
    asked = found[0] if found else None
    if asked is None:
        return None
    if asked.concept == "SHARE" and not asked.text.lower().endswith("ratio of"):
        return None
    study.pieces.take("BETWEEN")
    clauses = take_clauses(study, conditions=False)
    conditions = read_conditions(study)
    pair = _pair(conditions)
    if pair is None or clauses.keys or clauses.having or clauses.order or clauses.limit:
        return None
    study.pieces.use(p for p in study.pieces.items if p.text.lower() in _LINKS)
    rest = joined_conditions(study, [c for c in conditions if c not in pair])
    measure = _measure(study, asked)
    first, second = (_value(study, measure, condition, rest) for condition in pair)
    return _told(study, asked, measure, pair, (first, second), rest)


def per_unit(study: Study) -> Plan | None:
    """`sales per visitor`: the sum of one column by that of another that counts something."""
    found = study.pieces.find("AGG/mean? column PER column", "AGG/mean column PER column")
    if found is None or found[1][-1] is None or found[1][-3] is None:
        return None
    over, under = found[1][-3], found[1][-1]
    counts = study.is_number(under) and is_additive(under.columns[0])
    if not counts or not study.is_number(over) or under.text.lower().endswith("s"):
        return None
    study.pieces.used |= found[0]
    first, second = (Measure(how="sum", column=study.number(p)) for p in (over, under))
    clauses = take_clauses(study)
    if clauses.keys or clauses.having or clauses.order:
        return None
    told = f"{first.told} by {second.told} in {study.told}"
    return study.plan(f"{value_of(study, first)} / {value_of(study, second)}", told)


_LINKS = frozenset(("than", "that", "and", "to", "as", "the one", "one", "those", "compared", "in"))


def _pair(conditions: Sequence[Condition]) -> tuple[Condition, Condition] | None:
    """The two conditions that name different values, or months, of one column."""
    for number, first in enumerate(conditions):
        for second in conditions[number + 1 :]:
            if first.column == second.column and first.text != second.text:
                values = first.is_value and second.is_value
                if values or (_recurs(first) and _recurs(second)):
                    return first, second
    return None


def _recurs(condition: Condition) -> bool:
    return " number` == " in condition.text


def _measure(study: Study, asked: Piece) -> Measure:
    if measure := take_measure(study):
        return measure
    numbers = [p for p in study.pieces.free("column") if study.is_number(p)]
    if len(numbers) == 1:
        study.pieces.use(numbers)
        column = study.number(numbers[0])
        if not is_additive(column):
            msg = f"say what is compared of {column!r}: its sum, its mean, …"
            raise UnboundError(msg)
        study.assume(f"{column!r} is added up")
        return Measure(how="sum", column=column)
    counts = "many" in asked.text.lower() or study.pieces.has("rows")
    if numbers or not counts:
        msg = "nothing says what is compared"
        raise UnboundError(msg)
    study.pieces.take("rows|ROWS")
    return Measure(how="count")


def _value(study: Study, measure: Measure, condition: Condition, rest: str) -> str:
    study.cell.where = f"({rest}) and {condition.text}" if rest else condition.text
    return value_of(study, measure)


def _told(
    study: Study,
    asked: Piece,
    measure: Measure,
    pair: tuple[Condition, Condition],
    values: tuple[str, str],
    rest: str,
) -> Plan:
    study.cell.where = rest
    first, second = values
    of = f"{measure.told} in {study.told}, {{}} where {pair[0].text} and where {pair[1].text}"
    if asked.concept in ("TIMESAS", "SHARE", "RATIO"):
        return study.plan(f"{first} / {second}", of.format("the ratio of that"))
    less = asked.concept == "MORE" and asked.sense == "<"
    if asked.text.lower().startswith("difference"):
        return study.plan(f"abs({first} - {second})", of.format("the difference between that"))
    expression = f"{second} - {first}" if less else f"{first} - {second}"
    return study.plan(expression, of.format("the difference between that"))

"""Several measures at once: `minimum, maximum and mean of the price by city`."""

from __future__ import annotations

from dataclasses import dataclass

from agent.offline.plan import Plan
from agent.offline.tables.clauses import Clauses, take_clauses
from agent.offline.tables.measures import Measure, saved_plan, value_of
from agent.offline.tables.phrases import PHRASES
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study

_PLAIN_EXTREMES = frozenset(
    ("highest", "lowest", "largest", "smallest", "max", "min", "maximum", "minimum", "biggest")
)
_METHODS = {"mean", "median", "sum", "std", "var", "min", "max"}


@dataclass(kw_only=True)
class _Head:
    """A word that says what is calculated, and of what.

    Attributes:
        piece: The word.
        how: As pandas calls it; `count` for rows.
        column: Of what; None as long as that is not known.
    """

    piece: Piece
    how: str
    column: Piece | None = None


def several(study: Study) -> Plan | None:
    """A table with a column for each measure, or a record if there are no groups."""
    if study.pieces.has("WHO", "WHEN", "WHICH rows", "WHICH column"):
        return None  # a row is wanted, not its numbers
    clauses = take_clauses(study)
    heads = _heads(study)
    if len(heads) < 2 or clauses.having or clauses.limit:
        return None
    _share_columns(heads)
    if any(head.column is None and head.how != "count" for head in heads):
        return None
    study.pieces.use(p for h in heads for p in (h.piece, h.column) if p is not None)
    study.pieces.take("rows|ROWS")
    measures = [_measure(study, head) for head in heads]
    if len({_name(m) for m in measures}) < len(measures):
        return None
    told = ", ".join(measure.told for measure in measures)
    if not clauses.keys:
        values = [f"{_name(m)!r}: {value_of(study, m)}" for m in measures]
        return study.plan(f"{{{', '.join(values)}}}", f"{told} in {study.told}")
    return _by_groups(study, clauses, measures, told)


def _heads(study: Study) -> list[_Head]:
    """The words that say what is calculated, with the column or rows right after each."""
    heads: list[_Head] = []
    for number, piece in enumerate(study.pieces.items):
        if number in study.pieces.used:
            continue
        how = _how(piece) or _shadowed(study, number)
        last = heads[-1] if heads else None
        if how:
            heads.append(_Head(piece=piece, how=how))
        elif last is not None and last.column is None and piece.columns and piece.kind == "column":
            if last.how != "count" or piece.sense == "noun":
                last.column = piece
        elif last is not None and not _goes_between(piece):
            return []
    return heads


def _goes_between(piece: Piece) -> bool:
    """Whether a piece may stand between what is calculated and the next."""
    said = piece.kind in ("filler", "mark", "rows", "column")
    return said or piece.concept in ("AND", "ROWS", "LIST", "WHICH")


def _how(piece: Piece) -> str:
    if piece.concept == "AGG" and piece.sense in _METHODS:
        return piece.sense
    if piece.concept == "COUNT":
        return "count"
    plain = piece.concept == "SUPER" and piece.text.lower() in _PLAIN_EXTREMES
    return piece.sense if plain and not piece.columns else ""


def _shadowed(study: Study, number: int) -> str:
    """`total and average value` where a column is called `total` as well."""
    piece, rest = study.pieces.items[number], study.pieces.items[number + 1 :]
    concept, sense = PHRASES.get((piece.text.lower(),), ("", ""))
    after = [p for p in rest if p.kind not in ("filler", "mark")][:2]
    linked = len(after) == 2 and after[0].concept in ("AND", "AGG") and bool(_how(after[-1]))
    return sense if piece.kind == "column" and concept == "AGG" and linked else ""


def _share_columns(heads: list[_Head]) -> None:
    """`lowest and highest price`: of the price both; `mean price and median`: of it as well."""
    following: Piece | None = None
    for head in reversed(heads):
        if head.how != "count":
            head.column = head.column or following
            following = head.column
    before: Piece | None = None
    for head in heads:
        if head.how != "count":
            head.column = head.column or before
            before = head.column


def _measure(study: Study, head: _Head) -> Measure:
    if head.how == "count" or head.column is None:
        return Measure(how="count")
    return Measure(how=head.how, column=study.number(head.column))


def _name(measure: Measure) -> str:
    return f"{measure.how} of {measure.column}" if measure.column else "count"


def _by_groups(study: Study, clauses: Clauses, measures: list[Measure], told: str) -> Plan | None:
    keys = list(clauses.keys)
    if clauses.order is not None and clauses.order.column is not None:
        return None
    entries = []
    for measure in measures:
        what = (measure.column, measure.how) if measure.column else (keys[0], "size")
        entries.append(f"{_name(measure)!r}: {what!r}")
    table = f"{study.cell.frame}.groupby({keys!r}).agg(**{{{', '.join(entries)}}}).reset_index()"
    sentence = f"{told} for each {' and '.join(keys)} in {study.told}"
    if clauses.order is not None:
        by, down = _name(measures[0]), clauses.order.descending is not False
        table = f"{study.cell.use('sort_rows')}({table}, {by!r}, descending={down})"
        sentence += ", in order"
    if clauses.digits is not None:
        table = f"{table}.round({clauses.digits})"
    return saved_plan(study, clauses, table, sentence)

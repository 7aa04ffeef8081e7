"""The first and the last rows, and the most frequent values."""

from __future__ import annotations

from agent.offline.plan import Plan
from agent.offline.tables.clauses import Clauses, key_of, take_clauses, whole_number
from agent.offline.tables.measures import Measure, saved_plan
from agent.offline.tables.pieces import Piece
from agent.offline.tables.ranking import Contest, compare_groups, compare_rows
from agent.offline.tables.study import Study


def frequent(study: Study) -> Plan | None:
    """`the most common city`, `the five most frequent words`."""
    found = study.pieces.take("number FREQUENT", "FREQUENT number", "FREQUENT")
    if found is None:
        return None
    top = next(p for p in found if p is not None and p.concept == "FREQUENT")
    number = next((p for p in found if p is not None and p.kind == "number"), None)
    clauses = take_clauses(study)
    study.pieces.take("WHICH")
    columns = study.pieces.take("column")
    if columns is None and study.table.line and study.cell.where:
        columns = _messages(study)
    if columns is None or columns[0] is None:
        return None
    study.pieces.take("rows|ROWS")
    if study.is_number(columns[0]) and not columns[0].exact:
        return None  # `sold most often` asks for what was sold
    target = key_of(study, columns[0])
    contest = Contest(descending=top.sense == "max", target=target)
    contest.limit = None if number is None else whole_number(number)
    return compare_groups(study, contest, clauses, Measure(how="count"), target)


def _messages(study: Study) -> list[Piece | None] | None:
    """`the most common error` of a log: its message."""
    said = Piece(kind="column", text="message", start=0, end=0, columns=("message",), exact=True)
    return [said] if "message" in study.table.columns else None


def last_or_first(study: Study) -> Plan | None:
    """`the latest order`, `the first 5 rows`, `the last row`."""
    found = study.pieces.take(
        "FIRST number rows|ROWS", "number FIRST rows|ROWS", "FIRST rows|ROWS", "FIRST number"
    ) or _first_of_value(study)
    if found is None:
        return None
    first = next(p for p in found if p is not None and p.concept == "FIRST")
    number = next((p for p in found if p is not None and p.kind == "number"), None)
    plural = next(
        (
            p
            for p in found
            if p is not None and p.kind in ("rows", "concept", "value", "column") and p is not first
        ),
        None,
    )
    limit = (
        whole_number(number)
        if number is not None
        else (5 if plural and plural.text.endswith("s") else 1)
    )
    asked_when = study.pieces.take("WHEN") is not None
    clauses = take_clauses(study)
    if clauses.keys or clauses.having:
        return None
    if plural is not None and plural.kind in ("rows", "column") and clauses.order is None:
        return _by_date(study, first, number, asked_when=asked_when)
    if plural is not None and plural.kind == "value":
        return _by_date(study, first, number, asked_when=asked_when)
    if asked_when:
        return None
    method = "tail" if first.sense == "last" else "head"
    rows = study.cell.frame
    if clauses.order is not None and clauses.order.column is not None:
        by = study.column(clauses.order.column)
        options = f"{by!r}, descending={bool(clauses.order.descending)}"
        rows = f"{study.cell.use('sort_rows')}({study.cell.rows}, {options})"
    what = f"the {'last' if method == 'tail' else 'first'} {limit} rows of {study.told}"
    return saved_plan(study, clauses, f"{rows}.{method}({limit})", what)


def _first_of_value(study: Study) -> list[Piece | None] | None:
    """`the first warning`, `the last train`: rows called by a value, or by what names them."""
    found = study.pieces.find("FIRST value|column")
    if found is None or found[1][1] is None:
        return None
    piece = found[1][1]
    if piece.kind == "column" and piece.sense != "noun" and not _is_label(study, piece):
        return None
    study.pieces.use([p for p in found[1] if p is not None and p is not piece])
    if piece.kind == "column":
        study.pieces.use([piece])
    return found[1]


def _is_label(study: Study, piece: Piece) -> bool:
    return piece.columns == (study.label(),)


def _by_date(study: Study, first: Piece, number: Piece | None, *, asked_when: bool) -> Plan | None:
    """`the last order`, `the first three orders`: in the order of their dates."""
    contest = Contest(descending=first.sense == "last")
    contest.limit = None if number is None else whole_number(number)
    column = study.when()
    contest.measure = Measure(how="", column=column)
    if asked_when:
        how = "max" if contest.descending else "min"
        told = study.told
        series = f"{study.cell.settle()}[{column!r}]"
        if study.table.kind(column).name == "date" and study.table.kind(column).form != "ISO8601":
            series = study.cell.let("dates", study.cell.dates(column))
        return study.plan(f"{series}.{how}()", f"the {first.text} {column} in {told}")
    study.assume(f"the order is that of {column!r}")
    wanted = study.pieces.free("column")
    study.pieces.use(wanted)
    contest.more = tuple(c for c in map(study.column, wanted) if c != column)
    if study.table.line and not contest.more:
        contest.target = study.table.line
    return compare_rows(study, contest, Clauses(), column)

"""Rows and values as they are: filtered, sorted, looked up."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import Clauses, take_clauses, tidy
from agent.offline.tables.measures import saved_plan
from agent.offline.tables.study import Study


def select(study: Study) -> Plan | None:
    """`show orders above 400`, `names of employees in Berlin`, `what is the price of the Desk`."""
    clauses = take_clauses(study)
    if clauses.keys or clauses.having:
        return None
    who = study.pieces.take("WHO", "WHICH rows", "WHICH CMP/==? rows")
    distinct = study.pieces.take("DISTINCT column", "LIST 'all'? DISTINCT? column", "WHICH DISTINCT column")
    wanted = [p for p in distinct or () if p is not None and p.columns]
    wanted += study.pieces.free("column")
    study.pieces.use(wanted)
    study.pieces.take("rows|ROWS")
    columns = tuple(dict.fromkeys(study.column(piece) for piece in wanted))
    if not columns and who is not None and (label := study.label()):
        columns = (label,)
    if not columns and not study.cell.where and clauses.order is None and not clauses.saved:
        return _whole(study)
    different = distinct is not None and any(p and p.concept == "DISTINCT" for p in distinct)
    return _chosen_columns(study, clauses, columns, different=different)


def _whole(study: Study) -> Plan | None:
    """`show the table`."""
    if not study.pieces.take("LIST TABLE|ROWS|rows|file", "LIST 'all' ROWS|rows"):
        return None
    study.pieces.take("TABLE")
    return study.plan(study.cell.frame, f"all of {study.table.label}")


def _chosen_columns(
    study: Study, clauses: Clauses, columns: tuple[str, ...], *, different: bool
) -> Plan | None:
    cell = study.cell
    if len(columns) == 1 and clauses.order is None and not clauses.saved:
        return _values(study, columns[0], different=different)
    rows = cell.rows
    if clauses.order is not None:
        by = _sorting_column(study, clauses, columns)
        rows = f"{cell.use('sort_rows')}({rows}, {by!r}, descending={bool(clauses.order.descending)})"
    elif not cell.where:
        rows = cell.frame
    told = f"the rows of {study.told}"
    if len(columns) > 1:
        rows = f"{rows}[{list(columns)!r}]"
        told = f"{', '.join(columns)} in {study.told}"
    return saved_plan(study, clauses, rows, told)


def _sorting_column(study: Study, clauses: Clauses, columns: tuple[str, ...]) -> str:
    order = clauses.order
    assert order is not None
    if order.column is not None:
        return study.cell.number(study.column(order.column))
    if len(columns) == 1:
        return study.cell.number(columns[0])
    dates = study.columns_of("date")
    if len(dates) == 1:
        study.assume(f"the order is that of {dates[0]!r}")
        return dates[0]
    msg = f"nothing says by which column to sort; {study.table.label} has {study.there}"
    raise UnboundError(msg)


def _values(study: Study, column: str, *, different: bool) -> Plan | None:
    """The values of one column: the one value, if it is one row's."""
    cell = study.cell
    if study.table.kind(column).name == "number":
        cell.number(column)
    if study.table.kind(column).name == "text" and different:
        tidy(study, column)
    values = f"{cell.use('column_values')}({cell.rows}, {column!r})"
    if different or not cell.where:
        listed = cell.let("values", values)
        expression = f"list(dict.fromkeys(value for value in {listed} if value is not None))"
        return study.plan(expression, f"the different values of {column} in {study.told}")
    listed = cell.let("values", values)
    expression = f"{listed}[0] if len({listed}) == 1 else {listed}"
    return study.plan(expression, f"{column} in {study.told}")



"""Rows and values as they are: filtered, sorted, looked up."""

from __future__ import annotations

from itertools import pairwise

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import Clauses, take_clauses, tidy
from agent.offline.tables.measures import is_additive, saved_plan
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study


def select(study: Study) -> Plan | None:
    """`show orders above 400`, `names of employees in Berlin`, `what is the price of the Desk`."""
    clauses = take_clauses(study)
    if clauses.keys or clauses.having:
        return None
    who = study.pieces.take("WHO", "WHICH rows", "WHICH CMP/==? rows")
    distinct = study.pieces.take(
        "DISTINCT column", "LIST 'all'? DISTINCT? column", "WHICH DISTINCT column"
    )
    wanted = [p for p in distinct or () if p is not None and p.columns]
    free = study.pieces.free("column")
    said = [p for p in free if p.sense != "verb"]
    verbs = [p for p in free if _tells_who(study, p)] if who else free
    wanted += said or ([] if wanted else verbs)
    study.pieces.use([*wanted, *free])
    study.pieces.take("rows|ROWS")
    if study.cell.where and study.pieces.take("WHICH? EACHDATE/day", "WHEN"):
        return _chosen_columns(study, clauses, (study.when(),), different=True)
    columns = tuple(dict.fromkeys(study.column(piece) for piece in wanted))
    asked = who[0].concept if who is not None and who[0] is not None else ""
    if asked == "WHO" and not any(study.table.kind(c).name == "text" for c in columns):
        if columns:
            msg = f"{', '.join(columns)} does not tell who"
            raise UnboundError(msg)
        columns = tuple(filter(None, [study.person()]))
    if not columns and asked and (label := study.label()):
        columns = (label,)
    if study.negated and len(columns) == 1 and _repeats(study, columns[0]):
        msg = f"rows are not the same as each {columns[0]}: some rows may fit where others don't"
        raise UnboundError(msg)
    if not columns and not study.cell.where and clauses.order is None and not clauses.saved:
        return _whole(study)
    if study.several and columns and columns[0] != study.several and _means_all(study):
        msg = f"nothing says whether one of the values of {study.several} is enough, or all"
        raise UnboundError(msg)
    columns = _with_label(study, columns)
    different = distinct is not None and any(p and p.concept == "DISTINCT" for p in distinct)
    if not different and len(columns) == 1 and study.cell.where and _repeats(study, columns[0]):
        study.assume(f"each {columns[0]} is listed once")
        different = True
    return _chosen_columns(study, clauses, columns, different=different)


_DOING = frozenset(("both", "bought", "ordered", "purchased", "buy", "sold", "wrote", "written"))


def _means_all(study: Study) -> bool:
    """`who bought a rake and a stool`: both may be wanted."""
    return any(piece.text.lower() in _DOING for piece in study.pieces.items)


def _with_label(study: Study, columns: tuple[str, ...]) -> tuple[str, ...]:
    """`everyone in Berlin with their pay`: the name as well."""
    words = [piece.text.lower() for piece in study.pieces.items]
    beside = any(pair in _WITH_THEIR for pair in pairwise(words))
    label = study.label() if beside and columns else None
    return columns if label is None or label in columns else (label, *columns)


_WITH_THEIR = frozenset(("with", word) for word in ("their", "its", "his", "her"))


def _tells_who(study: Study, piece: Piece) -> bool:
    """Whether a verb speaks of somebody: `wrote` of the author, but `placed` of a date."""
    return all(study.table.kind(column).name == "text" for column in piece.columns)


def _repeats(study: Study, column: str) -> bool:
    kind = study.table.kind(column)
    return kind.name == "text" and not kind.unique


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
    if clauses.order is None and not clauses.saved and not columns and _asks_whether(study):
        where = f", {cell.where!r}" if cell.where else ""
        call = f"{cell.use('count_rows')}({cell.base}{where}) > 0"
        return study.plan(call, f"whether there are rows in {study.told}")
    if len(columns) == 1 and clauses.order is None and _wants_sum(study, columns[0]):
        study.assume(f"{columns[0]!r} is added up")
        call = f"{cell.use('summarize_column')}({cell.rows}, {columns[0]!r}, how='sum')"
        return study.plan(call, f"the sum of {columns[0]} in {study.told}")
    if len(columns) == 1 and clauses.order is None and not clauses.saved:
        return _values(study, columns[0], different=different)
    by = "" if clauses.order is None else _sorting_column(study, clauses, columns)
    rows = cell.rows
    if clauses.order is not None:
        rows = (
            f"{cell.use('sort_rows')}({rows}, {by!r}, descending={bool(clauses.order.descending)})"
        )
    elif not cell.where:
        rows = cell.frame
    told = f"the rows of {study.told}"
    if len(columns) == 1 and not clauses.saved:
        values = f"{cell.use('column_values')}({rows}, {columns[0]!r})"
        return study.plan(values, f"{columns[0]} of {study.told}, in order")
    if len(columns) > 1:
        rows = f"{rows}[{list(columns)!r}]"
        told = f"{', '.join(columns)} in {study.told}"
    return saved_plan(study, clauses, rows, told)


def asks_whether(words: list[str]) -> bool:
    """Whether yes or no is wanted, to judge by how a question begins."""
    return bool(words) and words[0].split()[0] in _WHETHER


_WHETHER = frozenset("is are was were does do did has have".split())  # noqa: SIM905 -- as in the lexicon


def _wants_sum(study: Study, column: str) -> bool:
    """`what were the sales in March`: of one row, the sum is its value."""
    items = study.pieces.items
    asked = any(piece.concept in ("WHICH", "MUCH") for piece in items)
    asked = asked or items[0].text.lower() in ("total", "sum")  # though a column is called so
    numbers = column not in study.table.columns or study.table.kind(column).name == "number"
    if asked and numbers and is_additive(column):
        study.cell.number(column)
        return True
    return False


def _asks_whether(study: Study) -> bool:
    """`is Dracula in stock`, `are there orders over 500`."""
    words = [piece.text.lower() for piece in study.pieces.items]
    return asks_whether(words) and not {"all", "every", "only"} & set(words)


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
        what = f"the different values of {column} in {study.told}"
        if cell.where:
            found = cell.let("found", expression)
            return study.plan(f"{found}[0] if len({found}) == 1 else {found}", what)
        return study.plan(expression, what)
    listed = cell.let("values", values)
    expression = f"{listed}[0] if len({listed}) == 1 else {listed}"
    return study.plan(expression, f"{column} in {study.told}")

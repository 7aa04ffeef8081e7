"""What is measured: a count, a mean, a sum … of all rows or of each group."""

from __future__ import annotations

from dataclasses import dataclass

from agent.offline.plan import Plan, UnboundError
from agent.offline.synthesis.words import stem
from agent.offline.tables.clauses import PARTS_IN_ORDER, Clauses, Order, key_of, take_clauses
from agent.offline.tables.hints import ADDITIVE, BAD, INTENSIVE, MONEY
from agent.offline.tables.naming import words_of_column
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen

NAMES = {
    "mean": "mean",
    "median": "median",
    "sum": "sum",
    "max": "largest value",
    "min": "smallest value",
    "std": "standard deviation",
    "var": "variance",
    "range": "range",
    "unique": "number of different values",
    "count": "number of values",
}
_BY_TOOL = frozenset(("mean", "median", "sum", "max", "min", "std", "unique", "count"))
_METHODS = {"unique": "nunique"}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is calculated of a group of rows.

    Attributes:
        how: As the tools call it; `count` without a column counts rows.
        column: Of what; "" for rows.
    """

    how: str
    column: str = ""

    @property
    def told(self) -> str:
        """In words."""
        return f"the {NAMES[self.how]} of {self.column}" if self.column else "the number of rows"

    @property
    def name(self) -> str:
        """What the column of results is called."""
        return self.column or "count"


def take_measure(study: Study) -> Measure | None:
    """`average price`, `how many orders`, `total quantity`; None if nothing is measured."""
    pieces = study.pieces
    if found := pieces.take(
        "COUNT rows|ROWS? DISTINCT column",
        "DISTINCT column COUNT",
        "COUNT rows|ROWS 'with' DISTINCT column",
    ):
        return Measure(how="unique", column=study.column(_column(found)))
    if found := pieces.take("AGG rows? column", "column rows? CMP/==? 'in'? AGG", "column AGG"):
        how = next(p.sense for p in found if p is not None and p.concept == "AGG")
        return Measure(how=how, column=study.number(_column(found)))
    if found := pieces.take("COUNT column CMP/==? DISTINCT"):
        return Measure(how="unique", column=study.column(_column(found)))
    if (added := _added_up(study)) is not None:
        return added
    if (found := pieces.take("COUNT DISTINCT? EACHDATE")) and found[-1]:
        if any(piece.text.lower() in _LASTING for piece in pieces.items):
            msg = f"'how many {found[-1].text}' may ask how long something lasted"
            raise UnboundError(msg)
        return Measure(how="unique", column=key_of(study, found[-1]))
    if (paid := _paid(study)) is not None:
        return paid
    if pieces.take("AGG/sum COUNT rows|ROWS?", "COUNT AGG/sum? rows|ROWS", "COUNT", "AGG/sum rows"):
        return Measure(how="count")
    return None


_LASTING = frozenset(("been", "old", "ago", "since", "until", "last", "lasted", "passed"))


def _added_up(study: Study) -> Measure | None:
    """`how many visitors`, `number of units sold`: numbers that count something already."""
    found = study.pieces.find("COUNT column")
    piece = found[1][1] if found is not None else None
    if (
        found is None
        or piece is None
        or not study.is_number(piece)
        or not is_additive(piece.columns[0])
    ):
        return None
    study.pieces.used |= found[0]
    column = study.number(piece)
    study.assume(f"{column!r} is added up")
    return Measure(how="sum", column=column)


def _paid(study: Study) -> Measure | None:
    """`sum of the expenses`, `average expense`: of the one column that says how much each was.

    Raises:
        UnboundError: If rows are to be added up and no column says how much each is.
    """
    found = study.pieces.find("AGG rows")
    how, rows = (found[1][0], found[1][1]) if found else (None, None)
    if found is None or how is None or rows is None:
        return None
    apart = how.sense == "sum" and rows.start > how.end  # `the total of the orders`
    money = apart or stem(rows.text.lower()) in MONEY
    columns = study.hinted("amount", "total", "cost", "price", "value") if money else ()
    if len(columns) == 1:
        study.pieces.used |= found[0]
        study.assume(f"{rows.text!r} was read as the column {columns[0]!r}")
        return Measure(how=how.sense, column=study.cell.number(columns[0]))
    if money or how.text.lower().startswith(("sum", "add")):
        msg = f"nothing says what is added up of the {rows.text}"
        raise UnboundError(msg)
    return None


def is_additive(column: str) -> bool:
    """Whether the values of a column are such as one adds up."""
    if " * " in column:
        return True
    words = words_of_column(column)
    if INTENSIVE & set(words):
        return False
    return bool(ADDITIVE & {*words, *(f"{word}s" for word in words)})


def _column(found: list[Piece | None]) -> Piece:
    return next(piece for piece in found if piece is not None and piece.columns)


def aggregate(study: Study) -> Plan | None:
    """One number, or one for each group."""
    if (each := _each_column(study)) is not None:
        return each
    clauses = take_clauses(study)
    percentile = study.pieces.take("number 'th'|'st'|'nd'|'rd'? PERCENTILE column")
    if percentile and percentile[0] and percentile[-1]:
        return _percentile(study, percentile[0].number, study.number(percentile[-1]))
    measure = take_measure(study) or _implied(study, clauses)
    if measure is None:
        return None
    if clauses.keys:
        if measure == Measure(how="count") and (other := _counted_column(study)):
            measure = Measure(how="unique", column=other)
        return groups_plan(study, clauses, measure)
    if study.several and measure.column:
        return _together_or_each(study, clauses, measure)
    if measure.how == "count" and (other := _counted_column(study)):
        measure = Measure(how="unique", column=other)
    if study.pieces.take("AND AGG") or study.pieces.has("AND column", "AGG"):
        return None
    expression = value_of(study, measure)
    if clauses.digits is not None:
        expression = f"round({expression}, {clauses.digits})"
    return study.plan(expression, f"{measure.told} in {study.told}")


def _together_or_each(study: Study, clauses: Clauses, measure: Measure) -> Plan:
    """`mean price in Berlin and Bonn`: of all these rows, or for each city."""
    each = study.pieces.take("'compare'|'compared'|VS") is not None
    if not each:
        question = (
            f"Is {measure.told} wanted for each {study.several}, or for all of them together?"
        )
        each = chosen(question, ("each", "together"), study.answers) == "each"
    if each:
        clauses.keys = (study.several,)
        return groups_plan(study, clauses, measure)
    return study.plan(value_of(study, measure), f"{measure.told} in {study.told}")


def _each_column(study: Study) -> Plan | None:
    """`the average of each subject`: of every column of numbers."""
    columns = " ".join(("COLUMNS", "'subject'", "'subjects'", "'exam'", "'test'")).replace(" ", "|")
    found = study.pieces.take(f"AGG rows? PER {columns}", f"AGG 'of'? PER {columns}")
    if found is None or found[0] is None:
        return None
    take_clauses(study)
    numbers = [study.cell.number(column) for column in study.columns_of("number")]
    expression = f"{study.cell.settle()}[{numbers!r}].{found[0].sense}().to_dict()"
    return study.plan(expression, f"the {found[0].sense} of each column of numbers of {study.told}")


def _implied(study: Study, clauses: Clauses) -> Measure | None:
    """`sales by region`: a sum, or a mean of what can't be added up; `errors per hour`: a count."""
    if not clauses.keys:
        return None
    found = study.pieces.take("MUCH? column")
    if found is None and any(piece.concept == "MUCH" for piece in study.pieces.items):
        return _money(study)
    if found is None:
        study.pieces.take("rows|ROWS")
        return Measure(how="count")
    if _column(found).sense == "noun":
        return Measure(how="count")
    column = study.number(_column(found))
    if not is_additive(column):
        msg = f"say what is wanted of {column!r} for each group: its sum, its mean, …"
        raise UnboundError(msg)
    study.assume(f"{column!r} is added up")
    return Measure(how="sum", column=column)


def _money(study: Study) -> Measure:
    """`how much has each person paid`: the sum of the one column of amounts.

    Raises:
        UnboundError: If there is none.
    """
    columns = study.hinted("amount", "total", "revenue", "sales", "spent")
    if len(columns) != 1:
        msg = f"nothing says how much of what; {study.table.label} has {study.there}"
        raise UnboundError(msg)
    study.assume(f"{columns[0]!r} is added up")
    return Measure(how="sum", column=study.cell.number(columns[0]))


def _counted_column(study: Study) -> str | None:
    """`how many cities are there`: the different values of that column, not rows."""
    found = study.pieces.take("column")
    if found is None or found[0] is None:
        return None
    column = study.column(found[0])
    if study.is_number(found[0]):
        msg = f"'how many' fits no numbers: say which sum or count of {column!r} is meant"
        raise UnboundError(msg)
    if not study.table.kind(column).unique:
        study.assume(f"different values of {column!r} are counted")
    return column


def _percentile(study: Study, percent: str, column: str) -> Plan:
    values = f"{study.cell.use('column_values')}({study.cell.rows}, {column!r})"
    present = f"[value for value in {values} if value is not None]"
    call = f"{study.cell.use('percentile_of')}({present}, {percent})"
    return study.plan(call, f"the {percent}th percentile of {column} in {study.told}")


def value_of(study: Study, measure: Measure) -> str:
    """One number for all rows asked about, as an expression."""
    cell = study.cell
    if not measure.column:
        where = f", {cell.where!r}" if cell.where else ""
        return f"{cell.use('count_rows')}({cell.base}{where})"
    if measure.how in _BY_TOOL:
        return (
            f"{cell.use('summarize_column')}({cell.rows}, {measure.column!r}, how={measure.how!r})"
        )
    column = f"{cell.settle()}[{measure.column!r}]"
    return f"{column}.var()" if measure.how == "var" else f"{column}.max() - {column}.min()"


def groups_plan(study: Study, clauses: Clauses, measure: Measure) -> Plan:
    """A table with one row for each group."""
    groups = groups_of(study, clauses, measure)
    by = " and ".join(clauses.keys)
    order, limit = clauses.order, clauses.limit
    sentence = f"{measure.told} for each {by} in {study.told}"
    if order is not None or limit:
        groups = in_order(study, groups, order or Order(descending=True), measure, clauses)
        sentence += ", in order" + (f", the first {limit}" if limit else "")
    if clauses.digits is not None:
        groups = f"{groups}.round({clauses.digits})"
    return saved_plan(study, clauses, groups, sentence)


def groups_of(study: Study, clauses: Clauses, measure: Measure) -> str:
    """The groups with what is measured of them, as an expression."""
    cell, keys = study.cell, clauses.keys
    name = measure.name if measure.name not in keys else f"{measure.how} of {measure.name}"
    if not measure.column and len(keys) == 1 and not _is_part(study, keys[0]):
        groups = f"{cell.use('value_counts')}({cell.rows}, {keys[0]!r})"
    elif (
        measure.column
        and len(keys) == 1
        and measure.how in _BY_TOOL
        and not _is_part(study, keys[0])
    ):
        what = f"{keys[0]!r}, {measure.column!r}, how={measure.how!r}"
        groups = f"{cell.use('group_by')}({cell.rows}, {what})"
    else:
        groups = _by_pandas(study, keys, measure, name)
    if clauses.having:
        wanted = clauses.having
        limit = Measure(how=wanted.how, column=wanted.column)
        if limit != measure:
            msg = "groups are chosen by one thing and measured by another"
            raise UnboundError(msg)
        condition = f"`{name}` {wanted.sign} {wanted.number}"
        groups = f"{cell.use('filter_rows')}({groups}, {condition!r})"
    return groups


def groups_with(study: Study) -> Plan | None:
    """`departments with more than 5 employees`, `how many customers ordered at least twice`."""
    clauses = take_clauses(study)
    wanted = clauses.having
    counted = study.pieces.take("COUNT") is not None
    study.pieces.take("WHICH|LIST")
    named = study.pieces.take("column|EACHDATE")
    if wanted is None or clauses.keys or named is None or named[0] is None:
        return None
    clauses.keys = (key_of(study, named[0]),)
    measure = Measure(how=wanted.how, column=wanted.column)
    groups = groups_of(study, clauses, measure)
    key = clauses.keys[0]
    limit = f"{measure.told.removeprefix('the ')} is {wanted.sign} {wanted.number}"
    what = f"each {key} whose {limit} in {study.told}"
    if counted:
        return study.plan(f"len({groups})", f"how many there are of {what}")
    return study.plan(f"{groups}[{key!r}].tolist()", what)


def _is_part(study: Study, key: str) -> bool:
    return key not in study.table.columns


def _by_pandas(study: Study, keys: tuple[str, ...], measure: Measure, name: str) -> str:
    grouped = f"{study.cell.frame}.groupby({list(keys)!r})"
    if "weekday" in keys:
        grouped = _in_week_order(study, keys)
    if not measure.column:
        return f"{grouped}.size().reset_index(name={name!r})"
    column = f"{grouped}[{measure.column!r}]"
    if measure.how == "range":
        return (
            f"{column}.agg(lambda values: values.max() - values.min()).reset_index(name={name!r})"
        )
    return f"{column}.{_METHODS.get(measure.how, measure.how)}().reset_index(name={name!r})"


def _in_week_order(study: Study, keys: tuple[str, ...]) -> str:
    days = f"{study.cell.pandas()}.CategoricalDtype({list(PARTS_IN_ORDER)!r}, ordered=True)"
    study.cell.derive("weekday", f"{study.cell.whole()}['weekday'].astype({days})", "order")
    return f"{study.cell.frame}.groupby({list(keys)!r}, observed=True)"


def in_order(study: Study, table: str, order: Order, measure: Measure, clauses: Clauses) -> str:
    """A table of groups, sorted."""
    by = measure.name
    if order.column is not None and by not in order.column.columns:
        by = study.column(order.column)
    if by not in (*clauses.keys, measure.name):
        by = measure.name
    descending = by == measure.name if order.descending is None else order.descending
    if order.by_quality and BAD & set(words_of_column(by)):
        descending = not descending
    options = f"{by!r}, descending={descending}" + (
        f", limit={clauses.limit}" if clauses.limit else ""
    )
    return f"{study.cell.use('sort_rows')}({table}, {options})"


def saved_plan(study: Study, clauses: Clauses, table: str, sentence: str) -> Plan:
    """A plan that ends with a table, kept in a file if that is asked."""
    if not clauses.saved:
        return study.plan(table, sentence)
    result = study.cell.let("result", table)
    call = f"{study.cell.use('save_table')}({result}, {clauses.saved!r})"
    return study.plan(call, f"{sentence}, saved as {clauses.saved}")

"""Readings of questions about a table: each knows one kind of question.

A frame returns a plan, or None if the question is of another kind. It may explain tokens only if
it returns a plan.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.offline.plan import Plan, UnboundError
from agent.offline.question import TableQuestion
from agent.offline.vocabulary import AGGREGATES, ROW_WORDS

Frame = Callable[[TableQuestion], Plan | None]

_NAMES = {
    "mean": "mean",
    "median": "median",
    "sum": "sum",
    "max": "largest value",
    "min": "smallest value",
    "std": "standard deviation",
}
_PROFILING = frozenset(
    ("profile", "describe", "summarize", "summarise", "overview", "summary", "inspect", "explore")
)
_COUNTING = frozenset(("count", "number"))
_LAST_OF_ALL = frozenset(("earliest", "latest"))
_RANKING = _LAST_OF_ALL | {"top", "first", "sort", "sorted", "order", "ordered", "rank"}
_DOWN = frozenset(
    ("top", "descending", "decreasing", "largest", "highest", "biggest", "down", "latest")
)
_UP = frozenset(("bottom", "ascending", "increasing", "smallest", "lowest", "up", "earliest"))
_RELATING = frozenset(("correlation", "correlate", "correlated", "related"))
_DIFFERENT = frozenset(("different", "unique", "distinct"))
_FREQUENCY = frozenset(
    ("common", "frequent", "often", "frequency", "frequencies", "counts", "occurs", "occur")
)


def correlation(question: TableQuestion) -> Plan | None:
    """How strongly two columns are related."""
    reading = question.reading
    if reading.index_of(_RELATING) is None:
        return None
    reading.take_all({*_RELATING, "between", "and", "with", "strongly"})
    x, y = _exactly(question, 2, "a correlation")
    call = f"{question.use('correlation')}({question.rows}, {x!r}, {y!r})"
    return question.plan(call, f"Pearson's correlation of {x} and {y} in {question.told}")


def count_rows(question: TableQuestion) -> Plan | None:
    """How many rows there are, or meet a condition."""
    reading = question.reading
    many = reading.has("how", "many") is not None or reading.index_of(_COUNTING) is not None
    about_rows = reading.index_of(ROW_WORDS) is not None
    if not many or not (about_rows or question.where is not None or _speaks_of_table(question)):
        return None
    if question.group_follows() or question.counts_columns():
        return None
    reading.take_phrase("how", "many")
    reading.take_all(ROW_WORDS | _COUNTING)
    condition = "" if question.where is None else f", {question.where!r}"
    call = f"{question.use('count_rows')}({question.table.source}{condition})"
    return question.plan(call, f"the number of rows in {question.told}")


def count_columns(question: TableQuestion) -> Plan | None:
    """How many columns there are."""
    reading = question.reading
    if not question.counts_columns() or question.where is not None:
        return None
    reading.take_all(_COUNTING)
    call = f"len({question.use('read_table')}({question.table.source}).columns)"
    return question.plan(call, f"the number of columns of {question.told}")


def missing_values(question: TableQuestion) -> Plan | None:
    """How many values are missing."""
    reading = question.reading
    if question.where is not None or reading.index_of(("missing", "empty", "nan", "null")) is None:
        return None
    reading.take_all({"missing", "empty", "nan", "null", "many", "how", "any", "count"})
    columns = question.columns()
    if len(columns) == 1:
        call = f"{question.use('summarize_column')}({question.rows}, {columns[0]!r}, how='missing')"
        return question.plan(call, f"missing values of {columns[0]} in {question.told}")
    if columns:
        return None
    call = f"{question.use('missing_values')}({question.rows})"
    return question.plan(call, f"missing values in each column of {question.told}")


def distinct(question: TableQuestion) -> Plan | None:
    """Which different values a column has, or how many."""
    reading = question.reading
    if reading.index_of(_DIFFERENT) is None or reading.index_of(AGGREGATES) is not None:
        return None
    counted = reading.has("how", "many") is not None or reading.index_of(_COUNTING) is not None
    reading.take_all(_DIFFERENT | _COUNTING | {"how", "many", "list", "all"})
    (column,) = _exactly(question, 1, "finding different values")
    if not counted:
        call = f"{question.use('value_counts')}({question.rows}, {column!r})"
        what = f"the different values of {column} in {question.told}, and how often each occurs"
        return question.plan(call, what)
    call = f"{question.use('summarize_column')}({question.rows}, {column!r}, how='unique')"
    return question.plan(call, f"the number of different values of {column} in {question.told}")


def value_counts(question: TableQuestion) -> Plan | None:
    """How often each value of a column occurs."""
    reading = question.reading
    per_group = question.group_follows() and (
        reading.has("how", "many") is not None
        or reading.index_of(_COUNTING | ROW_WORDS) is not None
    )
    if reading.index_of(_FREQUENCY) is None and not per_group:
        return None
    if reading.index_of(AGGREGATES) is not None:
        return None
    reading.take_all(_FREQUENCY | _COUNTING | ROW_WORDS | {"most", "how", "many", "value", "does"})
    group = question.group()
    columns = [group] if group else question.columns()
    if len(columns) != 1:
        raise UnboundError(_needs("counting values", 1, columns, question))
    call = f"{question.use('value_counts')}({question.rows}, {columns[0]!r})"
    return question.plan(call, f"how often each {columns[0]} occurs in {question.told}")


def aggregate(question: TableQuestion) -> Plan | None:
    """One number for a column, or one for each group."""
    if question.reading.index_of(_RANKING) is not None:
        return None
    if question.reading.index_of(AGGREGATES) is None:
        return None
    by = question.group()
    how = question.aggregate()
    if how is None:
        return None
    (column,) = _exactly(question, 1, f"a {how}")
    what = f"the {_NAMES[how]} of {column}"
    if by is None and how in ("max", "min") and _asks_for_row(question):
        options = f"{column!r}, descending={how == 'max'}, limit=1"
        call = f"{question.use('sort_rows')}({question.rows}, {options})"
        return question.plan(call, f"the row with {what} in {question.told}")
    if by is None:
        call = f"{question.use('summarize_column')}({question.rows}, {column!r}, how={how!r})"
        return question.plan(call, f"{what} in {question.told}")
    call = f"{question.use('group_by')}({question.rows}, {by!r}, {column!r}, how={how!r})"
    return question.plan(call, f"{what} for each {by} in {question.told}")


def ranking(question: TableQuestion) -> Plan | None:
    """Rows in the order of a column, or the first of them."""
    reading = question.reading
    if reading.index_of(_RANKING) is None:
        return None
    if reading.index_of(("top",)) is not None and reading.index_of(("by",)) is None:
        msg = "'top' leaves open by what: say e.g. `top 3 rows by COLUMN`"
        raise UnboundError(msg)
    down = reading.index_of(_DOWN) is not None
    up = reading.index_of(_UP) is not None
    limit = _count(question) if reading.index_of(("top", "first")) is not None else None
    if reading.index_of(_LAST_OF_ALL) is not None:
        limit = limit or 1
    reading.take_all(_RANKING | _DOWN | _UP | ROW_WORDS | {"by", "order"})
    (column,) = _exactly(question, 1, "sorting")
    options = f", descending={down and not up}" + (f", limit={limit}" if limit else "")
    call = f"{question.use('sort_rows')}({question.rows}, {column!r}{options})"
    head = f"the first {_rows(limit)}" if limit else "the rows"
    order = "largest first" if down and not up else "smallest first"
    return question.plan(call, f"{head} of {question.told} by {column}, {order}")


def head(question: TableQuestion) -> Plan | None:
    """The first rows as they come."""
    reading = question.reading
    if reading.index_of(("first", "head")) is None or reading.index_of(ROW_WORDS) is None:
        return None
    limit = _count(question) or (5 if reading.index_of(("row", "record")) is None else 1)
    reading.take_all(ROW_WORDS | {"first", "head"})
    call = f"{question.use('read_table')}({question.table.source}).head({limit})"
    if question.where is not None:
        call = f"{question.rows}.head({limit})"
    return question.plan(call, f"the first {_rows(limit)} of {question.told}")


def filtering(question: TableQuestion) -> Plan | None:
    """The rows that meet a condition."""
    reading = question.reading
    if question.where is None:
        return None
    wanted = ROW_WORDS | {"filter", "select", "list", "keep", "only", "all"}
    if reading.index_of(wanted) is None and not _speaks_of_table(question):
        return None
    reading.take_all(wanted)
    call = f"{question.use('filter_rows')}({question.table.source}, {question.where!r})"
    return question.plan(call, f"the rows of {question.told}")


def profile(question: TableQuestion) -> Plan | None:
    """What is in the table."""
    reading = question.reading
    listing = any(reading.has(word, "columns") is not None for word in ("what", "which", "the"))
    if question.where is not None or (reading.index_of(_PROFILING) is None and not listing):
        return None
    reading.take_all(_PROFILING | {"contents", "content", "all", "over"})
    call = f"{question.use('profile_table')}({question.rows})"
    return question.plan(call, f"a profile of {question.told}: one row for each column")


FRAMES: tuple[Frame, ...] = (
    correlation,
    distinct,
    value_counts,
    missing_values,
    count_columns,
    count_rows,
    ranking,
    head,
    aggregate,
    profile,
    filtering,
)


def _exactly(question: TableQuestion, count: int, purpose: str) -> list[str]:
    """The columns that are mentioned, if there are so many.

    Raises:
        UnboundError: If there are more or fewer.
    """
    columns = question.columns()
    if len(columns) != count:
        raise UnboundError(_needs(purpose, count, columns, question))
    return columns


def _needs(purpose: str, count: int, columns: list[str], question: TableQuestion) -> str:
    there = ", ".join(question.table.columns[:12])
    noun = "column" if count == 1 else "columns"
    if not question.table.columns:
        return f"{purpose} needs {count} {noun}, but those of {question.table.label} can't be seen"
    found = f"found {', '.join(columns)}" if columns else _found_none(question)
    return f"{purpose} needs {count} {noun}, {found}; {question.table.label} has {there}"


def _found_none(question: TableQuestion) -> str:
    words = ", ".join(map(repr, question.reading.unexplained()[:3]))
    return f"found none (unknown: {words})" if words else "found none"


def _asks_for_row(question: TableQuestion) -> bool:
    """Whether `who has the highest` is asked, which a number does not answer."""
    return any(token.word in ("who", "which", "whose", "when") for token in question.reading.tokens)


def _rows(count: int) -> str:
    return "row" if count == 1 else f"{count} rows"


def _speaks_of_table(question: TableQuestion) -> bool:
    """Whether nothing but the table is counted: `how many penguins are there`."""
    rest = set(map(str.lower, question.reading.unexplained()))
    return rest <= {"many", "number", "count", "all", "only", "list", "filter"}


def _count(question: TableQuestion) -> int | None:
    """The number in `top 5`; it counts as explained."""
    tokens = question.reading.tokens
    for index, token in enumerate(tokens):
        before = tokens[index - 1].word if index else ""
        if token.kind == "number" and before in ("top", "first") and token.text.isdigit():
            question.reading.explain(index)
            return int(token.text)
    return None

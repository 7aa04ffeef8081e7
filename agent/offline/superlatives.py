"""Readings of `which X has the most …`: groups compared with each other."""

from __future__ import annotations

from agent.offline.columns import mentions
from agent.offline.plan import Plan
from agent.offline.question import TableQuestion
from agent.offline.vocabulary import AGGREGATES, ROW_WORDS

_ASKING = frozenset(("which", "what", "whose"))
_HAVING = frozenset(("has", "have", "with"))
_EXTREMES = frozenset(("max", "min"))


def most_frequent(question: TableQuestion) -> Plan | None:
    """`which island has the most penguins`: the values of a column by how often they occur."""
    reading = question.reading
    asked = reading.index_of(_ASKING) is not None and reading.index_of(("most",)) is not None
    if not asked or reading.index_of(AGGREGATES) is not None:
        return None
    reading.take_all({"most", *_ASKING, *_HAVING, *ROW_WORDS})
    columns = question.columns()
    if len(columns) != 1:
        return None
    call = f"{question.use('value_counts')}({question.rows}, {columns[0]!r})"
    what = f"how often each {columns[0]} occurs in {question.told}, the most frequent first"
    return question.plan(call, what)


def extreme_group(question: TableQuestion) -> Plan | None:
    """`which species has the highest mean body mass`: the group that comes first."""
    reading = question.reading
    words = [AGGREGATES[t.word] for t in reading.tokens if t.word in AGGREGATES]
    extremes = [word for word in words if word in _EXTREMES]
    inner = [word for word in words if word not in _EXTREMES]
    if not _asks_for_group(question) or len(extremes) != 1 or len(inner) > 1:
        return None
    reading.take_all({*AGGREGATES, *_ASKING, *_HAVING})
    columns = question.columns()
    if len(columns) != 2:
        return None
    by, column = columns
    how, descending = (inner or extremes)[0], extremes[0] == "max"
    groups = f"{question.use('group_by')}({question.rows}, {by!r}, {column!r}, how={how!r})"
    call = f"{question.use('sort_rows')}({groups}, {column!r}, descending={descending}, limit=1)"
    order = "largest" if descending else "smallest"
    return question.plan(call, f"the {by} with the {order} {how} of {column} in {question.told}")


def _asks_for_group(question: TableQuestion) -> bool:
    """Whether it begins like `which species has`."""
    tokens = question.reading.tokens
    for mention in mentions(question.reading, question.table):
        before = tokens[mention.start - 1].word if mention.start else ""
        after = tokens[mention.end].word if mention.end < len(tokens) else ""
        if before in _ASKING and after in _HAVING:
            return True
    return False

"""Readings of requests for plots."""

from __future__ import annotations

from agent.offline.columns import Mention, mentions, resolve
from agent.offline.plan import Plan, UnboundError
from agent.offline.question import TableQuestion
from agent.offline.vocabulary import AGAINST, COLOURED, PER, PLOTTING, SAVING

_HISTOGRAM = frozenset(("histogram", "distribution"))
_SCATTER = frozenset(("scatter", "scatterplot"))
_BAR = frozenset(("bar", "bars", "barplot"))
_LINE = frozenset(("line", "trend"))
_BOX = frozenset(("box", "boxplot", "boxes"))
_KINDS = _HISTOGRAM | _SCATTER | _BAR | _LINE | _BOX


def picture(question: TableQuestion) -> Plan | None:
    """A plot of the kind that is named, or that the columns call for."""
    reading = question.reading
    kind = next((t.word for t in reading.tokens if t.word in _KINDS), "")
    if not kind and reading.index_of(PLOTTING) is None:
        return None
    path = _path(question)
    reading.take_all(PLOTTING | _KINDS | SAVING | {"as", "to", "under", "graph", "plot"})
    color = _colour(question)
    if kind in _HISTOGRAM:
        return _histogram(question, _bins(question) + path)
    if kind in _BOX:
        return _grouped(question, "plot_box", "a box plot", path)
    if kind in _BAR:
        return _bars(question, path)
    return _two(question, kind, color, path)


def _path(question: TableQuestion) -> str:
    """The `path=` argument; the picture's name counts as explained."""
    reading = question.reading
    names = reading.pictures()
    if len(names) > 1:
        msg = "one plot can be saved under one name only"
        raise UnboundError(msg)
    reading.explain(*names)
    return f", path={reading.tokens[names[0]].text!r}" if names else ""


def _colour(question: TableQuestion) -> str | None:
    reading = question.reading
    index = reading.index_of(COLOURED)
    if index is None:
        return None
    after = [m for m in mentions(reading, question.table) if m.start > index]
    if not after:
        msg = f"no column of {question.table.label} is named for the colour"
        raise UnboundError(msg)
    reading.take_all(COLOURED)
    column = resolve(reading, after[0], question.answers, role="column for the colour")
    reading.take_all({"by", "according"})
    return column


def _bins(question: TableQuestion) -> str:
    """The `bins=` argument of `with 30 bins`."""
    tokens = question.reading.tokens
    for index, token in enumerate(tokens[:-1]):
        if token.text.isdigit() and tokens[index + 1].word in ("bins", "bars"):
            question.reading.explain(index, index + 1)
            return f", bins={int(token.text)}"
    return ""


def _histogram(question: TableQuestion, options: str) -> Plan:
    columns = question.columns()
    if len(columns) != 1:
        raise UnboundError(_missing("a histogram", "one column", question))
    call = f"{question.use('plot_histogram')}({question.rows}, {columns[0]!r}{options})"
    return question.plan(call, f"a histogram of {columns[0]} in {question.told}")


def _grouped(question: TableQuestion, tool: str, what: str, path: str) -> Plan:
    by = question.group()
    columns = question.columns()
    if by is None or len(columns) != 1:
        raise UnboundError(_missing(what, "one column, and `by` another", question))
    call = f"{question.use(tool)}({question.rows}, {columns[0]!r}, {by!r}{path})"
    return question.plan(call, f"{what} of {columns[0]} for each {by} in {question.told}")


def _bars(question: TableQuestion, path: str) -> Plan:
    by, how = question.group(), question.aggregate()
    columns = question.columns()
    if len(columns) > 1 or not (columns or by):
        raise UnboundError(_missing("a bar chart", "one column", question))
    column = columns[0] if columns else by
    if not columns or by is None:
        call = f"{question.use('plot_bar')}({question.rows}, {column!r}{path})"
        return question.plan(call, f"a bar chart of how often each {column} occurs")
    how = how or "mean"
    grouping = f"by={by!r}, how={how!r}"
    call = f"{question.use('plot_bar')}({question.rows}, {column!r}, {grouping}{path})"
    return question.plan(
        call, f"a bar chart of the {how} of {column} for each {by} in {question.told}"
    )


def _two(question: TableQuestion, kind: str, color: str | None, path: str) -> Plan:
    """Two columns: `Y against X`, or `X and Y`."""
    reading = question.reading
    found = mentions(reading, question.table)
    if len(found) != 2:
        raise UnboundError(_missing("a plot", "two columns, e.g. `Y against X`", question))
    y, x = _ordered(question, found)
    if kind in _LINE:
        call = f"{question.use('plot_line')}({question.rows}, {x!r}, {y!r}{path})"
        return question.plan(call, f"a line chart of {y} along {x} in {question.told}")
    colour = "" if color is None else f", color={color!r}"
    call = f"{question.use('plot_scatter')}({question.rows}, {x!r}, {y!r}{colour}{path})"
    told = f", coloured by {color}" if color else ""
    return question.plan(call, f"a scatter plot of {y} against {x} in {question.told}{told}")


def _ordered(question: TableQuestion, found: list[Mention]) -> tuple[str, str]:
    """(Y, X); the words between them count as explained."""
    reading = question.reading
    first, second = (resolve(reading, mention, question.answers) for mention in found)
    between = {t.word for t in reading.tokens[found[0].end : found[1].start]}
    reading.take_all(AGAINST | PER | {"and", "with"})
    if between & (AGAINST | PER):
        return first, second
    reading.assumptions.append(f"{first} goes across and {second} up")
    return second, first


def _missing(what: str, needs: str, question: TableQuestion) -> str:
    there = ", ".join(question.table.columns[:12])
    return f"{what} needs {needs}; {question.table.label} has {there}"

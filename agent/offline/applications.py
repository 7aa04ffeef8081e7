"""Readings of requests to apply a function to a column."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.question import TableQuestion
from agent.offline.synthesis.words import stem
from agent.offline.vocabulary import PLOTTING, SAVING
from tools_registry.tool import Tool

_APPLYING = frozenset(("apply", "map", "run", "use", "call", "transform", "extract"))
_COUNTING = frozenset(("common", "frequent", "count", "counts", "often", "frequencies"))


def application(question: TableQuestion) -> Plan | None:
    """A skill applied to each value of a column, and perhaps counted or plotted."""
    tool = _function(question)
    if tool is None:
        return None
    reading = question.reading
    counting = reading.index_of(_COUNTING) is not None
    plotting = reading.index_of(PLOTTING | {"bar", "bars"}) is not None
    reading.take_all(_APPLYING | {"each", "every", "values", "to", "on", "then"})
    columns = question.columns()
    if len(columns) != 1:
        there = ", ".join(question.table.columns[:12])
        msg = f"{tool.name} needs one column of {question.table.label}, which has {there}"
        raise UnboundError(msg)
    called, mapping = question.use(tool.name), question.use("map_column")
    line = f"table = {mapping}({question.rows}, {columns[0]!r}, {called})"
    what = f"{tool.name} of each {columns[0]} in {question.told}"
    if not counting and not plotting:
        return question.plan("table", what, line)
    return _further(question, tool, line, what, plotting=plotting)


def _further(question: TableQuestion, tool: Tool, line: str, what: str, *, plotting: bool) -> Plan:
    """Count the results, or plot how often each occurs."""
    reading = question.reading
    reading.take_all(_COUNTING | {"most", "how", "results", "result", "ones", "show", "value"})
    if not plotting:
        call = f"{question.use('value_counts')}(table, {tool.name!r})"
        return question.plan(call, f"how often each {what} occurs", line)
    names = reading.pictures()
    reading.explain(*names)
    reading.take_all(PLOTTING | SAVING | {"bar", "bars", "as", "to"})
    path = f", path={reading.tokens[names[0]].text!r}" if names else ""
    call = f"{question.use('plot_bar')}(table, {tool.name!r}{path})"
    return question.plan(call, f"a bar chart of {what}", line)


def _function(question: TableQuestion) -> Tool | None:
    """The skill or tool that is named, or the skill whose name's words are all there."""
    reading = question.reading
    for tool in question.registry.tools():
        if not _takes_one(tool):
            continue
        named = [i for i, t in enumerate(reading.tokens) if t.text == tool.name and "_" in t.text]
        applied = reading.index_of(_APPLYING) is not None
        exact = [i for i, t in enumerate(reading.tokens) if t.text == tool.name and applied]
        if named or exact:
            reading.explain(*(named or exact))
            return tool
    return next((t for t in question.registry.tools() if _spelled_out(question, t)), None)


def _takes_one(tool: Tool) -> bool:
    return bool(tool.parameters) and sum(p.required for p in tool.parameters) == 1


def _spelled_out(question: TableQuestion, tool: Tool) -> bool:
    """Whether a skill's name stands in the request in words: `latin name` for `latin_name`."""
    if tool.kind != "skill" or not _takes_one(tool):
        return False
    words = tuple(map(stem, tool.name.split("_")))
    tokens = [stem(token.word) for token in question.reading.tokens]
    for start in range(len(tokens) - len(words) + 1):
        if tuple(tokens[start : start + len(words)]) == words:
            question.reading.explain(*range(start, start + len(words)))
            return True
    return False

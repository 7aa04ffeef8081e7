"""A skill or tool applied to each value of a column."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.synthesis.words import stem
from agent.offline.tables.conditions import take_conditions
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study
from tools_registry.tool import Tool

_APPLYING = frozenset(("apply", "map", "run", "use", "call", "transform", "extract", "to", "on"))


def application(study: Study) -> Plan | None:
    """`apply latin_name to Species`, and perhaps count or plot the results."""
    tool = _function(study)
    if tool is None:
        return None
    pieces = study.pieces
    counting = pieces.take("FREQUENT|COUNT") is not None
    plots = [p for p in pieces.free("concept") if p.concept == "PLOT"]
    pictures = pieces.free("picture")
    pieces.use([*plots, *(pictures if plots else ())])
    pieces.take("SAVE")
    pieces.take("PER", "PER rows|ROWS")
    pieces.use(p for p in pieces.items if p.text.lower() in _APPLYING or p.concept == "COLUMNS")
    take_conditions(study)
    columns = pieces.free("column")
    if len(columns) != 1:
        msg = f"{tool.name} needs one column of {study.table.label}, which has {study.there}"
        raise UnboundError(msg)
    pieces.use(columns)
    pieces.take("rows|ROWS")
    column = study.column(columns[0])
    mapping, function = study.cell.use("map_column"), study.cell.use(tool.name)
    call = f"{mapping}({study.cell.rows}, {column!r}, {function})"
    what = f"{tool.name} of each {column} in {study.told}"
    return _further(study, tool, call, what, counting=counting, plots=plots, pictures=pictures)


def _further(
    study: Study,
    tool: Tool,
    call: str,
    what: str,
    *,
    counting: bool,
    plots: list[Piece],
    pictures: list[Piece],
) -> Plan:
    """Count the results, or plot how often each occurs."""
    if plots:
        path = f", path={pictures[0].text!r}" if pictures else ""
        study.cell.become(call)
        last = f"{study.cell.use('plot_bar')}({study.cell.base}, {tool.name!r}{path})"
        return study.plan(last, f"a bar chart of {what}")
    if counting:
        study.cell.become(call)
        last = f"{study.cell.use('value_counts')}({study.cell.base}, {tool.name!r})"
        return study.plan(last, f"how often each {what} occurs")
    return study.plan(call, what)


def _function(study: Study) -> Tool | None:
    """The skill or tool that is named, or the skill whose name's words are all there."""
    names = {piece.text for piece in study.pieces.items if "_" in piece.text}
    plain = {piece.text for piece in study.pieces.items if piece.kind == "word"}
    applied = any(piece.text.lower() in _APPLYING for piece in study.pieces.items)
    for tool in study.cell.registry.tools():
        if not _takes_one(tool):
            continue
        if tool.name in names or (applied and tool.name in plain):
            study.pieces.use(p for p in study.pieces.items if p.text == tool.name)
            return tool
    return next((t for t in study.cell.registry.tools() if _spelled_out(study, t)), None)


def _takes_one(tool: Tool) -> bool:
    return bool(tool.parameters) and sum(p.required for p in tool.parameters) == 1


def _spelled_out(study: Study, tool: Tool) -> bool:
    """Whether a skill's name stands in the request in words: `latin name` for `latin_name`."""
    if tool.kind != "skill" or not _takes_one(tool):
        return False
    words = list(map(stem, tool.name.split("_")))
    items = study.pieces.items
    for start in range(len(items)):
        for end in range(start + 1, min(start + len(words), len(items)) + 1):
            said = [stem(word) for piece in items[start:end] for word in piece.text.lower().split()]
            if said == words:
                study.pieces.use(items[start:end])
                return True
    return False

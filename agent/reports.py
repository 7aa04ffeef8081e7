"""What the model is told of a cell: enough to act on, never a flood."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sessions.execution import Execution
from tools_registry.tool import Tool

if TYPE_CHECKING:
    from sessions.session import Session

_LIMIT = 4000


def clip(text: str, limit: int = _LIMIT) -> str:
    """The head and the tail of a text that is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[… {left_out} characters left out …]\n{text[-tail:]}"


def report(execution: Execution) -> dict[str, Any]:
    """A cell as the model sees it; keys that are empty for most cells are there only if set."""
    told: dict[str, Any] = {
        "status": execution.status,
        "stdout": clip(execution.stdout),
        "result": None if execution.result is None else clip(execution.result),
        "value": small(execution.value),
        "mime": list(execution.mime),
        "error": _error(execution),
        "limits_hit": list(execution.limits_hit),
    }
    if execution.stderr:
        told["stderr"] = clip(execution.stderr)
    if execution.restored or execution.lost:
        told |= {"restored": execution.restored, "lost": list(execution.lost)}
    return told


def small(value: Any) -> Any:
    """A plain value, or a note on its size if it would flood the context."""
    length = len(json.dumps(value, default=str))
    return value if length <= _LIMIT else f"[{length} characters of JSON: too long to show]"


def described(tool: Tool) -> str:
    """A tool as the model is told of it when it asks."""
    return clip(f"{tool.import_line}\n{tool.signature}\n\n{tool.doc}")


async def looked_at(session: Session, name: str | None) -> Any:
    """The variables of a kernel as a text, or all about one of them.

    Raises:
        UsageError: If there is none of that name.
        KernelError: If the kernel does not tell.
    """
    if name is None:
        lines = (f"{v.name}: {v.type} {v.summary}" for v in await session.variables())
        return clip("\n".join(lines)) or "no variables yet"
    told = await session.inspect(name)
    return told if small(told) is told else clip(json.dumps(told, default=str))


def imported(code: str) -> Iterator[tuple[str, str]]:
    """The (module, name) pairs of the `from … import …` lines of a cell, magics or not."""
    for statement in _statements(code):
        if isinstance(statement, ast.ImportFrom) and statement.module:
            yield from ((statement.module, alias.name) for alias in statement.names)


def skills_in(code: str, tools: tuple[Tool, ...]) -> list[str]:
    """The skills that a cell imports."""
    skills = {(tool.module, tool.name) for tool in tools if tool.kind == "skill"}
    return [name for module, name in imported(code) if (module, name) in skills]


def _statements(code: str) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(code))
    except SyntaxError:  # IPython's syntax: look at the lines that are Python
        for line in code.splitlines():
            if line.lstrip().startswith("from "):
                yield from _one_line(line.strip())


def _one_line(line: str) -> list[ast.stmt]:
    try:
        return ast.parse(line).body
    except SyntaxError:
        return []


def _error(execution: Execution) -> dict[str, str] | None:
    error = execution.error
    if error is None:
        return None
    return {
        "name": error.name,
        "message": clip(error.message, 1000),
        "traceback": clip(error.traceback),
    }

"""Functions of an agent's file as tools of its model; they run in the guarded kernel alone."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from subagents.agent_reading import functions_of
from subagents.data import one_line
from subagents.plain_types import plain_type
from tools_registry.source import parse

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_ai import Tool

    from sessions.execution import Execution

_LONGEST = 8000
"""Most characters of a result that goes to the model."""


class Cells(Protocol):
    """The part of a session that runs code."""

    async def execute(self, code: str) -> Execution:
        """Run a cell."""


def kernel_tools(code: str, cells: Cells) -> tuple[Tool[None], ...]:
    """The public functions of a code, to be called by a model.

    Args:
        code: Imports and functions, as `AgentFile.code` has them.
        cells: The session in which they run; the names that it has are not touched.
    """
    tree = parse(code)
    return tuple(_tool(function, tree, cells) for function in functions_of(tree))


def cell_for(tree: ast.Module, function: str, arguments: dict[str, Any]) -> str:
    """A cell that calls a function; everything but one name stays inside it."""
    cell = parse("def _agent_tool():\n    pass\n_agent_tool()\n")
    call = parse(f"{function}(**{arguments!r})").body[0]
    if isinstance(cell.body[0], ast.FunctionDef) and isinstance(call, ast.Expr):
        body = [node for node in tree.body if not _is_future(node)]
        cell.body[0].body = [*body, ast.Return(call.value)]
    return ast.unparse(ast.fix_missing_locations(cell))


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _tool(function: ast.FunctionDef, tree: ast.Module, cells: Cells) -> Tool[None]:
    from pydantic_ai import Tool

    parameters = _parameters(function)
    return Tool.from_schema(
        _caller(function.name, parameters, tree, cells),
        name=function.name,
        description=ast.get_docstring(function),
        json_schema=parameters.model_json_schema(),
        sequential=True,  # there is one kernel
    )


def _caller(
    name: str, parameters: type[BaseModel], tree: ast.Module, cells: Cells
) -> Callable[..., Awaitable[Any]]:
    from pydantic_ai import ToolFailed

    async def call(**arguments: Any) -> Any:
        # What doesn't fit is told to the model, which may try again.
        given = parameters.model_validate(arguments).model_dump(exclude_unset=True)
        done = await cells.execute(cell_for(tree, name, given))
        if not done.ok:
            reason = f"{done.error.name}: {done.error.message}" if done.error else done.status
            raise ToolFailed(one_line(reason, 500))
        return _small(done)

    return call


def _small(done: Execution) -> Any:
    text = done.result or ""
    if len(text) <= _LONGEST:
        return text if done.value is None else done.value
    return f"{text[:_LONGEST]}… (cut: {len(text)} characters)"


def _parameters(function: ast.FunctionDef) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model

    arguments = function.args
    required = len(arguments.args) - len(arguments.defaults)
    optional = {a.arg for a in arguments.args[required:]} | {
        a.arg
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    found: dict[str, Any] = {
        a.arg: (_annotation(a), None if a.arg in optional else ...)
        for a in [*arguments.args, *arguments.kwonlyargs]
    }
    config = ConfigDict(extra="forbid")
    model: type[BaseModel] = create_model(function.name, __config__=config, **found)
    return model


def _annotation(argument: ast.arg) -> Any:
    return plain_type(ast.unparse(argument.annotation) if argument.annotation else "")

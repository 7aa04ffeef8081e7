"""The functions of a person's modules as the registry takes them; read anew each time."""

from __future__ import annotations

import ast
from itertools import islice
from pathlib import Path

from sessions.errors import UsageError
from tools_registry.files import FileRefusedError, Problem, read_file
from tools_registry.modules.module import MOST_FILES, UserModule, files
from tools_registry.modules.shelf import Shelf, can_be_shown, place_of
from tools_registry.source import MAX_BYTES, Origin, SourceError, decode, parse, parse_tools
from tools_registry.tool import Tool


def user_tools(workspace: Path) -> tuple[list[Tool], list[Problem]]:
    """All functions of the person's modules that a workspace can import, and what went wrong."""
    shelf = Shelf()
    if not shelf.exists():
        return [], []
    try:
        modules = shelf.modules(workspace)
    except UsageError as error:
        return [], [Problem(file=shelf.configuration, message=str(error))]
    tools: list[Tool] = []
    problems: list[Problem] = []
    for module in modules:
        found, wrong = functions(module, workspace)
        tools += found
        problems += wrong
    return tools, problems


def functions(module: UserModule, workspace: Path) -> tuple[list[Tool], list[Problem]]:
    """The public functions of a module, and of what is in it if it is a package."""
    place = place_of(module, workspace)
    if place is None or (module.path and not can_be_shown(module.path, workspace)):
        where = module.path or workspace
        what = "is not there any more" if place is None else "can't be shown to cells here"
        message = f"the module {module.name} {what}; `agent tools remove {module.name}` forgets it"
        return [], [Problem(file=where, message=message)]
    tools: list[Tool] = []
    problems: list[Problem] = []
    for name, file in islice(files(module.name, place), MOST_FILES):
        origin = Origin(kind="user", module=name, category=module.name, file=file)
        try:
            tools += _read(origin)
        except SourceError as error:
            problems.append(Problem(file=file, line=error.line, message=str(error)))
        except (FileRefusedError, OSError) as error:
            problems.append(Problem(file=file, message=str(error)))
    return tools, problems


def _read(origin: Origin) -> list[Tool]:
    text = decode(read_file(origin.file, limit=MAX_BYTES))
    tools = parse_tools(text, origin)
    exported = _exported(parse(text))
    return tools if exported is None else [tool for tool in tools if tool.name in exported]


def _exported(tree: ast.Module) -> set[str] | None:
    """The names in `__all__`, if it is a plain list."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id="__all__")],
                value=ast.List(elts=elements) | ast.Tuple(elts=elements),
            ):
                return {str(e.value) for e in elements if isinstance(e, ast.Constant)}
    return None

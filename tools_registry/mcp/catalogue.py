"""The tools of all MCP servers as the registry takes them; no server is started for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from sessions.errors import UsageError
from tools_registry.files import FileRefusedError, Problem, read_file
from tools_registry.mcp.definition import Definition
from tools_registry.mcp.library import Library
from tools_registry.mcp.module_source import PACKAGE, alias, module_source
from tools_registry.mcp.server import Server
from tools_registry.source import Origin, SourceError, decode, parse_tools
from tools_registry.tool import Tool

_MOST_BYTES = 8 << 20


def mcp_tools(taken: Collection[str]) -> tuple[list[Tool], list[Problem]]:
    """All tools that may be called, and what is wrong with the others.

    Args:
        taken: Names that are in use; a tool that has one is listed with its server's before it.
    """
    library = Library()
    if not library.exists():
        return [], []
    try:
        servers = library.servers()
    except UsageError as error:
        return [], [Problem(file=library.configuration, message=str(error))]
    tools: list[Tool] = []
    problems: list[Problem] = []
    names = set(taken)
    for server in servers.values():
        found, wrong = _of_server(library, server)
        for tool in found:
            tools.append(_named(tool, server.module, names))
            names.add(tools[-1].name)
        problems += wrong
    return tools, problems


def written_tools(server: Server, definitions: Iterable[Definition]) -> list[Tool]:
    """Tools of a server as they would be written for the kernel."""
    text = module_source(server.name, server.module, definitions)
    return parse_tools(text, _origin(server, Path()))


def _of_server(library: Library, server: Server) -> tuple[list[Tool], list[Problem]]:
    pinned = library.pinned(server)
    update = f"`agent tools add-mcp {server.name} --update` shows it"
    if pinned is None:
        return [], [_problem(library.configuration, f"{server.name} has changed: {update}")]
    file = library.module_file(server)
    try:
        tools = _read(file, server)
    except (FileRefusedError, SourceError, OSError) as error:
        return [], [_problem(file, f"{error}: {update}")]
    held = {pinned.tools[name].function: why for name, why in pinned.held.items()}
    wrong = [_problem(file, f"{name} is held back: {why}; {update}") for name, why in held.items()]
    return [tool for tool in tools if tool.name not in held], wrong


def _read(file: Path, server: Server) -> list[Tool]:
    return parse_tools(decode(read_file(file, limit=_MOST_BYTES)), _origin(server, file))


def _origin(server: Server, file: Path) -> Origin:
    module = f"{PACKAGE}.{server.module}"
    return Origin(kind="mcp", module=module, category=server.name, file=file)


def _named(tool: Tool, module: str, taken: Collection[str]) -> Tool:
    if tool.name not in taken:
        return tool
    name = alias(module, tool.name)
    return replace(tool, name=name, signature=f"{name}{tool.signature.removeprefix(tool.name)}")


def _problem(file: Path, message: str) -> Problem:
    return Problem(file=file, message=message)

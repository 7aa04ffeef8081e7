"""The tools that come with the package, read from their source."""

from __future__ import annotations

from tools_registry.core_package import CORE, core_path
from tools_registry.files import Problem
from tools_registry.source import Origin, read_tools
from tools_registry.tool import Tool


def core_tools() -> tuple[list[Tool], list[Problem]]:
    """All core tools by module, and what could not be read."""
    tools: list[Tool] = []
    problems: list[Problem] = []
    for file in sorted(core_path().glob("[!_]*.py")):
        origin = Origin(kind="core", module=f"{CORE}.{file.stem}", category=file.stem, file=file)
        found, wrong = read_tools(origin)
        tools += found
        problems += wrong
    return tools, problems

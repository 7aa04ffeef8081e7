"""The tools that come with the package, read from their source."""

from __future__ import annotations

from pathlib import Path

from tools_registry.files import Problem
from tools_registry.source import Origin, read_tools
from tools_registry.tool import Tool

MODULE = "agent_tools"
"""What `core_path` is called inside the kernel."""


def core_path() -> Path:
    """The directory that the kernel gets as the package `agent_tools`."""
    return Path(__file__).parent / "core"


def core_tools() -> tuple[list[Tool], list[Problem]]:
    """All core tools by module, and what could not be read."""
    tools: list[Tool] = []
    problems: list[Problem] = []
    for file in sorted(core_path().glob("[!_]*.py")):
        origin = Origin(kind="core", module=f"{MODULE}.{file.stem}", category=file.stem, file=file)
        found, wrong = read_tools(origin)
        tools += found
        problems += wrong
    return tools, problems

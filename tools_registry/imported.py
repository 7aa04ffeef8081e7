"""What a person has added to the registry: their own modules, and the tools of MCP servers."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tools_registry.files import Problem
from tools_registry.mcp.catalogue import mcp_tools
from tools_registry.modules.catalogue import user_tools
from tools_registry.tool import Tool


def imported_tools(workspace: Path, taken: Collection[str]) -> tuple[list[Tool], list[Problem]]:
    """All of them, and what is wrong with some.

    Args:
        workspace: Where they are to be used.
        taken: Names of other tools.
    """
    users, problems = user_tools(workspace)
    servers, wrong = mcp_tools({*taken, *(tool.name for tool in users)})
    return [*users, *servers], [*problems, *wrong]

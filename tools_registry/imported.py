"""What a person has added to the registry: their own modules, and the tools of MCP servers."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sessions.errors import UsageError
from tools_registry.core_tools import MODULE, core_path
from tools_registry.files import Problem
from tools_registry.mcp.catalogue import mcp_tools
from tools_registry.mcp.library import Library
from tools_registry.mcp.module_source import PACKAGE
from tools_registry.modules.catalogue import user_tools
from tools_registry.modules.shelf import Shelf
from tools_registry.skills.library import SkillLibrary
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


def shown_to_kernel(workspace: Path) -> tuple[dict[str, Path], list[Path]]:
    """Packages that a kernel needs to call tools, by name, and folders that it must see."""
    packages = {MODULE: core_path()}
    if (modules := Library().modules).is_dir():
        packages[PACKAGE] = modules
    try:
        own, folders = Shelf().shown(workspace)
    except UsageError:  # whoever lists the tools is told
        own, folders = {}, []
    return packages | SkillLibrary(workspace).shown() | own, folders

"""Packages that code in a kernel can import: core tools, skills, MCP servers, the person's modules.

What reads the last three is imported only where there are any: a command starts its kernel first.
"""

from __future__ import annotations

from pathlib import Path

from sessions.errors import UsageError
from tools_registry.core_package import CORE, core_path
from tools_registry.own_files import config_path, data_path, is_there
from tools_registry.skills import shown

LEARNED = "learned_skills"
"""The folder of skills in a workspace, and what the kernel gets in its place."""


def kernel_packages(workspace: Path) -> tuple[dict[str, Path], list[Path]]:
    """Packages that a kernel needs to call tools, by name, and folders that it must see."""
    own, folders = _own_modules(workspace)
    return {CORE: core_path()} | _servers() | _skills(workspace) | own, folders


def _servers() -> dict[str, Path]:
    if not data_path("mcp").is_dir():
        return {}
    from tools_registry.mcp.library import Library
    from tools_registry.mcp.module_source import PACKAGE

    modules = Library().modules
    return {PACKAGE: modules} if modules.is_dir() else {}


def _own_modules(workspace: Path) -> tuple[dict[str, Path], list[Path]]:
    if not is_there(config_path("modules.json")):
        return {}, []
    from tools_registry.modules.shelf import Shelf

    try:
        return Shelf().shown(workspace)
    except UsageError:  # whoever lists the tools is told
        return {}, []


def _skills(workspace: Path) -> dict[str, Path]:
    if any((workspace / LEARNED).glob("*.py")):
        from tools_registry.skills.library import SkillLibrary

        return SkillLibrary(workspace).shown()
    return {LEARNED: shown.package(workspace, data_path("skills.sqlite"), ())}

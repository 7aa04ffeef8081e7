"""What the shell offers on Tab. A failure here must stay silent: nobody could read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

import typer

if TYPE_CHECKING:
    from tools_registry.registry import Registry


def tiers(incomplete: str) -> list[str]:
    """Names of the tiers."""
    from sessions.limits import Tier

    return _beginning(incomplete, get_args(Tier))


def approvals(incomplete: str) -> list[str]:
    """Names of the approval modes."""
    from agent.settings import Approval

    return _beginning(incomplete, get_args(Approval))


def tools(context: typer.Context, incomplete: str) -> list[str]:
    """Names of all tools of the workspace."""
    return _beginning(incomplete, (tool.name for tool in _registry(context).tools()))


def skills(context: typer.Context, incomplete: str) -> list[str]:
    """Names of the skills of the workspace, and of its agents."""
    from subagents.agent_library import agent_library

    library = _registry(context).skills
    kept = [*library.list(), *agent_library(library.workspace).list()]
    return _beginning(incomplete, (one.name for one in kept))


def agents(context: typer.Context, incomplete: str) -> list[str]:
    """Names of the sub-agents that can be asked."""
    from pathlib import Path

    from agent.delegation.roles import names

    return _beginning(incomplete, names(Path(context.params.get("workspace") or ".")))


def remotes(context: typer.Context, incomplete: str) -> list[str]:
    """The libraries that the settings name."""
    from agent.settings import Settings

    settings = Settings.load(context.params.get("workspace") or ".")
    return _beginning(incomplete, settings.skill_remotes)


def servers(incomplete: str) -> list[str]:
    """Names of the MCP servers that were added."""
    from tools_registry.mcp.library import Library

    return _beginning(incomplete, Library().servers())


def modules(incomplete: str) -> list[str]:
    """Names of the modules that were added."""
    from tools_registry.modules.shelf import Shelf

    return _beginning(incomplete, Shelf().names())


def _registry(context: typer.Context) -> Registry:
    from tools_registry.registry import Registry

    return Registry.open(context.params.get("workspace") or ".")


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))

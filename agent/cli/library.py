"""The registry of a workspace, with its broken files reported."""

from __future__ import annotations

from agent.cli.checks import existing
from agent.cli.telling import tell
from agent.render import safe
from tools_registry.registry import Registry


def open_registry(workspace: str) -> Registry:
    """The registry of a workspace; files that can't be read are named on stderr.

    Raises:
        UsageError: If the workspace is not a directory.
    """
    registry = Registry.open(existing(workspace))
    for problem in registry.problems:
        tell(f"skipped {safe(str(problem))}")
    return registry

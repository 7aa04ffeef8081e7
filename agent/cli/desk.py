"""Opens the review of a workspace for a command."""

from __future__ import annotations

from pathlib import Path

from agent.cli import checks
from agent.cli.telling import tell
from agent.settings import Settings
from tools_registry.review.desk import Desk


def open_desk(workspace: str) -> tuple[Desk, Settings]:
    """The review of a workspace, as its settings have it.

    Raises:
        UsageError: If the workspace is no directory, or a setting is wrong.
    """
    path: Path = checks.existing(workspace)
    settings = Settings.load(path)
    for note in settings.notes:
        tell(note)
    return Desk.of(path, settings.review), settings

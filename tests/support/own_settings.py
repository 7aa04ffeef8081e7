"""What a person, or a workspace, says in a file of settings."""

from __future__ import annotations

from pathlib import Path

from agent.settings import user_file


def user_says(text: str) -> None:
    """The person's own file says this from now on."""
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(text)


def workspace_says(workspace: Path, text: str) -> None:
    """The workspace's file does."""
    (workspace / "agent.toml").write_text(text)

"""A workspace in a directory that can be handed to whoever opens the session."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "of-the-user" / "workspace"
    folder.mkdir(parents=True)
    return folder

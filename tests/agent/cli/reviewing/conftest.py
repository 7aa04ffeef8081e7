"""A person, and a repository with proposals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.cli.test_listing import Told
from tests.support.git import GIT, plain
from tests.tools_registry.review.conftest import draft
from tools_registry.review.keeper import Keeper

if GIT is None:
    pytest.skip("git is not installed", allow_module_level=True)


def propose(repository: Path, name: str = "double", factor: int = 2) -> None:
    Keeper(repository, why="double my numbers").save(draft(name, factor), replace=True)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with a name, and nothing remembered yet."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "user.gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "user.gitconfig"))


@pytest.fixture
def repository(workspace: Path) -> Path:
    """The workspace, as a repository with one commit."""
    plain(workspace, "init", "-q", "-b", "main")
    (workspace / "a.txt").write_text("one\n")
    plain(workspace, "add", "-A")
    plain(workspace, "commit", "-qm", "first")
    return workspace


@pytest.fixture
def told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(workspace, capsys)

"""A cache of its own for every test, and the weights where this machine has them."""

from pathlib import Path

import pytest

from tests.support.git import Trap, plain
from tools_registry.search import weights as embedding_weights


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user cache: no weights, no vectors, and nothing left in the real one."""
    monkeypatch.delenv("AGENT_WEIGHTS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
    return tmp_path / "user-cache" / "ipysmith"


@pytest.fixture(scope="session")
def weights() -> Path:
    """The real weights."""
    folder = embedding_weights.locate()
    if folder is None:
        pytest.skip(f"the embedding weights are missing; {embedding_weights.ADVICE}")
    return folder


@pytest.fixture
def git_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of git with a name and nothing else, whatever this machine has configured."""
    config = tmp_path / "user.gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(tmp_path: Path, git_user: None) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    plain(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("one\n")
    plain(folder, "add", "-A")
    plain(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """A program that must not run."""
    return Trap(tmp_path)

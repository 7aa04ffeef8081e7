"""A cache of its own for every test, and the weights where this machine has them."""

from pathlib import Path

import pytest

from tools_registry import weights as embedding_weights


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user cache: no weights, no vectors, and nothing left in the real one."""
    monkeypatch.delenv("AGENT_WEIGHTS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    return tmp_path / "user-cache" / "ipysmith"


@pytest.fixture(scope="session")
def weights() -> Path:
    """The real weights."""
    folder = embedding_weights.locate()
    if folder is None:
        pytest.skip(f"the embedding weights are missing; {embedding_weights.ADVICE}")
    return folder

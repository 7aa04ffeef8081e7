"""A scripted provider for the agent's tests; no request can leave the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.model_server import ModelServer, Step

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

KEY = "sk-test-0123456789abcdef"
MODELS = ("anthropic:claude-opus-5-5", "openai:gpt-6.1-sol", "openai-chat:gpt-6-luna")
NOBODY = "http://127.0.0.1:1"

Serve = Callable[..., ModelServer]


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no server was started, requests go to a port on which nobody listens."""
    for variable in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OLLAMA_BASE_URL"):
        monkeypatch.setenv(variable, NOBODY)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a provider with a script; the environment then points both SDKs to it."""
    with ExitStack() as servers:

        def start(*script: Step) -> ModelServer:
            server = servers.enter_context(ModelServer(*script))
            monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
            return server

        yield start


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    path.mkdir()
    return path


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    from IPython.core.interactiveshell import InteractiveShell

    from agent import magics

    (workspace / "numbers.csv").write_text("n\n1\n2\n4\n")
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("IPYTHONDIR", str(workspace.parent / "ipython"))
    shell = InteractiveShell()  # type: ignore[no-untyped-call] # left untyped
    shell.history_manager.enabled = False  # type: ignore[union-attr]
    magics.load_ipython_extension(shell)
    yield shell
    magics.unload_ipython_extension(shell)
    InteractiveShell.clear_instance()

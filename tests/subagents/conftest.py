"""A scripted provider for sub-agents; no request can leave the machine, and nobody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic_ai.models import Model

from subagents.runner import Runner
from tests.support.model_server import ModelServer
from tests.support.wire import Json, Reply

NOBODY = "http://127.0.0.1:1"
KEY = "sk-test-0123456789abcdef"

Serve = Callable[..., ModelServer]
Client = Callable[[ModelServer], Model]


def anthropic(server: ModelServer) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=KEY, base_url=server.url)
    return AnthropicModel("claude-opus-5-5", provider=provider)


def openai_responses(server: ModelServer) -> Model:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(api_key=KEY, base_url=f"{server.url}/v1")
    return OpenAIResponsesModel("gpt-6.1-sol", provider=provider)


def openai_chat(server: ModelServer) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(api_key=KEY, base_url=f"{server.url}/v1")
    return OpenAIChatModel("gpt-6-luna", provider=provider)


CLIENTS: tuple[Client, ...] = (anthropic, openai_responses, openai_chat)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no server was started, requests go to a port on which nobody listens."""
    for variable in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OLLAMA_BASE_URL"):
        monkeypatch.setenv(variable, NOBODY)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start providers, each with a script."""
    with ExitStack() as servers:
        yield lambda *script: servers.enter_context(ModelServer(*script))


class Naps:
    """Waits that take no time."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def runner(naps: Naps) -> Runner:
    return Runner(sleep=naps)


def deliver(**output: Any) -> Reply:
    return Reply(calls=(("deliver", output),))


DOUBLE: Json = {
    "name": "double",
    "signature": "double(x: int) -> int",
    "source": 'def double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n',
    "explanation": "It doubles.",
}
SUITE: Json = {
    "source": "from learned_skills.double import double\n\n\n"
    "def test_double():\n    assert double(2) == 4\n",
    "cases": [{"call": "double(2)", "expected": "4", "reason": "twice a number"}],
    "properties": ["double(x) == x + x"],
}
FINE: Json = {"verdict": "approve", "findings": [], "summary": "It does what was asked."}


def told(server: ModelServer, request: int = -1) -> str:
    """All that a request told the model, as one text."""
    return "\n".join(_texts(server.bodies[request]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)

"""A function through the doors: the coordinator's tool, the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import Agent
from tests.agent.authoring.conftest import TASK, Cast, code, review, suite
from tests.support.runs import call, result_of, told
from tests.support.wire import Reply

MODELS = ("anthropic:claude-opus-5-5", "openai-chat:gpt-6-luna")


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch):
    from contextlib import ExitStack

    with ExitStack() as servers:

        def start(cast: Cast) -> Cast:
            server = servers.enter_context(cast.server)
            monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test-0123456789abcdef")
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef")
            monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
            return cast

        yield start


@pytest.mark.parametrize("model", MODELS)
async def test_a_request_for_a_function_ends_in_a_skill(play, workspace: Path, model: str) -> None:
    play(
        Cast(
            coordinator=[call("write_skill", request=TASK), Reply(text="There it is.")],
            code_generator=[code()],
            test_generator=[suite()],
            reviewer=[review()],
        )
    )
    async with Agent(workspace, model, approval="automatic") as agent:
        events = await told(agent, TASK)
    result = result_of(events)
    assert (result.status, result.answer) == ("done", "There it is.")
    assert (result.skills_saved, result.attempts) == (("even_squares",), 1)
    assert set(result.cost_by_role) == {
        "coordinator",
        "code_generator",
        "test_generator",
        "reviewer",
    }

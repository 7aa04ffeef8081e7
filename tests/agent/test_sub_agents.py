"""Sub-agents go by the person's settings."""

from __future__ import annotations

import pytest

from agent.build import new_runner
from agent.settings import Settings
from sessions.errors import UsageError
from subagents import CodeGenerator
from tests.agent.conftest import MODELS, Serve
from tests.support.wire import Reply

DOUBLE = {
    "name": "double",
    "signature": "double(x: int) -> int",
    "source": "def double(x: int) -> int:\n    return 2 * x\n",
}
DELIVERED = Reply(calls=(("deliver", DOUBLE),))


@pytest.mark.parametrize("model", MODELS)
async def test_they_get_the_model_of_the_settings(serve: Serve, model: str) -> None:
    server = serve(DELIVERED)
    runner = new_runner(Settings(model=model, request_timeout=7.0))
    draft = await CodeGenerator(runner=runner).run("twice a number")
    assert draft.name == "double"
    assert server.bodies[0]["model"] == model.partition(":")[2]
    assert runner.request_timeout == 7.0
    assert runner.tally.of("code_generator").requests == 1


async def test_a_model_that_is_named_outranks_the_settings(serve: Serve) -> None:
    server = serve(DELIVERED)
    runner = new_runner(Settings(model=MODELS[1]))
    await CodeGenerator("claude-opus-5-5", runner=runner).run("twice a number")
    assert server.bodies[0]["model"] == "claude-opus-5-5"


async def test_without_a_model_the_error_says_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"offline engine can't play a sub-agent: give a model"):
        await CodeGenerator(runner=new_runner(Settings())).run("twice a number")

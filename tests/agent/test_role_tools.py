"""Sub-agents use the tools that their role names, in the guarded kernel, and no others."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from agent.build import new_runner
from agent.role_tools import role_tools
from agent.settings import Settings
from sessions.errors import UsageError
from sessions.session import Session
from subagents import Draft, Role
from subagents.prompt import Prompt
from subagents.role import Tier
from subagents.runner import Report, Task
from tests.agent.conftest import MODELS, Serve
from tests.agent.test_sub_agents import DELIVERED
from tests.support.runs import call
from tools_registry.registry import Registry

ALL = ("search_tools", "describe_tool", "run_code", "inspect")


def role(*tools: str, tier: Tier = "strong") -> Role:
    return Role(
        name="helper",
        prompt=Prompt(name="helper", text="Help."),
        tools=tools,
        output=Draft,
        tier=tier,
    )


@pytest.mark.parametrize("model", MODELS)
async def test_they_look_run_and_are_told(serve: Serve, workspace: Path, model: str) -> None:
    server = serve(
        call("search_tools", query="slug of a title"),
        call("describe_tool", name="slugify"),
        call("run_code", code="x = 6 * 7\nx"),
        call("inspect"),
        call("inspect", name="y"),
        DELIVERED,
    )
    async with Session(workspace) as session:
        runner = new_runner(
            Settings(model=model), role_tools(session, partial(Registry.open, workspace))
        )
        done: Report[Draft] = await runner.run(role(*ALL), Task(text="go"))
    assert done.output.name == "double"
    told = json.dumps(server.bodies[-1])
    assert "agent_tools.text" in told
    assert "42" in told
    assert "x: int" in told
    assert "no variable" in told
    assert runner.tally.of("helper").requests == 6


async def test_a_role_gets_what_it_names_and_nothing_else(serve: Serve, workspace: Path) -> None:
    server = serve(DELIVERED)
    tools = role_tools(Session(workspace), partial(Registry.open, workspace))
    runner = new_runner(Settings(model=MODELS[0]), tools)
    await runner.run(role("search_tools"), Task(text="go"))
    assert {tool["name"] for tool in server.bodies[0]["tools"]} == {"search_tools", "deliver"}
    with pytest.raises(UsageError, match="needs tools that are not there: run_code"):
        await new_runner(Settings(model=MODELS[0])).run(role("run_code"), Task(text="go"))


@pytest.mark.parametrize(
    ("tier", "model"), [("fast", "claude-haiku-5-5"), ("strong", "claude-opus-5-5")]
)
async def test_a_tier_has_the_model_that_the_person_chose(
    serve: Serve, tier: Tier, model: str
) -> None:
    server = serve(DELIVERED)
    settings = Settings(model=MODELS[0], models_fast="claude-haiku-5-5")
    await new_runner(settings).run(role(tier=tier), Task(text="go"))
    assert server.bodies[0]["model"] == model

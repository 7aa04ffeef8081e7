"""Learned agents at work: their own functions run in a real guarded kernel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sessions import Limits, Session
from sessions.errors import UsageError
from subagents import AgentFile, Context, CustomAgent, Runner
from subagents.kernel_tools import cell_for
from tests.subagents.conftest import CLIENTS, Client, Naps, Serve, anthropic, deliver, told
from tests.support.wire import Reply
from tools_registry.source import parse

CODE = '''from __future__ import annotations

import statistics


def middle(values: list[float], low: bool = False) -> float:
    """The median of values."""
    return _of(values, low)


def fail(text: str) -> str:
    """Fails."""
    raise ValueError(text)


def long(times: int) -> str:
    """A long text."""
    return "a" * times


def _of(values: list[float], low: bool) -> float:
    return statistics.median_low(values) if low else statistics.median(values)'''
MEDIANS = AgentFile(
    name="medians",
    summary="Finds the middle.",
    instructions="Call middle.",
    output={"answer": "str", "value": "float"},
    code=CODE,
)
DONE = deliver(answer="There it is.", value=2.5)


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with Session(tmp_path, Limits.quick()) as opened:
        yield opened


def call(tool: str, **arguments: Any) -> Reply:
    return Reply(calls=((tool, arguments),))


@pytest.mark.parametrize("client", CLIENTS[::2], ids=lambda client: client.__name__)
async def test_its_functions_run_in_the_kernel(
    serve: Serve, client: Client, runner: Runner, session: Session
) -> None:
    await session.execute("middle = 'mine'; secret = 1")
    server = serve(call("middle", values=[1, 2, 3, 4]), DONE)
    agent = CustomAgent(MEDIANS, client(server), session, runner=runner)
    report = await agent.report("the middle of 1 to 4", Context(constraints=("be quick",)))
    assert report.output.model_dump() == {"answer": "There it is.", "value": 2.5}
    assert (report.role, report.usage.requests) == ("medians", 2)
    assert runner.tally.of("medians").requests == 2
    said = told(server)
    assert "2.5" in said
    assert "Call middle." in said
    assert "- be quick" in said
    assert "The median of values." in said
    kept = await session.execute("middle")
    assert kept.value == "mine"


async def test_bad_arguments_and_failures_are_told_to_the_model(
    serve: Serve, runner: Runner, session: Session
) -> None:
    server = serve(call("middle", values="many"), call("fail", text="too few"), DONE)
    await CustomAgent(MEDIANS, anthropic(server), session, runner=runner).run("go")
    assert "valid list" in told(server, 1)
    assert "ValueError: too few" in told(server, 2)


async def test_a_long_result_is_cut(serve: Serve, runner: Runner, session: Session) -> None:
    server = serve(call("long", times=50_000), DONE)
    await CustomAgent(MEDIANS, anthropic(server), session, runner=runner).run("go")
    assert "cut: " in told(server)
    assert len(told(server)) < 20_000


async def test_functions_without_a_session_are_a_clear_error(serve: Serve, runner: Runner) -> None:
    server = serve(DONE)
    with pytest.raises(UsageError, match="give it a session"):
        await CustomAgent(MEDIANS, anthropic(server), runner=runner).run("go")
    assert server.bodies == []


async def test_without_functions_it_needs_no_session(serve: Serve, runner: Runner) -> None:
    server = serve(DONE)
    plain = replace(MEDIANS, code="")
    output = await CustomAgent(plain, anthropic(server), runner=runner).run("go")
    assert output.model_dump()["value"] == 2.5


async def test_it_gets_the_tools_that_it_names_and_no_other(serve: Serve, naps: Naps) -> None:
    def inspect(name: str) -> str:
        """Tell about a variable."""
        return f"{name} is a table"

    def run_code(code: str) -> str:
        """Run it."""
        raise AssertionError

    runner = Runner(sleep=naps, tools={"inspect": inspect, "run_code": run_code})
    server = serve(call("inspect", name="people"), DONE)
    looking = replace(MEDIANS, code="", tools=("inspect",))
    await CustomAgent(looking, anthropic(server), runner=runner).run("go")
    assert "people is a table" in told(server)
    assert {tool["name"] for tool in server.bodies[0]["tools"]} == {"inspect", "deliver"}


async def test_a_tool_that_is_not_there_is_a_clear_error(serve: Serve, runner: Runner) -> None:
    server = serve(DONE)
    looking = replace(MEDIANS, code="", tools=("inspect",))
    with pytest.raises(UsageError, match=r"medians needs tools that are not there: inspect"):
        await CustomAgent(looking, anthropic(server), runner=runner).run("go")
    assert server.bodies == []


def test_a_cell_holds_the_call_and_one_name() -> None:
    cell = cell_for(parse(CODE), "middle", {"values": [1.0, 2.0], "low": True})
    names: dict[str, Any] = {}
    exec(cell.rpartition("\n")[0], names)
    assert names.keys() - {"__builtins__"} == {"_agent_tool"}
    assert names["_agent_tool"]() == 1.0


@pytest.mark.parametrize("text", ["'); import os; ('", "\n", '"""', "\\", "{x}"])
def test_arguments_stay_values(text: str) -> None:
    names: dict[str, Any] = {}
    cell = cell_for(parse("def echo(text: str) -> str:\n    return text"), "echo", {"text": text})
    exec(cell.rpartition("\n")[0], names)
    assert names["_agent_tool"]() == text

"""A sub-agent is asked by name: from Python, and by the coordinator."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from agent import Agent
from agent.events import RunFinished
from sessions.errors import RefusedError, UsageError
from sessions.events import CellFinished, CellStarted
from subagents.agent_file import AgentFile
from subagents.agent_role import GRANTABLE
from tests.agent.conftest import MODELS, Serve
from tests.agent.delegation.conftest import MEDIANS, keep
from tests.subagents.conftest import DOUBLE, FINE, deliver, told
from tests.support.wire import Fault, Reply

MIDDLE = Reply(calls=(("middle", {"values": [1.0, 2.0, 9.0]}),))
DONE = deliver(answer="It is 2.", value=2.0)


@pytest.mark.parametrize("model", MODELS)
async def test_an_approved_agent_works_in_the_kernel(
    serve: Serve, workspace: Path, model: str
) -> None:
    keep(workspace)
    server = serve(MIDDLE, DONE)
    async with Agent(workspace, model) as agent:
        await agent.session.execute("middle = 'mine'")
        events = [event async for event in agent.stream("the middle of 1, 2, 9", as_="medians")]
        kept = await agent.session.execute("middle")
    assert isinstance(events[-1], RunFinished)
    result = events[-1].result
    assert (result.status, result.answer) == ("done", "It is 2.\n\nvalue: 2.0")
    assert result.value == {"answer": "It is 2.", "value": 2.0}
    assert result.cost.input_tokens == 40
    assert set(result.cost_by_role) == {"medians"}
    cells = [event.execution.value for event in events if isinstance(event, CellFinished)]
    assert cells == [2.0]
    assert kept.value == "mine"
    assert "Call middle on the numbers" in told(server, 0)
    assert {"middle", "inspect", "run_code", "deliver"} <= set(_tools(server.bodies[0]))
    assert "save_skill" not in told(server, 0)


def _tools(body: dict[str, list[dict[str, dict[str, str]]]]) -> list[object]:
    return [tool.get("name") or tool["function"]["name"] for tool in body["tools"]]


async def test_its_tools_are_those_that_it_names(serve: Serve, workspace: Path) -> None:
    keep(workspace, MEDIANS.replace('"inspect", "run_code"', '"run_code"'))
    server = serve(Reply(calls=(("run_code", {"code": "6 * 7"}),)), DONE)
    async with Agent(workspace, MODELS[0]) as agent:
        result = await agent.run("go", as_="medians")
    assert result.status == "done"
    assert sorted(map(str, _tools(server.bodies[0]))) == ["deliver", "middle", "run_code"]
    assert "42" in told(server, 1)


async def test_its_budget_ends_it(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    serve(*[MIDDLE] * 9)
    async with Agent(workspace, MODELS[0]) as agent:
        result = await agent.run("go", as_="medians")
    assert result.status == "refused"
    assert "its budget is 4" in result.answer
    assert result.cost.input_tokens == 80


@pytest.mark.parametrize(
    ("status", "says"),
    [("provisional", "agent skills approve medians"), ("approved", "agent skills test medians")],
)
async def test_what_nobody_approved_as_it_is_is_refused(
    serve: Serve, workspace: Path, status: str, says: str
) -> None:
    server = serve(DONE)
    file = keep(workspace, status=status).file  # type: ignore[arg-type]  # a parameter is any text
    if status == "approved":
        file.write_text(file.read_text().replace("Call middle", "Call nothing"))
    async with Agent(workspace, MODELS[0]) as agent:
        with pytest.raises(RefusedError, match=says):
            await agent.run("go", as_="medians")
    assert server.bodies == []


async def test_an_unknown_name_is_a_clear_error(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    serve()
    async with Agent(workspace, MODELS[0]) as agent:
        with pytest.raises(UsageError, match=r"'median'; did you mean medians\?; there are code"):
            await agent.run("go", as_="median")


async def test_the_offline_engine_is_no_model_for_it(workspace: Path) -> None:
    keep(workspace)
    async with Agent(workspace, "offline") as agent:
        with pytest.raises(UsageError, match="can't play a sub-agent"):
            await agent.run("go", as_="medians")


async def test_those_of_the_package_are_asked_by_name(serve: Serve, workspace: Path) -> None:
    serve(deliver(**DOUBLE), deliver(**FINE))
    async with Agent(workspace, MODELS[0]) as agent:
        code = await agent.run("twice a number", as_="code")
        review = await agent.run("is this right? def f(x): return x", as_="review")
    assert code.answer.startswith("def double(x: int) -> int:")
    assert code.value["name"] == "double"
    assert set(code.cost_by_role) == {"code_generator"}
    assert review.answer.startswith("It does what was asked.")
    assert "verdict: approve" in review.answer


async def test_questions_are_the_persons(serve: Serve, workspace: Path) -> None:
    asking = {**DOUBLE, "source": "", "questions": ["of what?"]}
    serve(deliver(**asking))
    async with Agent(workspace, MODELS[0]) as agent:
        result = await agent.run("twice", as_="code")
    assert (result.status, result.questions[0].question) == ("needs_input", "of what?")


def test_without_await(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    serve(DONE)
    with Agent(workspace, MODELS[0]) as agent:
        assert agent.run_sync("go", as_="medians").status == "done"


async def test_the_coordinator_asks_those_that_were_approved(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    keep(workspace, name="others", status="provisional")
    asks = Reply(calls=(("ask_agent", {"name": "medians", "task": "of 1, 2, 9"}),))
    server = serve(asks, MIDDLE, DONE, Reply(text="The middle is 2."))
    async with Agent(workspace, MODELS[0]) as agent:
        result = await agent.run("the middle of 1, 2, 9")
    assert (result.status, result.answer) == ("done", "The middle is 2.")
    offered = {tool["name"]: tool for tool in server.bodies[0]["tools"]}
    assert "- medians: Finds the middle of numbers." in offered["ask_agent"]["description"]
    assert "others" not in offered["ask_agent"]["description"]
    assert "ask_agent" not in map(str, _tools(server.bodies[1]))
    assert "It is 2." in told(server, 3)
    assert set(result.cost_by_role) == {"coordinator", "medians"}


async def test_the_coordinator_is_told_why_not(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    keep(workspace, name="others", status="provisional")
    asks = Reply(calls=(("ask_agent", {"name": "others", "task": "go"}),))
    server = serve(asks, Reply(text="No."))
    async with Agent(workspace, MODELS[0]) as agent:
        await agent.run("ask the others")
    assert "waits for approval: agent skills approve others" in told(server, 1)


async def test_without_any_the_coordinator_is_offered_none(serve: Serve, workspace: Path) -> None:
    server = serve(Reply(text="Hello."))
    async with Agent(workspace, MODELS[0]) as agent:
        await agent.run("hello")
    offered = set(map(str, _tools(server.bodies[0])))
    assert "ask_agent" not in offered
    assert "write_agent" in offered


async def test_who_stops_reading_stops_its_cell(serve: Serve, workspace: Path) -> None:
    slow = MEDIANS.replace("import statistics", "import statistics\nimport time")
    keep(workspace, slow.replace("return _of(values, low)", "time.sleep(600)\n    return 0.0"))
    server = serve(MIDDLE, DONE)
    async with Agent(workspace, MODELS[0]) as agent:
        async with aclosing(agent.stream("go", as_="medians")) as events:
            async for event in events:
                if isinstance(event, CellStarted):
                    break
        assert (await agent.session.execute("6 * 7")).value == 42
    assert len(server.bodies) == 1


async def test_a_fault_of_the_provider_is_one_line(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    serve(MIDDLE, Fault(status=401, kind="authentication_error"))
    async with Agent(workspace, MODELS[0]) as agent:
        result = await agent.run("go", as_="medians")
    assert result.status == "failed"
    assert result.answer.startswith("medians got nothing from claude-opus-5-5 (HTTP 401)")
    assert result.cost.input_tokens == 20


async def test_nobody_is_asked_for_ever(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    asks = Reply(calls=(("ask_agent", {"name": "medians", "task": "go"}),))
    server = serve(asks, MIDDLE, DONE, asks, MIDDLE, DONE, asks, Reply(text="Enough."))
    async with Agent(workspace, MODELS[0], max_requests=4) as agent:
        result = await agent.run("go on")
    assert result.status == "done"
    assert len(server.bodies) == 8
    assert "sub-agents have made 4 requests, one run may make 4" in told(server, 7)


async def test_no_tool_of_the_coordinator_can_be_an_agents(serve: Serve, workspace: Path) -> None:
    keep(workspace)
    server = serve(Reply(text="Hello."))
    async with Agent(workspace, MODELS[0]) as agent:
        await agent.run("hello")
    offered = set(map(str, _tools(server.bodies[0])))
    assert {"ask_agent", "write_agent", "save_skill", "give_up"} <= offered
    for name in offered:
        with pytest.raises(UsageError, match="comes with the package"):
            AgentFile.parse("medians", MEDIANS.replace("def middle", f"def {name}"))
    for name in offered - GRANTABLE.keys():
        with pytest.raises(UsageError, match="can't be given to an agent"):
            AgentFile.parse("medians", MEDIANS.replace('"inspect"', f'"{name}"'))

"""MCP tools as functions in the kernel: the person is asked, and whatever a server does is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from agent import Agent
from agent.build import new_host_tools, new_session
from agent.events import ApprovalRequested
from agent.settings import Settings
from sessions import Execution, Session
from sessions.errors import UsageError
from tests.agent.conftest import Serve
from tests.support.mcp_server import PIXEL
from tests.support.mcp_servers import added, children, good, hostile
from tests.support.runs import DONE, result_of, run_code, told
from tools_registry.mcp.library import Library

ADD = "from agent_mcp.good import add\nadd(2)"


class Person:
    """Answers as told, and remembers what was asked."""

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        self.asked: list[str] = []

    async def permission(self, action: str, detail: str) -> str | None:
        assert detail.isascii()
        arguments = json.loads(detail)["arguments"]
        self.asked.append(f"{action.removeprefix('let code in the kernel call ')} {arguments}")
        return self.reason


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@asynccontextmanager
async def kernel(
    workspace: Path, person: Person | None = None, **options: object
) -> AsyncIterator[Session]:
    settings = Settings(tier="quick", **options)  # type: ignore[arg-type]
    host = new_host_tools(workspace, settings)
    before = children()
    async with new_session(workspace, settings, host=host) as session, aclosing(host):
        with host.asking(person or Person()):
            yield session
    assert children() <= before


def said(execution: Execution) -> str:
    assert execution.error is not None, execution
    return f"{execution.error.name}: {execution.error.message}"


async def test_a_tool_is_a_function_whose_result_stays_in_the_kernel(workspace: Path) -> None:
    await added(Library(), good())
    async with kernel(workspace) as session:
        assert (await session.execute(f"{ADD} + add(2, b=5)")).value == 10
        picture = await session.execute("from agent_mcp.good import picture\npicture()[0]['data']")
        assert picture.result == repr(PIXEL)
        point = await session.execute("from agent_mcp.good import mirror\nmirror({'x': 1})['x']")
        assert point.value == -1
        long = "from agent_mcp.good import long_text\ntext = long_text(2_000_000); len(text)"
        assert (await session.execute(long)).value == 2_000_000
        await session.execute("first = add(40)")
        assert (await session.execute("first")).value == 41


async def test_failures_are_exceptions(workspace: Path) -> None:
    await added(Library(), good())
    await added(Library(), hostile("die"))
    async with kernel(workspace) as session:
        failed = await session.execute("from agent_mcp.good import fail\nfail('no such town')")
        assert "McpError: " in said(failed)
        assert "no such town" in said(failed)
        wrong = await session.execute("from agent_mcp.good import add\nadd('2')")
        assert said(wrong) == (
            "HostError: good.add does not take these arguments: a: '2' is not of type 'integer'"
        )
        died = await session.execute("from agent_mcp.bad import greet\ngreet()")
        assert said(died) == "HostError: MCP server bad: it ended"
        assert (await session.execute(ADD)).value == 3


async def test_the_person_is_asked_once_for_each_tool_and_run(workspace: Path) -> None:
    await added(Library(), good())
    person, other = Person(), Person()
    settings = Settings(tier="quick")
    host = new_host_tools(workspace, settings)
    async with new_session(workspace, settings, host=host) as session, aclosing(host):
        for asked in (person, person, other):
            with host.asking(asked):
                assert (await session.execute(ADD)).value == 3
        with host.asking(other):
            await session.execute("from agent_mcp.good import place\nplace()")
    assert person.asked == ["good.add on the MCP server good {'a': 2}"]
    assert other.asked == [*person.asked, "good.place on the MCP server good {}"]


async def test_no_is_no_and_is_not_asked_again(workspace: Path) -> None:
    await added(Library(), good())
    person = Person("not today")
    before = children()
    async with kernel(workspace, person) as session:
        for _ in range(2):
            refused = await session.execute(ADD)
            assert said(refused) == "RefusedError: mcp_call was not approved: not today"
    assert len(person.asked) == 1
    assert children() <= before


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, ["add", "wipe", "wipe"]),
        ({"mcp_calls": "each"}, ["add", "add", "wipe", "wipe"]),
        ({"mcp_calls": "allow"}, []),
        ({"approval": "automatic"}, ["wipe", "wipe"]),
    ],
)
async def test_who_is_asked_how_often(
    workspace: Path, options: dict[str, object], asked: list[str]
) -> None:
    await added(Library(), good())
    person = Person()
    async with kernel(workspace, person, **options) as session:
        code = "from agent_mcp.good import add, wipe\n[add(1), add(1), wipe('a'), wipe('b')]"
        assert (await session.execute(code)).ok
    assert [line.partition(" ")[0].removeprefix("good.") for line in person.asked] == asked


async def test_calls_can_be_switched_off(workspace: Path) -> None:
    await added(Library(), good())
    async with kernel(workspace, mcp_calls="off") as session:
        assert 'the setting `mcp_calls` is "off"' in said(await session.execute(ADD))


async def test_a_call_past_the_module_is_checked_like_any(workspace: Path) -> None:
    await added(Library(), good())
    person = Person()
    asked = "import agent_host\nagent_host.call('mcp_call', server={}, tool={}, arguments={})"
    async with kernel(workspace, person) as session:
        for server, tool, arguments in (
            ("'nobody'", "'add'", "{}"),
            ("'good'", "'nothing'", "{}"),
            ("'../good'", "'add'", "{}"),
            ("'good'", "'add'", "{'a': []}"),
            ("7", "'add'", "{}"),
        ):
            failed = await session.execute(asked.format(server, tool, arguments))
            assert said(failed).startswith("HostError: ")
    assert person.asked == []


async def test_a_cell_can_not_change_what_it_calls_by(workspace: Path) -> None:
    await added(Library(), good())
    async with kernel(workspace) as session:
        code = "import agent_mcp, pathlib\npathlib.Path(agent_mcp.__file__).write_text('')"
        assert not (await session.execute(code)).ok
    assert Library().modules.joinpath("__init__.py").read_text()


async def test_nothing_runs_where_a_server_was_never_called(workspace: Path) -> None:
    await added(Library(), good())
    before = children()
    host = new_host_tools(workspace, Settings())
    assert [card["name"] for card in await host.search_tools("mirror a point", 1)] == ["mirror"]
    assert children() <= before
    await host.aclose()


async def test_a_person_reads_what_is_called_before_it_is(serve: Serve, workspace: Path) -> None:
    await added(Library(), good())
    serve(run_code(ADD), DONE)
    async with Agent(workspace) as agent, aclosing(agent.stream("go")) as events:
        async for event in events:
            if isinstance(event, ApprovalRequested):
                assert event.action == "let code in the kernel call good.add on the MCP server good"
                assert json.loads(event.detail)["arguments"] == {"a": 2}
                event.approve()
    assert result_of([event]).value == 3


async def test_a_run_ends_with_a_question_if_nobody_is_there(serve: Serve, workspace: Path) -> None:
    await added(Library(), good())
    serve(run_code(ADD), DONE)
    async with Agent(workspace) as agent:
        result = result_of(await told(agent))
    assert result.status == "needs_input"
    assert "good.add" in result.questions[0].question


async def test_servers_end_with_the_agent_also_when_it_is_cancelled(
    serve: Serve, workspace: Path
) -> None:
    await added(Library(), hostile("hang"))
    serve(run_code("from agent_mcp.bad import greet\ngreet()"), DONE)
    before = children()

    async def work() -> None:
        async with Agent(workspace, approval="automatic") as agent:
            await agent.run("go")

    task = asyncio.create_task(work())
    async with asyncio.timeout(60):
        while not any("mcp_hostile" in commands(pid) for pid in children()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    assert not any("mcp_hostile" in commands(pid) for pid in children() - before)


def commands(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def test_a_workspace_may_ask_for_more_questions_not_for_fewer(workspace: Path) -> None:
    for mode, held in (("off", "off"), ("each", "each"), ("allow", "once")):
        (workspace / "agent.toml").write_text(f'mcp_calls = "{mode}"\n')
        assert Settings.load(workspace).mcp_calls == held
    (workspace / "agent.toml").write_text('[mcpServers.evil]\ncommand = "evil"\n')
    with pytest.raises(UsageError, match="there is no setting"):
        Settings.load(workspace)

"""Stopping a run at any moment, and what comes after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from agent import Agent
from sessions.errors import AgentError
from sessions.events import CellFinished, CellStarted, CellText, Event
from tests.agent.conftest import Serve
from tests.support.model_server import Hang
from tests.support.runs import DONE, of_type, result_of, run_code, told


async def until(events: AsyncIterator[Event], kind: type[Event]) -> Event:
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(kind)


async def test_closing_the_stream_interrupts_the_cell(serve: Serve, workspace: Path) -> None:
    serve(run_code("print('on', flush=True)\nimport time; time.sleep(60)"), run_code("1 + 1"), DONE)
    async with Agent(workspace) as agent:
        before = asyncio.all_tasks()
        async with aclosing(agent.stream("go")) as events:
            await until(events, CellText)
            began = time.monotonic()
        assert time.monotonic() - began < 8
        assert asyncio.all_tasks() == before
        assert (await agent.run("and now")).value == 2


async def test_cancelling_the_task_interrupts_the_cell(serve: Serve, workspace: Path) -> None:
    serve(run_code("x = 1\nprint('on', flush=True)\nwhile True: pass"), run_code("x"), DONE)
    async with Agent(workspace) as agent:
        seen = asyncio.Event()

        async def watch() -> None:
            async with aclosing(agent.stream("go")) as events:
                await until(events, CellText)
                seen.set()
                async for _ in events:
                    pass

        task = asyncio.create_task(watch())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await agent.run("and now")).status == "done"


async def test_cancelling_while_the_model_thinks(serve: Serve, workspace: Path) -> None:
    server = serve(Hang(), DONE)
    async with Agent(workspace) as agent:
        thinking = asyncio.create_task(agent.run("go"))
        await asyncio.to_thread(server.asked.wait, 20)
        thinking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await thinking
        assert (await agent.run("again")).status == "done"


async def test_an_abandoned_stream_gives_way_to_the_next_run(serve: Serve, workspace: Path) -> None:
    serve(run_code("import time; time.sleep(60)"), DONE)
    async with Agent(workspace) as agent:
        async for event in agent.stream("go"):
            if isinstance(event, CellStarted):
                break
        assert (await agent.run("next")).status == "done"


async def test_a_stream_may_be_read_by_one_task_after_another(
    serve: Serve, workspace: Path
) -> None:
    serve(run_code("1"), DONE, run_code("import time; time.sleep(60)"), DONE)
    async with Agent(workspace) as agent:
        stream = agent.stream("go")
        events = []
        while (event := await asyncio.create_task(_next(stream))) is not None:
            events.append(event)
        assert result_of(events).status == "done"
        stream = agent.stream("go")
        while not isinstance(await asyncio.create_task(_next(stream)), CellStarted):
            pass
        await asyncio.create_task(stream.aclose())
        assert (await agent.run("and on")).status == "done"


async def _next(stream: AsyncIterator[Event]) -> Event | None:
    return await anext(stream, None)


async def test_requests_at_once_take_turns(serve: Serve, workspace: Path) -> None:
    serve(run_code("a = 1"), DONE, run_code("a + 1"), DONE)
    async with Agent(workspace) as agent:
        results = await asyncio.gather(agent.run("one"), agent.run("two"))
    assert [result.status for result in results] == ["done", "done"]


async def test_a_lost_kernel_does_not_end_the_conversation(serve: Serve, workspace: Path) -> None:
    serve(run_code("import os; os._exit(3)"), run_code("2 + 2"), DONE)
    async with Agent(workspace) as agent:
        events = await told(agent)
    first, second = (event.execution for event in of_type(events, CellFinished))
    assert (first.status, second.status) == ("killed", "ok")
    assert result_of(events).value == 4


async def test_closing_the_agent_ends_its_run(serve: Serve, workspace: Path) -> None:
    serve(run_code("import time; time.sleep(60)"))
    async with Agent(workspace) as agent:
        task = asyncio.create_task(agent.run("go"))
        await asyncio.sleep(0.5)
    with pytest.raises(AgentError, match="closed while it worked"):
        await task


async def test_nothing_is_left_behind(serve: Serve, workspace: Path) -> None:
    children = set(psutil.Process().children(recursive=True))
    serve(run_code("1"), DONE)
    async with Agent(workspace) as agent:
        await agent.run("go")
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    assert not tasks
    assert set(psutil.Process().children(recursive=True)) <= children

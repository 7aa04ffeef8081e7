"""A conversation that goes on gets its kernels from a warm parent."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from agent import Agent
from sessions.process import WarmProcess
from sessions.usage import descendants


async def test_the_second_request_warms_up_and_a_crash_comes_back_warm(workspace: Path) -> None:
    before = set(descendants(os.getpid()))
    async with Agent(workspace, model="offline") as agent:
        await agent.run("is 97 prime?")
        pool = agent.session._kernel._pool
        assert pool is not None
        assert pool._zygote is None  # one request is not worth a process
        await agent.run("is 91 prime?")
        assert await asyncio.to_thread(pool.wait_warm)
        os.kill(agent.session._process.pid, signal.SIGKILL)  # and all that was frozen
        agent.session._process.wait()
        await agent.session.execute("1")
        assert isinstance(agent.session._process._process, WarmProcess)
        assert (await agent.run("is 89 prime?")).value is True
    assert set(descendants(os.getpid())) <= before

"""Several wait for one kernel, and none takes the word from another."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from sessions import Limits
from sessions.readiness import ready
from sessions.sandbox import Sandbox
from sessions.specification import specification


async def test_who_gives_up_does_not_take_the_word_from_who_waits(workspace: Path) -> None:
    with closing(Sandbox(specification(workspace, Limits.quick()))) as sandbox:
        ahead, session = (asyncio.create_task(ready(sandbox)) for _ in range(2))
        await asyncio.sleep(0)
        ahead.cancel()
        await asyncio.wait_for(session, 30)
        assert ahead.cancelled()
        assert sandbox.held is not None

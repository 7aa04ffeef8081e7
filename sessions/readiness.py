"""Waiting for a sandbox to take cells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.sandbox import Sandbox


async def ready(sandbox: Sandbox) -> None:
    """Wait, without blocking the loop, until a sandbox takes cells.

    Raises:
        IsolationError: If a wall can't be put up.
        KernelError: If the kernel does not start.
    """
    if sandbox.held is not None:
        return
    loop = asyncio.get_running_loop()
    reported = asyncio.Event()
    loop.add_reader(sandbox.report, reported.set)
    try:
        await asyncio.wait_for(reported.wait(), sandbox.start_seconds)
    except TimeoutError:
        sandbox.kill()  # then its report ends, and says so
    finally:
        loop.remove_reader(sandbox.report)
    sandbox.wait_ready()

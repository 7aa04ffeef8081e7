"""Waiting for a sandbox to take cells."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.sandbox import Sandbox


async def ready(sandbox: Sandbox) -> None:
    """Wait, without blocking the loop, until a sandbox takes cells.

    Several may wait for the same one, and each may give up: what waits for a kernel that was
    started ahead gives up when a session takes it over.

    Raises:
        IsolationError: If a wall can't be put up.
        KernelError: If the kernel does not start.
    """
    if sandbox.held is not None:
        return
    loop = asyncio.get_running_loop()
    reported = asyncio.Event()
    report = os.dup(sandbox.report)  # a loop knows one reader of a descriptor, the last
    loop.add_reader(report, reported.set)
    try:
        await asyncio.wait_for(reported.wait(), sandbox.start_seconds)
    except TimeoutError:
        sandbox.kill()  # then its report ends, and says so
    finally:
        loop.remove_reader(report)
        os.close(report)
    sandbox.wait_ready()

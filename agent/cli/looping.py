"""Running asynchronous work from a command so that every way to stop it cleans up."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


def run_until_done(work: Coroutine[Any, Any, int]) -> int:
    """Run work to its end and return its exit code.

    Ctrl-C, and the signals by which a terminal or a service manager ends a process, cancel it, so
    that what it opened is closed.

    Raises:
        KeyboardInterrupt: If it was stopped.
    """
    try:
        return asyncio.run(_cancelled_by_signals(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _cancelled_by_signals(work: Coroutine[Any, Any, int]) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup sets it
            loop.add_signal_handler(number, _cancel_once, task)
    return await work


def _cancel_once(task: asyncio.Task[Any]) -> None:
    # Cancelled again, it would leave its cleaning up half done; that takes a few seconds at most.
    if not task.cancelling():
        task.cancel()

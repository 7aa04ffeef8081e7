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
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if task is not None and signal.getsignal(number) != signal.SIG_IGN:  # as nohup sets it
            loop.add_signal_handler(number, task.cancel)
    return await work

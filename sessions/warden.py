"""Holds kernels of notebooks to their limits.

People start the cells of a notebook, and wait for them as long as they like: there is no limit on
wall-clock or processor time, and a cell is ended by the interrupt button. What is held is what
others on the machine would suffer from: memory (the kernel ends), growth of the workspace (an
interrupt, then the kernel ends), and by the system itself processes, files and processors at once.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sessions.disk import Disk
from sessions.limits import Limit, Limits
from sessions.notice import notify
from sessions.sandbox import Sandbox
from sessions.usage import descendants
from sessions.ward import Ward
from sessions.watchdog import Watchdog

_GRACE = 1.0  # seconds after an interrupt
_PATIENCE = 10.0  # seconds; who goes on writing so soon after an interrupt did not heed it
_GB = 1 << 30


class Warden:
    """Watches a sandbox from a thread, for front ends have loops that rest; use as `with`.

    Args:
        sandbox: A sandbox that is up, and in which no cell has run yet.
        workspace: Directory whose growth counts.
        limits: What is held, apart from times.
        tell: Takes a line for the person, from another thread.

    Attributes:
        end: Why the kernel had to end, once it has; empty if nothing is known against it.
    """

    def __init__(
        self, sandbox: Sandbox, workspace: Path, limits: Limits, tell: Callable[[str], None]
    ) -> None:
        self._sandbox = sandbox
        self._ward = Ward(sandbox, Disk(workspace))
        self._limits = limits
        self._tell = tell
        self._kernel = _kernel_of(sandbox)
        self.end = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="warden", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if not self.end and self._sandbox.poll() is not None and self._sandbox.lacked_memory:
            self.end = self._why("memory")
            self._tell(f"the system killed a process: {self.end}")
        if self._kernel >= 0:
            os.close(self._kernel)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._hold_until_stopped())

    async def _hold_until_stopped(self) -> None:
        holding = asyncio.create_task(self._hold())
        await self._stop.wait()
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)

    async def _hold(self) -> None:
        dog = Watchdog(self._ward, self._limits)
        interrupted = -math.inf
        while True:
            limit = await dog.breach()
            if limit == "disk" and time.monotonic() - interrupted > _PATIENCE:
                await self._interrupt()
                interrupted = time.monotonic()
                continue
            self.end = self._why(limit)
            await self._say(f"the kernel was ended: {self.end}")
            self._sandbox.kill()
            return

    async def _interrupt(self) -> None:
        await self._say(f"the running cell is interrupted: {self._why('disk')}")
        with suppress(OSError):
            signal.pidfd_send_signal(self._kernel, signal.SIGINT)
        await asyncio.sleep(_GRACE)
        await self._ward.is_full(self._limits.disk)  # forgives what came meanwhile

    async def _say(self, what: str) -> None:
        """Tell it also below the cell, while there is a kernel to show it."""
        self._tell(what)
        with suppress(Exception):  # whatever a kernel sends, it is held
            await notify(self._sandbox.connection, what)

    def _why(self, limit: Limit) -> str:
        if limit == "disk":
            return f"workspace or temporary files grew by more than {_size(self._limits.disk)}"
        return f"its processes used more than {_size(self._limits.memory)} of memory"


def _kernel_of(sandbox: Sandbox) -> int:
    """A descriptor of the process that runs cells, -1 if it has ended: the last to be started."""
    with suppress(IndexError, OSError):
        return os.pidfd_open(list(descendants(sandbox.pid))[-1])
    return -1


def _size(number: int) -> str:
    return f"{number / _GB:.3g} GB"

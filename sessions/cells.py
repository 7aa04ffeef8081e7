"""Runs cells in a running kernel, and brings the kernel back when one costs its life."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from sessions.errors import KernelError
from sessions.events import CellFinished, CellStarted, Event
from sessions.execution import Restored, Status, status_at
from sessions.limits import Limit, Limits
from sessions.overflow import Overflow
from sessions.record import Record
from sessions.run import Run

if TYPE_CHECKING:
    from sessions.requests import Requests
    from sessions.running import RunningKernel

_HARMLESS: set[Limit] = {"output"}  # what is printed beyond it goes to a file
_NOTHING: tuple[Restored | None, tuple[str, ...]] = (None, ())
_GRACE = 2.0  # seconds between the interrupt at a limit and the kill


class Cells:
    """Runs cells, one after the other.

    Args:
        kernel: Where they run.
        requests: Answers what they ask of the host.
        limits: Ceilings of each.
        workspace: Directory whose growth counts.
        outputs: Tells the directory for what is too long to show.
    """

    def __init__(
        self,
        kernel: RunningKernel,
        requests: Requests,
        limits: Limits,
        workspace: Path,
        outputs: Callable[[], Path],
    ) -> None:
        self._kernel = kernel
        self._requests = requests
        self._limits = limits
        self._workspace = workspace
        self._outputs = outputs
        self._untold = _NOTHING

    async def run(self, code: str, seconds: float, index: int) -> AsyncGenerator[Event, None]:
        """Run a cell and yield what happens, the last event being `CellFinished`.

        Leaving the iteration early interrupts the cell.

        Args:
            code: Python as in a notebook cell.
            seconds: Wall-clock time it may take.
            index: Its number.
        """
        record = self._record(index)
        if self._kernel.ended:
            await self._recover()
        yield CellStarted(index=record.index, code=code)
        calls: deque[Event] = deque()
        self._requests.open(calls.append)
        watch = self._kernel.watchdog(self._limits, self._workspace, seconds)
        run = Run(self._kernel.client.execute(code), watch)
        try:
            async with aclosing(run.messages(self._stop_cell)) as messages:
                async for message in messages:
                    while calls:
                        yield calls.popleft()
                    if (event := record.take(message)) is not None:
                        yield event
        finally:
            await self._requests.close()
            await self._settle(run, record, code)
        for call in calls:
            yield call
        status = await self._finish(record, run, code)
        self._kernel.rest()
        (restored, lost), self._untold = self._untold, _NOTHING
        yield CellFinished(execution=record.finish(status, restored=restored, lost=lost))

    async def replay(self, code: str) -> None:
        """Run a cell of the past again, of which nobody needs to hear.

        Raises:
            KernelError: If it ends the kernel.
        """
        index = self._kernel.history.cells
        untold, self._untold = self._untold, _NOTHING  # which is for a cell that somebody hears of
        try:
            await self._run_again(code, index)
        finally:
            self._untold = untold

    async def _run_again(self, code: str, index: int) -> None:
        async with aclosing(self.run(code, self._limits.wall, index)) as events:
            async for event in events:
                if isinstance(event, CellFinished) and event.execution.restored is not None:
                    msg = f"a cell that had to run again ended the kernel this time: {code[:80]!r}"
                    raise KernelError(msg)

    async def _recover(self) -> None:
        """Bring the kernel back; the next outcome of a cell tells of it, whenever there is one."""
        restored, lost = await self._kernel.recover()
        farthest = max((restored, self._untold[0] or restored), key=get_args(Restored).index)
        self._untold = farthest, tuple(dict.fromkeys((*self._untold[1], *lost)))

    def _record(self, index: int) -> Record:
        outputs = self._outputs()

        def text(stream: str) -> Overflow:
            return Overflow(self._limits.output, outputs / f"cell-{index}-{stream}.txt")

        return Record(index=index, layers=self._kernel.layers, text=text)

    async def _stop_cell(self, limit: Limit) -> None:
        """End a cell that met a limit: politely first, but memory can't wait."""
        if limit != "memory":
            self._kernel.interrupt()
            await asyncio.sleep(_GRACE / 2)
            self._kernel.insist()
            await asyncio.sleep(_GRACE / 2)
        self._kernel.kill()

    async def _settle(self, run: Run, record: Record, code: str) -> None:
        """After a stream that was left early: end the cell, so that the kernel is free."""
        if run.over:
            return
        if await self._drained(run):
            self._kernel.history.add(code)
            await self._is_free(run, record)
        elif self._kernel.is_open:  # else its session was closed meanwhile
            await self._recover()
        run.close()

    async def _drained(self, run: Run) -> bool:
        with suppress(Exception):
            self._kernel.interrupt()
            async with asyncio.timeout(_GRACE):
                await run.drain()
        return run.over and not run.died

    async def _finish(self, record: Record, run: Run, code: str) -> Status | None:
        """Note a cell that ran, or come back from its kernel's death; its status, if decided."""
        status = status_at(run.breach)
        if not run.died:
            self._kernel.history.add(code, record.names)
            if await self._is_free(run, record):
                return status
        await run.look_back()
        _note_limits(run, record)
        await self._recover()
        return status or "killed"

    async def _is_free(self, run: Run, record: Record) -> bool:
        """Whether the next cell has the kernel to itself; one that can't be had so is ended.

        What a cell that met a limit has left running would use up that of the next one as well.
        """
        _note_limits(run, record)
        if record.limits:
            await run.look_back()
            _note_limits(run, record)
        if set(record.limits) <= _HARMLESS:
            return True
        is_free = await self._kernel.tidy()
        _note_limits(run, record)  # those met until now are not the next cell's
        if not is_free:
            self._kernel.kill()
        return is_free


def _note_limits(run: Run, record: Record) -> None:
    for limit in run.met():
        record.hit(limit)

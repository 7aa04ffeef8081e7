"""Notices when a kernel rests."""

from __future__ import annotations

import asyncio

from tornado.ioloop import IOLoop

_FRESH = 0.1  # seconds without work before the first cell, whose state is cheap to have again


class Pauses:
    """Notices when a kernel rests after work that changed its state.

    Attributes:
        cells: Cells that led to the present state.
        changed: Whether something ran since the last snapshot.
        reached: Whether the loop was stopped for a pause, and not for good.
        on: Whether anybody wants to know.
    """

    def __init__(self) -> None:
        self.cells = 0
        self.changed = True
        self.reached = False
        self.on = False
        self._timer: object = None

    def begin_work(self) -> None:
        """A request came in."""
        self._cancel()

    def end_work(self) -> None:
        """A request was answered."""
        self._cancel()
        if not (self.on and self.changed):
            return
        if self.cells:
            # Before the loop looks for the next cell, which must not take this state with it.
            asyncio.get_running_loop().call_soon(self._reach)
        else:
            self._timer = IOLoop.current().call_later(_FRESH, self._reach)

    def _cancel(self) -> None:
        if self._timer is not None:
            IOLoop.current().remove_timeout(self._timer)
            self._timer = None

    def _reach(self) -> None:
        self._timer = None
        self.reached = True
        IOLoop.current().stop()

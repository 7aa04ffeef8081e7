"""Notices when a kernel rests."""

from __future__ import annotations

import asyncio

from tornado.ioloop import IOLoop


class Pauses:
    """Notices when a kernel rests after work that changed its state.

    Attributes:
        cells: Number of the present state, that is of the cells and pushes that led to it.
        changed: Whether something ran since the last snapshot; a fresh state needs none.
        reached: Whether the loop was stopped for a pause, and not for good.
        on: Whether anybody wants to know.
    """

    def __init__(self) -> None:
        self.cells = 0
        self.changed = False
        self.reached = False
        self.on = False

    def end_work(self) -> None:
        """A request was answered."""
        if self.on and self.changed:
            # Before the loop looks for the next cell, which must not take this state with it.
            asyncio.get_running_loop().call_soon(self._reach)

    def _reach(self) -> None:
        self.reached = True
        IOLoop.current().stop()

"""Notices when a kernel rests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tornado.ioloop import IOLoop


class Pauses:
    """Notices when a kernel rests after work that changed its state.

    Attributes:
        cells: Number of the present state, that is of the cells and pushes that led to it.
        changed: Whether something ran since the last snapshot; a fresh state needs none.
        reached: Whether the loop was stopped for a pause, and not for good.
        on: Whether anybody wants to know.
        wake: What to do before the next request, if anything; done once.
    """

    def __init__(self) -> None:
        self.cells = 0
        self.changed = False
        self.reached = False
        self.on = False
        self.wake: Callable[[], None] | None = None
        self._requests = 0

    @property
    def idle(self) -> bool:
        """Whether nothing runs, and nothing ran since the last snapshot."""
        return not (self.changed or self._requests)

    def begin_work(self) -> None:
        """A request came in."""
        self._requests += 1
        if self.wake is not None:
            self.wake()
            self.wake = None

    def end_work(self) -> None:
        """A request was answered."""
        self._requests -= 1
        if self.on and self.changed:
            # Before the loop looks for the next cell, which must not take this state with it.
            asyncio.get_running_loop().call_soon(self.reach)

    def reach(self) -> None:
        """Stop the loop for a pause."""
        self.reached = True
        IOLoop.current().stop()

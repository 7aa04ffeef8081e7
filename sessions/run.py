"""One cell on its way: its messages, and the watchdog beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING

from sessions.limits import Limit
from sessions.watchdog import Watchdog

if TYPE_CHECKING:
    from sessions.client import Message, Request

Stop = Callable[[Limit], Awaitable[None]]
"""Ends a cell that met a limit."""


class Run:
    """The messages of one cell under a watchdog."""

    def __init__(self, messages: Request, watch: Watchdog) -> None:
        self._messages = messages
        self._watch = watch
        self.breach: Limit | None = None
        self.over = False
        self.died = False

    async def messages(self, stop: Stop) -> AsyncGenerator[Message, None]:
        """Yield messages until the cell is over, the kernel is gone, or the cell was stopped."""
        guard = asyncio.create_task(self._guard(stop))
        try:
            async for message in self._rest():
                yield message
        finally:
            guard.cancel()
            await asyncio.gather(guard, return_exceptions=True)

    def met(self) -> list[Limit]:
        """Limits that the cell met, the one it was stopped at first."""
        return [*([self.breach] if self.breach else []), *self._watch.met()]

    async def look_back(self) -> None:
        """Look for what it met unseen; takes a while in a large workspace."""
        await self._watch.look_back()

    async def drain(self) -> None:
        """Wait for the end of the cell."""
        async for _ in self._rest():
            pass

    def close(self) -> None:
        """Let go of the messages; they may not be asked for any more."""
        self._messages.close()

    async def _rest(self) -> AsyncGenerator[Message, None]:
        from sessions.client import KernelGone  # which takes a while

        try:
            async for message in self._messages:
                yield message
            self.over = True
        except KernelGone:
            self.over = self.died = True

    async def _guard(self, stop: Stop) -> None:
        self.breach = await self._watch.breach()
        await stop(self.breach)

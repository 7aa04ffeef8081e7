"""Questions to the person, for whom the clock stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from agent.events import Question
from sessions.events import Event


class Door(Protocol):
    """Whoever shows what happens and can ask the person: a run."""

    def emit(self, event: Event) -> None:
        """Tell an event."""

    async def ask(self, question: Question) -> str | None:
        """The person's reply, or None if nobody can be asked."""


class Nobody:
    """A door at which nobody stands."""

    def emit(self, event: Event) -> None:
        """Tell nobody."""

    async def ask(self, question: Question) -> str | None:
        """Nobody answers."""
        return None


class Asker:
    """Asks the person as long as there is one.

    Args:
        door: Where the person is.

    Attributes:
        unanswered: Questions that nobody could be asked.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._clock: asyncio.Timeout | None = None
        self.unanswered: list[Question] = []

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """A limit of time that does not run while the person thinks.

        Raises:
            TimeoutError: If it was met.
        """
        async with asyncio.timeout(seconds) as self._clock:
            try:
                yield
            finally:
                self._clock = None

    async def ask(self, question: Question) -> str | None:
        """The reply; None if it is empty or nobody could be asked, and then nobody is any more."""
        if self.unanswered:
            return None
        reply = await self._patiently(question)
        if reply is None:
            self.unanswered.append(question)
            return None
        return reply.strip() or None

    @property
    def attended(self) -> bool:
        """Whether somebody may be there."""
        return not self.unanswered

    async def _patiently(self, question: Question) -> str | None:
        now, end = asyncio.get_running_loop().time, self._clock and self._clock.when()
        if self._clock is None or end is None:
            return await self._door.ask(question)
        asked = now()
        self._clock.reschedule(None)
        try:
            return await self._door.ask(question)
        finally:
            self._clock.reschedule(end + now() - asked)

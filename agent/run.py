"""One request on its way: what came of it so far, and the events it tells."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from agent.approval import UNATTENDED
from agent.events import ApprovalRequested, AttemptStarted, Question, QuestionAsked, RunStatus
from sessions.events import Event
from sessions.execution import Execution
from subagents.usage import Tally


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a request ended, in the words of `Result`."""

    status: RunStatus
    answer: str
    questions: tuple[Question, ...] = ()


class Stopped(Exception):  # noqa: N818 - it ends a run, which need not be an error
    """Raised by a tool to end the run then and there."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.answer)


@dataclass(kw_only=True)
class Run:
    """What the tools of a run share.

    Attributes:
        answers: Replies given in advance; each is used once.
        attempts: How many cells the model ran.
        drafts: How many attempts at a function there were.
        tally: What sub-agents have cost.
        value: The value of the last cell that ran ok.
        cell: The cell that is running, or the last one.
        skills_used: Skills that a cell imported and that ran ok.
        skills_saved: Skills that were written.
        reached: What there is of work that was broken off; None if it was not, or came to nothing.
    """

    answers: deque[str] = field(default_factory=deque)
    attempts: int = 0
    drafts: int = 0
    tally: Tally = field(default_factory=Tally)
    value: Any = None
    cell: asyncio.Task[Execution] | None = None
    skills_used: list[str] = field(default_factory=list)
    skills_saved: list[str] = field(default_factory=list)
    reached: Outcome | None = None
    _events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)

    def emit(self, event: Event) -> None:
        """Tell an event."""
        self.drafts += isinstance(event, AttemptStarted)
        self._events.put_nowait(event)

    def close(self) -> None:
        """Tell that no event follows."""
        self._events.put_nowait(None)

    async def told(self) -> AsyncGenerator[Event, None]:
        """The events in order, up to `close`.

        Whoever reads them answers a question or an approval before asking for the next event; what
        is still open then is taken as: nobody could be asked.
        """
        while (event := await self._events.get()) is not None:
            yield event
            _settle(event)

    async def stop_cell(self) -> None:
        """End the cell, and wait until the kernel is free for the next one."""
        if self.cell is not None and not self.cell.done():
            self.cell.cancel()
            await asyncio.wait([self.cell])

    async def ask(self, question: Question) -> str | None:
        """The person's reply, or None if nobody could be asked."""
        reply: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self.answers:
            reply.set_result(self.answers.popleft())
        self.emit(QuestionAsked(question=question, answer=reply))
        return await reply

    async def permission(self, action: str, detail: str) -> str | None:
        """None if the person agrees, else the reason for no."""
        reply: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.emit(ApprovalRequested(action=action, detail=detail, answer=reply))
        return await reply


def _settle(event: Event) -> None:
    if isinstance(event, QuestionAsked) and not event.answer.done():
        event.answer.set_result(None)
    elif isinstance(event, ApprovalRequested):
        event.deny(UNATTENDED)

"""Answers to what a run asks, from the person at the terminal."""

from __future__ import annotations

import asyncio
import sys

from agent.approval import UNATTENDED
from agent.events import ApprovalRequested, Question, QuestionAsked
from agent.render import Paper
from sessions.events import Event


class Person:
    """Whoever started the command, if there is a terminal to ask at.

    Args:
        paper: Where to show what is asked.
    """

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._present = sys.stdin.isatty() and paper.is_terminal

    @property
    def present(self) -> bool:
        """Whether there is a terminal to ask at."""
        return self._present

    async def answer(self, event: Event) -> None:
        """Settle an approval or a question that is still open; other events need nothing."""
        if isinstance(event, QuestionAsked) and not event.answer.done():
            event.answer.set_result(await self.reply(event.question))
        elif isinstance(event, ApprovalRequested) and not event.answer.done():
            await self._approve(event)

    async def reply(self, question: Question) -> str | None:
        """The person's answer, or None if nobody can be asked."""
        if not self._present:
            return None
        for line in (question.context, question.question, " / ".join(question.options)):
            if line:
                self._paper.line(line, "1")
        return await self._ask("> ")

    async def _approve(self, event: ApprovalRequested) -> None:
        if not self._present:
            event.deny(UNATTENDED)
            return None
        self._paper.line(event.action, "1")
        while True:
            reply = (await self._ask("[y]es, [n]o, [s]how: ") or "no").lower()
            if reply in ("y", "yes"):
                return event.approve()
            if reply in ("n", "no"):
                return event.deny("the person said no")
            if reply in ("s", "show"):
                self._paper.line(event.detail or event.action)

    async def _ask(self, prompt: str) -> str | None:
        """One line from the terminal, or None at its end; Ctrl-C works while waiting."""
        self._paper.fresh()
        self._paper.dim(prompt)
        await _readable(sys.stdin.fileno())
        line = sys.stdin.readline()
        return line.strip() if line else None


class AtTerminal:
    """Asks whoever started a command about what its cells want, outside of any run.

    Args:
        paper: Where to show what is asked.
    """

    def __init__(self, paper: Paper) -> None:
        self._person = Person(paper)

    async def permission(self, action: str, detail: str) -> str | None:
        """None if the person agrees, else the reason for no."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        event = ApprovalRequested(action=action, detail=detail, answer=answer)
        await self._person.answer(event)
        return await answer


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)

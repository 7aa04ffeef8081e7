"""From a request to a function that has earned its place, or to the best that came of it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Literal

from agent.authoring import account
from agent.authoring.asker import Asker, Door, Nobody
from agent.authoring.attempt import Tried, approach_of
from agent.authoring.commission import Commission
from agent.authoring.drafting import Drafting
from agent.authoring.feedback import feedback
from agent.authoring.judging import Judging
from agent.authoring.refereeing import Refereeing
from agent.authoring.trial import Judged
from agent.authoring.untested import untested
from agent.authoring.work import Work
from agent.authoring.workshop import Workshop
from agent.events import Approach, AttemptStarted, Question
from sessions.errors import AgentError, NeedsInputError, UsageError
from subagents.context import Context
from tools_registry.skills.skill import Evidence, Provenance, SkillDraft
from tools_registry.tool import SkillStatus

Outcome = Literal["accepted", "partial", "needs_input"]

_AFTER_ADVICE = 2
"""Attempts that follow when the person was asked how to go on."""

_log = logging.getLogger("agent")


@dataclass(frozen=True, kw_only=True)
class Authored:
    """How the work on a function ended.

    Attributes:
        outcome: `accepted`; `partial` if something is missing; `needs_input` if a question stands
            in the way and nobody could be asked.
        best: The best attempt; None if nothing was written.
        tried: All attempts.
        account: What there is, what is missing, why, and what to try.
        questions: What nobody could be asked.
    """

    outcome: Outcome
    best: Tried | None
    tried: tuple[Tried, ...]
    account: str
    questions: tuple[Question, ...] = ()

    def draft(self, provenance: Provenance, status: SkillStatus) -> SkillDraft:
        """The accepted attempt, to be saved.

        Raises:
            UsageError: If there is none.
        """
        if self.outcome != "accepted" or self.best is None:
            msg = "nothing was accepted, so there is nothing to save"
            raise UsageError(msg)
        return SkillDraft(
            name=self.best.name,
            source=self.best.source,
            tests=self.best.tests,
            evidence=self.best.evidence,
            provenance=provenance,
            status=status,
        )


class Author:
    """Writes a function: generates, mends, tries another way, and then asks.

    An author is used once.

    Args:
        workshop: What to work with.
        door: Who is told, and can be asked; by default nobody.
    """

    def __init__(self, workshop: Workshop, door: Door | None = None) -> None:
        self._workshop = workshop
        self._door = door or Nobody()
        self._asker = Asker(self._door)
        self._drafting = Drafting(workshop, self._asker)
        referee = Refereeing(workshop, self._drafting, self._door)
        self._judging = Judging(workshop, self._asker, referee)
        self._work: Work | None = None
        self._running: asyncio.Task[Authored] | None = None
        self._stopped = False

    async def write(self, commission: Commission, context: Context | None = None) -> Authored:
        """Write what is wanted; nothing is saved.

        Args:
            commission: What is wanted.
            context: What sub-agents are told beside it.

        Raises:
            UsageError: If the name can't be had, or there is no model.
            ModelError: If a model failed before anything was written.
            BudgetError: If a budget was reached before anything was written.
        """
        objection = await asyncio.to_thread(self._workshop.shelf.namer)
        if commission.name and (reason := objection(commission.name)):
            msg = f"the function can't be called {commission.name!r}: {reason}"
            raise UsageError(msg)
        work = Work(commission=commission, context=context or Context(), objection=objection)
        self._work = work
        self._running = asyncio.create_task(self._carry_out(work))
        try:
            return await self._running
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            return _ended(work, "it was stopped")

    def reached(self, reason: str) -> Authored | None:
        """What there is of work that was broken off; None if nothing was written.

        Args:
            reason: Why it went no further.
        """
        work = self._work
        return _ended(work, reason) if work is not None and work.best is not None else None

    def stop(self) -> None:
        """End the work: `write` returns the best attempt so far as partial."""
        self._stopped = True
        if self._running is not None:
            self._running.cancel()

    async def _carry_out(self, work: Work) -> Authored:
        try:
            await self._attempts(work, self._workshop.attempts)
            if not _is_done(work) and await self._advised(work):
                await self._attempts(work, _AFTER_ADVICE)
        except NeedsInputError as error:
            outcome: Outcome = "partial" if work.best else "needs_input"
            return _ended(work, str(error), outcome, tuple(self._asker.unanswered))
        except AgentError as error:
            if work.best is None:
                raise
            return _ended(work, str(error))
        if _is_done(work):
            return _accepted(work)
        why = f"{_counted(work)} did not pass every check"
        return _ended(work, why, questions=tuple(self._asker.unanswered))

    async def _attempts(self, work: Work, most: int) -> None:
        """Up to so many attempts, until one is accepted.

        Raises:
            AgentError: If it makes no sense to go on.
        """
        for _ in range(most):
            approach = self._next_approach(work)
            told = work.begin(approach)
            self._door.emit(AttemptStarted(number=work.number, approach=approach, feedback=told))
            if await self._attempt(work, approach):
                return

    def _next_approach(self, work: Work) -> Approach:
        """After the person was asked there is something to mend."""
        return approach_of(work.number + 1) if work.number < self._workshop.attempts else "mend"

    async def _attempt(self, work: Work, approach: Approach) -> bool:
        """One attempt, which is kept however it ends; whether it was accepted."""
        started, judged = time.perf_counter(), None
        failures: tuple[str, ...] = ("it was cancelled",)
        try:
            async with self._asker.within(self._workshop.seconds):
                draft = await self._drafting.draft(work)
                failures = ("it was not judged to its end",)
                judged = await self._judging.judge(work, draft)
                failures = feedback(judged.verdict, judged.disagreements, work.rulings)
            if self._judging.failure is not None:
                raise self._judging.failure
        except TimeoutError:
            failures = (f"it took longer than {self._workshop.seconds:g} s",)
        except AgentError as error:
            if judged is None:
                failures = (str(error),)
                judged = await untested(self._workshop, work)
            raise
        finally:
            work.failures = failures
            self._keep(work, approach, judged, time.perf_counter() - started)
        return _is_done(work)

    def _keep(self, work: Work, approach: Approach, judged: Judged | None, seconds: float) -> None:
        tried = _tried(work, approach, judged, seconds)
        work.tried.append(tried)
        self._door.emit(tried.event)
        try:
            self._workshop.log(tried, work.commission.task)
        except (OSError, AgentError):  # a full disk takes nothing from what was written
            _log.warning("an attempt was not kept in the session", exc_info=True)

    async def _advised(self, work: Work) -> bool:
        """Whether the person has said how to go on."""
        what = work.failures[0] if work.failures else "no attempt was accepted"
        question = Question(
            question=f"How should {work.commission.name or 'the function'} behave here?",
            context=f"{_counted(work)} did not pass every check: {what}",
        )
        reply = await self._asker.ask(question)
        if reply is not None:
            work.answered(f"{question.context} {question.question}", reply)
            work.rulings.clear()
        return reply is not None


def _tried(work: Work, approach: Approach, judged: Judged | None, seconds: float) -> Tried:
    """The attempt as it is kept."""
    draft = work.draft if work.is_written else None
    verdict = judged.verdict if judged else None
    notes = work.suite.notes if work.suite else ()
    referee = Evidence(signal="referee", passed=True, detail="; ".join(notes))
    return Tried(
        number=work.number,
        approach=approach,
        name=draft.name if draft else "",
        source=draft.source if draft else "",
        tests=judged.candidate.tests if judged else "",
        accepted=bool(verdict and verdict.accepted),
        score=verdict.score if verdict else 0.0,
        evidence=(*(verdict.evidence if verdict else ()), *[referee] * bool(notes)),
        broken=len(judged.disagreements) if judged else 0,
        failures=work.failures,
        seconds=round(seconds, 3),
    )


def _counted(work: Work) -> str:
    return "one attempt" if len(work.tried) == 1 else f"{len(work.tried)} attempts"


def _is_done(work: Work) -> bool:
    return bool(work.tried) and work.tried[-1].accepted


def _accepted(work: Work) -> Authored:
    best = work.tried[-1]
    tried = tuple(work.tried)
    return Authored(
        outcome="accepted", best=best, tried=tried, account=account.of_success(work, best)
    )


def _ended(
    work: Work, reason: str, outcome: Outcome = "partial", questions: tuple[Question, ...] = ()
) -> Authored:
    return Authored(
        outcome=outcome,
        best=work.best,
        tried=tuple(work.tried),
        account=account.of_failure(work, reason),
        questions=questions,
    )

"""The judgement on one draft: all gates, a referee between code and tests, and the person."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from agent.authoring.asker import Asker
from agent.authoring.interview import Interview
from agent.authoring.refereeing import Refereeing
from agent.authoring.reviewing import Review
from agent.authoring.trial import Judged, Trial, refused
from agent.authoring.work import Work
from agent.authoring.workshop import Workshop
from agent.validation.candidate import Candidate
from agent.validation.gate import Rules
from agent.validation.validate import validate
from sessions.errors import AgentError, IsolationError, KernelError
from subagents.outputs import Draft
from subagents.reviewer import Reviewer

_ROUNDS = 3
"""Times that a draft is judged again because its tests have changed."""


class Judging:
    """Judges the drafts of one work, each in a kernel of its own.

    Args:
        workshop: What to work with.
        asker: Asks the person.
        referee: Decides between code and tests.

    Attributes:
        failure: Why it can't go on; the code is not to blame.
    """

    def __init__(self, workshop: Workshop, asker: Asker, referee: Refereeing) -> None:
        self._workshop = workshop
        self._asker = asker
        self._referee = referee
        self.failure: AgentError | None = None

    async def judge(self, work: Work, draft: Draft) -> Judged:
        """The judgement; the tests and examples of the work may be others afterwards."""
        candidate = await self._candidate(work, draft)
        shelf = self._workshop.shelf
        if refusal := await asyncio.to_thread(shelf.refusal, draft.source):
            return refused(candidate, "library", refusal)
        judged = await self._tried(work, candidate)
        for _ in range(_ROUNDS):
            if self.failure or judged.verdict.accepted or not await self._settled(work, judged):
                break
            judged = await self._tried(work, await self._candidate(work, draft))
        return judged

    async def _settled(self, work: Work, judged: Judged) -> bool:
        """Whether the tests have changed; a referee that can't be had ends the work."""
        try:
            return await self._referee.settle(work, judged)
        except AgentError as error:
            self.failure = error
            return False

    async def _tried(self, work: Work, candidate: Candidate) -> Judged:
        reviewer = Reviewer(self._workshop.model, runner=self._workshop.runner)
        review = Review(reviewer, work.commission, final=work.extended)
        rules = self._rules(work, review)
        async with AsyncExitStack() as stack:
            try:
                opening = self._workshop.validator.fresh_session()
                session = await stack.enter_async_context(opening)
            except (KernelError, IsolationError) as error:
                self.failure = error
                verdict = await validate(candidate, None, replace(rules, review=None))
                return Judged(candidate=candidate, verdict=verdict)
            trial = Trial(session=session, rules=rules, cache=self._workshop.validator.cache)
            judged = replace(await trial.hold(candidate), wants_tests=review.wants_tests)
            self.failure = review.failure
            if judged.verdict.accepted and self._asker.attended:
                judged = await self._questioned(work, trial, judged)
        return judged

    async def _questioned(self, work: Work, trial: Trial, judged: Judged) -> Judged:
        """What the person says belongs to the commission, and to the tests."""
        interview = Interview(self._asker)
        judged = await trial.question(judged, interview)
        if interview.examples:
            work.commission = work.commission.with_examples(interview.examples)
        if not (interview.examples and judged.verdict.accepted and work.suite):
            return judged
        examples = work.commission.examples
        told = replace(judged.candidate, examples=examples, tests=work.suite.saying(examples))
        return await trial.confirm(judged, told)

    async def _candidate(self, work: Work, draft: Draft) -> Candidate:
        assert work.suite is not None  # it comes with the first draft
        examples = work.commission.examples
        return Candidate(
            name=draft.name,
            source=draft.source,
            tests=work.suite.saying(examples),
            examples=examples,
            relations=work.suite.properties,
            skills=await asyncio.to_thread(self._workshop.shelf.needed_by, draft.source),
        )

    def _rules(self, work: Work, review: Review) -> Rules:
        """The person's; after a test was taken out, the rest must still tell right from wrong."""
        rules = self._workshop.validator.rules
        weakened = work.suite is not None and work.suite.struck > 0
        blocking = rules.blocking | {"mutation"} if weakened else rules.blocking
        return replace(rules, review=rules.review or review, blocking=blocking)

"""From a commission to code and tests, with a question to the person if one stands between."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from agent.authoring.asker import Asker
from agent.authoring.suite import Suite
from agent.authoring.test_module import TestModule
from agent.authoring.work import Work
from agent.authoring.workshop import Workshop
from agent.events import Question
from sessions.errors import NeedsInputError
from subagents.code_generator import CodeGenerator
from subagents.outputs import Draft, TestSuite
from subagents.team import Team, tests_for
from subagents.test_generator import TestGenerator

_ROUNDS = 2
_QUESTIONS = 3


class Drafting:
    """Has code and tests written, by two who don't see each other's work.

    Args:
        workshop: What to work with.
        asker: Asks the person.
    """

    def __init__(self, workshop: Workshop, asker: Asker) -> None:
        coder = CodeGenerator(workshop.model, runner=workshop.runner)
        tester = TestGenerator(workshop.model, runner=workshop.runner)
        self._team = Team(coder=coder, tester=tester)
        self._asker = asker

    async def draft(self, work: Work) -> Draft:
        """The next draft, taken into the work; the first brings its tests along.

        Raises:
            NeedsInputError: If nothing can be written before the person has answered.
            ModelError: If a model failed.
            BudgetError: If a budget was reached.
        """
        for _ in range(_ROUNDS):
            draft = await self._written(work)
            if draft.source.strip():
                return draft
            if not await self._ask(work, draft.questions):
                break
        msg = "nothing could be written before this is answered: " + " ".join(draft.questions)
        raise NeedsInputError(msg)

    async def renew(self, work: Work) -> None:
        """Have the tests written anew, from the request as if there were none."""
        renewed = await self._tests(work)
        before = work.suite.notes if work.suite else ()
        note = "more than half of the tests were in dispute: all were written anew"
        work.suite, work.renewed = renewed.changed({}, [*before, note]), True

    async def extend(self, work: Work) -> None:
        """Have more tests written, from the request and without a look at the code."""
        assert work.commission.signature is not None  # there was a draft
        assert work.suite is not None
        wanted = tests_for(work.request(), work.commission.signature)
        covered = tuple(TestModule(work.suite.name, work.suite.source).assertions)
        report = await self._team.tester.report(replace(wanted, covered=covered), work.context)
        more = Suite.of(work.commission.name, report.output, work.commission.examples)
        note = "the reviewer found the tests wanting: more were written"
        work.suite = work.suite.joined(more).changed({}, [note])
        work.extended = True

    async def _written(self, work: Work) -> Draft:
        """The code, taken into the work as soon as it is there: what follows may fail."""
        if work.suite is not None:
            draft = (await self._team.coder.report(work.request(), work.context)).output
            _take(work, draft)
            return draft
        if work.draft is not None:  # nothing is wrong with it but that its tests did not come
            work.take(work.draft)
            work.suite = await self._tests(work)
            return work.draft
        hear = partial(_take, work)
        code, tests = await self._team.write(work.request(), work.context, hear)
        if tests is not None and code.output.source.strip():
            work.suite = _suite(work, tests.output)
        return code.output

    async def _tests(self, work: Work) -> Suite:
        """Tests for the draft, from the request and without a look at the code."""
        assert work.commission.signature is not None  # there was a draft
        wanted = tests_for(work.request(), work.commission.signature)
        return _suite(work, (await self._team.tester.report(wanted, work.context)).output)

    async def _ask(self, work: Work, questions: tuple[str, ...]) -> bool:
        """Whether the person has answered any."""
        answered = False
        for text in questions[:_QUESTIONS]:
            reply = await self._asker.ask(Question(question=text, context=work.commission.task))
            if reply is not None:
                work.answered(text, reply)
                answered = True
        return answered


def _take(work: Work, draft: Draft) -> None:
    if draft.source.strip():
        work.take(draft)


def _suite(work: Work, tests: TestSuite) -> Suite:
    work.open += [question for question in tests.questions if question not in work.open]
    return Suite.of(work.commission.name, tests, work.commission.examples)

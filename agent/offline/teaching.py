"""From examples to a function: search, ask, search on with the answer, and know when to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.offline.confidence import ENOUGH, SURE, Signs, bits_of, dissent, doubt
from agent.offline.examples import contradiction, telling_examples
from agent.offline.lesson import SKIP, Asking, Draft, LearnQuestion, LearnRequest, are_varied
from agent.offline.rendering import call, function_source, parameter_names, tests_source
from agent.offline.synthesis.problem import Findings, Problem
from agent.offline.synthesis.process import synthesise
from agent.offline.trial import tried
from agent.validation.examples import Example
from agent.validation.questions import Answer, Interview, Question
from agent.validation.running.table import Table
from sessions.errors import UsageError
from tools_registry.skills.skill_name import check_name

MOST_ANSWERS = 3
_MOST_QUESTIONS = 5  # those included that the person can't answer
_RIVALS = 20  # solutions that are tried beside the best
_LONGEST_DESCRIPTION = 2_000


async def write(request: LearnRequest, ask: Asking | None = None) -> Draft:
    """Find a function and render it; nothing is run in a kernel and nothing is saved.

    Args:
        request: Description, name, examples, and answers known already.
        ask: Puts further questions to a person; without it they are left open.

    Raises:
        UsageError: If the name can't be one, or the examples or the answers can't be read or
            nothing can be learned from them.
    """
    check_name(request.name)
    if len(request.description) > _LONGEST_DESCRIPTION:
        msg = f"the description is too long (at most {_LONGEST_DESCRIPTION} characters): shorten it"
        raise UsageError(msg)
    return await _Teaching(request, ask).draft()


@dataclass(kw_only=True)
class _Finding:
    """The best solution of a search, and what speaks against it.

    Attributes:
        expression: Its source.
        scores: Of all solutions that were tried, by source; its own is the first.
        table: What they give, and what slips would have given; None if that could not be told.
        answered: The inputs of the table that were asked about since.
    """

    expression: str
    scores: dict[str, float]
    table: Table | None
    answered: list[int] = field(default_factory=list)

    def signs(self, examples: Sequence[Example]) -> Signs:
        """What speaks for it and against it."""
        return Signs(
            cost=next(iter(self.scores.values())),
            bits=bits_of(examples),
            dissent=dissent(self.table, self.scores, self.answered) if self.table else 1.0,
            foretold=len(self.answered),
        )


class _Teaching:
    """One function on its way from examples to a draft."""

    def __init__(self, request: LearnRequest, ask: Asking | None) -> None:
        self._request, self._ask = request, ask
        self._examples = telling_examples(request.examples, request.name)
        self._parameters = parameter_names(self._examples, request.name)
        self._replies = list(request.answers)
        self._given = len(self._examples)
        self._asked = 0

    async def draft(self) -> Draft:
        """What a search brings after each answer, until an end is reached."""
        while True:
            findings = await self._search()
            if not findings.solutions:
                return self._nothing()
            draft = await self._interview(await self._tried(findings))
            if draft is not None:
                return draft

    async def _search(self) -> Findings:
        problem = Problem(
            description=self._request.description,
            name=self._request.name,
            parameters=self._parameters,
            examples=self._examples,
            seconds=self._request.seconds,
        )
        return await synthesise(problem)

    async def _tried(self, findings: Findings) -> _Finding:
        """The best solution, set against the others and against slips."""
        solutions = findings.solutions[: _RIVALS + 1]
        scores: dict[str, float] = {}
        for solution in solutions:
            scores.setdefault(self._source(solution.expression), solution.score)
        table = await tried(self._request.name, tuple(scores), self._texts())
        return _Finding(expression=solutions[0].expression, scores=scores, table=table)

    async def _interview(self, finding: _Finding) -> Draft | None:
        """Ask about a solution until there is little doubt; None to search with an answer."""
        interview = finding.table and Interview(self._request.name, finding.table)
        while doubt(finding.signs(self._examples)) > SURE:
            asked = interview and self._may_ask and interview.next()
            if not interview or not asked:
                return self._last(finding)
            column, question = asked[0], self._question(asked[1])
            reply = await self._reply(question)
            if reply is None:
                return replace(self._found(finding), question=question)
            self._asked += 1
            if reply.strip() == SKIP:
                interview.answered(column, None)
                continue
            answer = question.example(reply)
            self._take(answer)
            if not question.is_about(answer):
                return None
            if not interview.answered(column, Answer(answer.expected)):
                return None
            finding.answered.append(column)
        return self._found(finding)

    @property
    def _answered(self) -> int:
        return len(self._examples) - self._given

    @property
    def _may_ask(self) -> bool:
        return self._answered < MOST_ANSWERS and self._asked < _MOST_QUESTIONS

    async def _reply(self, question: LearnQuestion) -> str | None:
        if self._replies:
            return self._replies.pop(0)
        return await self._ask(question) if self._ask else None

    def _question(self, asked: Question) -> LearnQuestion:
        return LearnQuestion(
            name=asked.name,
            arguments=asked.arguments,
            options=tuple(map(repr, asked.options)),
            kinds=frozenset(type(example.expected) for example in self._examples),
        )

    def _take(self, answer: Example) -> None:
        """An answer is an example from now on."""
        other = contradiction(self._examples, answer)
        if other is not None:
            shown = call(self._request.name, other.arguments)
            msg = f"the answer contradicts the example {shown} == {other.expected!r}: leave one out"
            raise UsageError(msg)
        self._examples = (*self._examples, answer)

    def _last(self, finding: _Finding) -> Draft:
        """What to do if nothing more can be asked."""
        if doubt(finding.signs(self._examples)) <= ENOUGH:
            return self._found(finding)
        reason = (
            f"what fits {self._told()} is too far-fetched to be trusted: "
            "add examples that differ more, or describe the rule in other words"
        )
        return Draft(name=self._request.name, reason=reason, answered=self._answered)

    def _nothing(self) -> Draft:
        refuted = (
            "an answer refutes what was found, and " if len(self._examples) > self._given else ""
        )
        reason = (
            f"{refuted}no short expression gives the results of {self._told()}: "
            "add a simpler example, describe the rule in other words, or configure a model"
        )
        return Draft(name=self._request.name, reason=reason, answered=self._answered)

    def _found(self, finding: _Finding) -> Draft:
        return Draft(
            name=self._request.name,
            source=self._source(finding.expression),
            tests=tests_source(self._request.name, self._examples),
            examples=self._texts(),
            answered=self._answered,
            varied=are_varied(self._examples),
            doubt=round(doubt(finding.signs(self._examples)), 3),
            rests_on=self._told(),
        )

    def _told(self) -> str:
        """How much it rests on, in words."""
        answers = self._answered
        said = f" and {answers} answer{'s' * (answers > 1)}" if answers else ""
        return f"{self._given} examples{said}"

    def _source(self, expression: str) -> str:
        request = self._request
        return function_source(
            request.name, request.description, self._parameters, expression, self._examples
        )

    def _texts(self) -> tuple[str, ...]:
        name = self._request.name
        return tuple(f"{call(name, e.arguments)} == {e.expected!r}" for e in self._examples)

"""Distinguishing questions to the person; each answer is an example from then on."""

from __future__ import annotations

import ast
from typing import Any

from agent.authoring.asker import Asker
from agent.events import Question as ToPerson
from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.questions import Answer, Question, questioned
from agent.validation.running.bench import Bench

_MOST = 3


class Interview:
    """Up to three questions on a function that all gates let through.

    Args:
        asker: Asks the person.

    Attributes:
        examples: What the person said, as comparisons.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.examples: list[str] = []

    async def hold(self, candidate: Candidate, bench: Bench) -> Finding | None:
        """What came of it; None if nobody could be asked."""
        try:
            finding = await questioned(candidate, bench, self._answer, _MOST)
        except _NobodyError:
            return None
        return finding if self.examples or finding.problems else None

    async def _answer(self, question: Question) -> Answer | None:
        options = tuple(map(repr, question.options))
        reply = await self._asker.ask(ToPerson(question=question.text, options=options))
        if not self._asker.attended:
            raise _NobodyError
        answer = answer_of(reply or "", question.options)
        if answer is not None:
            arguments = ", ".join(map(repr, question.arguments))
            self.examples.append(f"{question.name}({arguments}) == {answer.value!r}")
        return answer


class _NobodyError(Exception):
    """There is nobody to be asked."""


def answer_of(reply: str, options: tuple[Any, ...]) -> Answer | None:
    """The value that a reply gives: a literal, or text where texts are expected."""
    try:
        value = ast.literal_eval(reply.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        value = reply.strip()
    kinds = {type(option) for option in options}
    if isinstance(value, str) and str not in kinds:
        return None
    return Answer(reply.strip() if kinds == {str} and not isinstance(value, str) else value)

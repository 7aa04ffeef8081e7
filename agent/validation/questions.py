"""Distinguishing questions: the input whose answer decides most between plausible programs.

A slip of the author is usually one place away from the right program. So the candidate is set
against its own mutants (and rivals, where there are some): where those that pass all examples
give different answers, one answer of a person tells many of them apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from agent.validation.comparison import equal
from agent.validation.finding import Finding
from agent.validation.plain import NotPlainError

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench
    from agent.validation.running.table import Table

_OPTIONS = 4
_LONGEST = 300  # characters of a question that a person still reads
_VARIETY = 0.5  # what one more different answer is worth, in programs told apart
_NOVELTY = 0.4  # what an answer that no example gave is worth
_STRANGENESS = 0.02  # what it costs to be one place further from the examples


@dataclass(frozen=True, kw_only=True)
class Question:
    """What should the function return for this input?

    Attributes:
        name: The function.
        arguments: The input.
        options: What plausible programs return, the candidate's answer first.
    """

    name: str
    arguments: tuple[Any, ...]
    options: tuple[Any, ...]

    @property
    def text(self) -> str:
        """As a sentence."""
        return f"What should {self.name}({', '.join(map(repr, self.arguments))}) return?"


@dataclass(frozen=True)
class Answer:
    """What a person says the function should return."""

    value: Any


Oracle = Callable[[Question], Awaitable[Answer | None]]
"""Asks a person; None if they can't say."""


def most_telling(
    rows: Sequence[Sequence[Hashable]], columns: Sequence[int], seen: frozenset[Hashable]
) -> int | None:
    """The column that tells most programs apart from the first one.

    Args:
        rows: The outcomes of each program; None for one that could not be shown to a person.
        columns: Which may be asked, the most natural first.
        seen: Outcomes that examples gave already.

    Returns:
        None if there is no column to ask.
    """
    best: tuple[float, int] | None = None
    for place, column in enumerate(columns):
        own = rows[0][column]
        if own is None:
            continue
        others = [row[column] for row in rows[1:]]
        apart = sum(1 if other is not None else 0.4 for other in others if other != own)
        variety = _VARIETY * (len({o for o in others if o is not None} | {own}) - 1)
        worth = apart + variety + _NOVELTY * (own not in seen) - _STRANGENESS * place
        if best is None or worth > best[0]:
            best = (worth, column)
    return best[1] if best else None


class Interview:
    """The questions worth asking about a candidate, one after the other.

    Args:
        name: The function.
        table: What the candidate and its relatives give; relatives that fail an example are out.
    """

    def __init__(self, name: str, table: Table) -> None:
        self._name, self._table = name, table
        own = table.rows[0]
        self._alive = [row for row in table.rows if row[: table.known] == own[: table.known]]
        self._open = list(range(table.known, len(table.inputs)))
        self._seen = frozenset(own[: table.known])

    def next(self) -> tuple[int, Question] | None:
        """The column and the question to ask now; None if nothing is left to ask."""
        rows = [[o if self._showable(o) else None for o in row] for row in self._alive]
        column = most_telling(rows, self._open, self._seen)
        if column is None:
            return None
        found = dict.fromkeys(row[column] for row in self._alive)
        options = [self._table.value(outcome) for outcome in found if self._showable(outcome)]
        arguments = self._table.inputs[column]
        return column, Question(
            name=self._name, arguments=arguments, options=tuple(options[:_OPTIONS])
        )

    def answered(self, column: int, answer: Answer | None) -> bool:
        """Take an answer in; whether the candidate agrees with it."""
        self._open.remove(column)
        if answer is None:
            return True
        own = self._alive[0][column]
        self._seen |= {own}
        self._alive = [row for row in self._alive if row[column] == own]
        return equal(self._table.value(own), answer.value)

    def _showable(self, outcome: int) -> bool:
        try:
            return len(repr(self._table.value(outcome))) <= _LONGEST
        except NotPlainError:
            return False


async def questioned(candidate: Candidate, bench: Bench, oracle: Oracle, most: int = 3) -> Finding:
    """Ask a person what tells the candidate from its relatives.

    Args:
        candidate: It passed all other gates.
        bench: The kernel.
        oracle: Asks the person.
        most: How many questions to ask at most.
    """
    from agent.validation.running.bench import NoAnswerError
    from agent.validation.running.table import table_of

    try:
        interview = Interview(candidate.name, await table_of(candidate, bench))
    except NoAnswerError as error:
        return Finding(signal="questions", advice=(f"no question found: {error}",), unsure=True)
    asked = 0
    while asked < most and (found := interview.next()):
        column, question = found
        answer = await oracle(question)
        asked += 1
        if not interview.answered(column, answer) and answer is not None:
            problem = f"{question.text} {answer.value!r}, but it returns {question.options[0]!r}"
            return Finding(signal="questions", problems=(problem,))
    return Finding(signal="questions", success=f"{asked} answers agree")

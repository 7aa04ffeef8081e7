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
_FAILURE = 0.4  # what a program is worth that fails where others don't, or the other way round
_STRANGENESS = 0.02  # what it costs to be one place further from the examples


@dataclass(frozen=True, kw_only=True)
class Question:
    """What should the function return for this input?

    Attributes:
        name: The function.
        arguments: The input.
        options: What plausible programs return, the candidate's answer first if it has one.
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
        rows: The outcomes of each program; None where it gave no value that a person could read.
        columns: Which may be asked, the most natural first.
        seen: Outcomes that examples gave already.

    Returns:
        None if there is no column to ask.
    """
    worths = {
        column: _worth([row[column] for row in rows], seen) - _STRANGENESS * place
        for place, column in enumerate(columns)
        if any(row[column] is not None for row in rows)
    }
    return max(worths, key=worths.__getitem__, default=None)


def _worth(outcomes: Sequence[Hashable], seen: frozenset[Hashable]) -> float:
    """How many programs an answer would tell from the first one, failures counted for less."""
    own, others = outcomes[0], outcomes[1:]
    whole = _FAILURE if own is None else 1
    apart = sum(_FAILURE if other is None else whole for other in others if other != own)
    variety = len({outcome for outcome in outcomes if outcome is not None}) - 1
    return apart + _VARIETY * variety + _NOVELTY * (own is not None and own not in seen)


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
        self._seen: frozenset[int] = frozenset(own[: table.known])
        self._may_fail = True

    def next(self) -> tuple[int, Question] | None:
        """The column and the question to ask now; None if nothing is left to ask."""
        rows = [[o if self._showable(o) else None for o in row] for row in self._alive]
        columns = [c for c in self._open if self._may_fail or rows[0][c] is not None]
        column = most_telling(rows, columns, self._seen)
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
        own = self._alive[0][column]
        if answer is None:  # an input that nobody means; one such failure is enough to know
            self._may_fail = self._may_fail and self._showable(own)
            return True
        self._seen |= {own}
        self._alive = [row for row in self._alive if row[column] == own]
        return self._showable(own) and equal(self._table.value(own), answer.value)

    def told(self, column: int) -> str:
        """What the candidate does with an input, for a person."""
        own = self._alive[0][column]
        return f"returns {self._table.value(own)!r}" if self._showable(own) else "fails"

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
        answer, told = await oracle(question), interview.told(column)
        asked += 1
        if not interview.answered(column, answer) and answer is not None:
            problem = f"{question.text} {answer.value!r}, but it {told}"
            return Finding(signal="questions", problems=(problem,))
    return Finding(signal="questions", success=f"{asked} answers agree")

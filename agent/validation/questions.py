"""Distinguishing questions: the input whose answer decides most between plausible programs.

A slip of the author is usually one place away from the right program. So the candidate is set
against its own mutants (and rivals, where there are some): where those that pass all examples
give different answers, one answer of a person tells many of them apart. Where they don't differ,
a program may still be wrong: then the best question is one that is sensitive to any change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
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
_NOVELTY = 0.5  # what an answer is worth that no example gave; less if some did
_SENSITIVITY = 1.0  # what it is worth that all relatives differ, those ruled out included
_FAILURE = 0.4  # what a program is worth that fails where others don't, or the other way round
_STRANGENESS = 0.01  # what it costs to be one place further from the examples
_LENGTH = 0.01  # what each character of the arguments costs
_ASKED = re.compile(r"What should `(.+)` be(?:: .*)?\?", re.DOTALL)


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
        call = f"{self.name}({', '.join(map(repr, self.arguments))})"
        return sentence(call, tuple(map(repr, self.options)))


def sentence(call: str, options: Sequence[str]) -> str:
    """A question about the result of a call, e.g. ``What should `f(1)` be: 2 or 3?``.

    Args:
        call: As source.
        options: What it may be, as source, the likeliest first.
    """
    if not options:
        return f"What should `{call}` be?"
    *rest, last = options if len(options) > 1 else (*options, "something else")
    return f"What should `{call}` be: {', '.join(rest)} or {last}?"


def call_asked(question: str) -> str | None:
    """The call that a sentence asks about, or None if it was not made by `sentence`."""
    found = _ASKED.fullmatch(question)
    return found[1].partition("` be: ")[0] if found else None


@dataclass(frozen=True)
class Answer:
    """What a person says the function should return."""

    value: Any


Oracle = Callable[[Question], Awaitable[Answer | None]]
"""Asks a person; None if they can't say."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One input that may be asked about.

    Attributes:
        outcomes: Of the programs that agree with all that is known, the candidate first; None
            where there is no value that a person could read.
        sensitivity: Share of all its relatives that differ from the candidate.
        length: Characters of the input.
    """

    outcomes: Sequence[Hashable]
    sensitivity: float = 0.0
    length: int = 0


def most_telling(columns: Mapping[int, Column], seen: Counter[Hashable]) -> int | None:
    """The column that tells most programs apart from the first one.

    Args:
        columns: Which may be asked, by number, the most natural first.
        seen: Outcomes that examples and answers gave already.

    Returns:
        None if there is no column to ask.
    """
    worths = {
        number: _worth(column, seen) - _STRANGENESS * place
        for place, (number, column) in enumerate(columns.items())
        if any(outcome is not None for outcome in column.outcomes)
    }
    return max(worths, key=worths.__getitem__, default=None)


def _worth(column: Column, seen: Counter[Hashable]) -> float:
    """How many programs an answer would tell from the first one, failures counted for less."""
    own, others = column.outcomes[0], column.outcomes[1:]
    whole = _FAILURE if own is None else 1
    apart = sum(_FAILURE if other is None else whole for other in others if other != own)
    variety = len({outcome for outcome in column.outcomes if outcome is not None}) - 1
    novelty = 0 if own is None else _NOVELTY * (1 - seen[own] / max(seen.total(), 1))
    costs = _LENGTH * column.length
    return apart + _VARIETY * variety + novelty + _SENSITIVITY * column.sensitivity - costs


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
        self._seen: Counter[Hashable] = Counter(own[: table.known])
        self._may_fail = True
        self._shown: dict[int, bool] = {}

    def next(self) -> tuple[int, Question] | None:
        """The column and the question to ask now; None if nothing is left to ask."""
        columns = {c: self._column(c) for c in self._open}
        if not self._may_fail:
            columns = {c: told for c, told in columns.items() if told.outcomes[0] is not None}
        column = most_telling(columns, self._seen)
        if column is None:
            return None
        found = dict.fromkeys(row[column] for row in self._alive)
        options = [self._table.value(outcome) for outcome in found if self._showable(outcome)]
        arguments = self._table.inputs[column]
        return column, Question(
            name=self._name, arguments=arguments, options=tuple(options[:_OPTIONS])
        )

    def _column(self, column: int) -> Column:
        alive = (row[column] for row in self._alive)
        all_of_them = [row[column] for row in self._table.rows]
        return Column(
            outcomes=[outcome if self._showable(outcome) else None for outcome in alive],
            sensitivity=1 - all_of_them.count(all_of_them[0]) / len(all_of_them),
            length=len(repr(self._table.inputs[column])),
        )

    def answered(self, column: int, answer: Answer | None) -> bool:
        """Take an answer in; whether the candidate agrees with it."""
        self._open.remove(column)
        own = self._alive[0][column]
        if answer is None:  # an input that nobody means; one such failure is enough to know
            self._may_fail = self._may_fail and self._showable(own)
            return True
        self._seen[own] += 1
        self._alive = [row for row in self._alive if row[column] == own]
        return self._showable(own) and equal(self._table.value(own), answer.value)

    def told(self, column: int) -> str:
        """What the candidate does with an input, for a person."""
        own = self._alive[0][column]
        return f"returns {self._table.value(own)!r}" if self._showable(own) else "fails"

    def _showable(self, outcome: int) -> bool:
        if outcome not in self._shown:
            self._shown[outcome] = _is_short(self._table, outcome)
        return self._shown[outcome]


def _is_short(table: Table, outcome: int) -> bool:
    """Whether an outcome is a value that a person can read."""
    try:
        return len(repr(table.value(outcome))) <= _LONGEST
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

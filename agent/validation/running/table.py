"""What a candidate and its relatives give for the same inputs, asked of the kernel at once."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.validation.assertions import claims_of
from agent.validation.candidate import Candidate
from agent.validation.examples import read_with_tables
from agent.validation.plain import NotPlainError, decoded
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.inputs import Arguments, like
from agent.validation.running.mutants import mutants
from agent.validation.static.syntax import test_functions
from agent.validation.tables import is_table
from sessions.errors import UsageError

_INPUTS = 80
_MUTANTS = 60
_CALL_SECONDS = 0.05
_SECONDS = 1.2  # for the whole table


@dataclass(frozen=True, kw_only=True)
class Table:
    """Outcomes of several programs.

    Attributes:
        inputs: Positional arguments, one entry a column; those of the examples come first.
        known: How many of the inputs are those of examples.
        programs: Sources, the candidate's first; those that could not be run are left out.
        rows: For each program, for each input, the number of its outcome.
        outcomes: What the kernel told, by number; None if it is too long to be shown.
    """

    inputs: tuple[Arguments, ...]
    known: int
    programs: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    outcomes: tuple[Any, ...]

    def kind(self, outcome: int) -> str:
        """`value`, `raised`, `late`, or `other` for what is no plain value."""
        told = self.outcomes[outcome]
        return "other" if told is None else str(told[0])

    def value(self, outcome: int) -> Any:
        """The plain value of an outcome.

        Raises:
            NotPlainError: If it has none.
        """
        told = self.outcomes[outcome]
        if told is None or told[0] != "value":
            raise NotPlainError
        value = decoded(told[1])
        if is_table(value):  # nobody answers a question with a table
            raise NotPlainError
        return value


def known_inputs(candidate: Candidate) -> list[Arguments]:
    """The arguments of its examples and tests, each once, where they are positional literals."""
    try:
        found = [e.arguments for e in read_with_tables(candidate.examples, candidate.name)]
    except UsageError:
        found = []
    for function in test_functions(candidate.tests):
        claims = claims_of(function, candidate.name) or []
        calls = [arguments for claim in claims for arguments in claim.calls.values()]
        found += [positional for positional, named in calls if not named]
    return list({repr(arguments): arguments for arguments in found}.values())


async def table_of(
    candidate: Candidate, bench: Bench, rivals: Sequence[str] = (), inputs: int = _INPUTS
) -> Table:
    """The candidate, its rivals and its mutants on inputs like those of its examples.

    Args:
        candidate: What is judged.
        bench: The kernel.
        rivals: Other programs for the same task.
        inputs: How many inputs besides those of the examples.

    Raises:
        NoAnswerError: If the kernel gave no answer.
    """
    key = repr((candidate, tuple(rivals), inputs))
    if key not in bench.memory:
        bench.memory[key] = await _asked(candidate, bench, rivals, inputs)
    table: Table = bench.memory[key]
    return table


async def _asked(candidate: Candidate, bench: Bench, rivals: Sequence[str], inputs: int) -> Table:
    known = known_inputs(candidate)
    columns = [*known, *like(known, inputs)]
    programs = [candidate.source, *rivals, *mutants(candidate.source, _MUTANTS)]
    answer = await bench.ask(
        "compare",
        candidate,
        programs=programs,
        calls=[f"({arguments!r}, {{}})" for arguments in columns],
        seconds=_CALL_SECONDS,
        budget=_SECONDS,
    )
    texts, rows = answer
    there = [i for i, row in enumerate(rows) if len(row) == len(columns)]
    if there[:1] != [0]:
        msg = "it could not be tried on many inputs in time"
        raise NoAnswerError(msg, ended=True)
    return Table(
        inputs=tuple(columns),
        known=len(known),
        programs=tuple(programs[i] for i in there),
        rows=tuple(tuple(rows[i]) for i in there),
        outcomes=tuple(ast.literal_eval(text) if text else None for text in texts),
    )

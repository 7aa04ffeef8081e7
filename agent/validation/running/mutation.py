"""The gate that asks of the tests whether they would notice if the code were broken."""

from __future__ import annotations

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.table import Table, table_of

_ENOUGH = 0.6  # of the mutants


async def mutation(candidate: Candidate, bench: Bench) -> Finding:
    """The examples and tests notice most of what could be broken.

    A mutant that gives the same on many inputs is no mutant, and is not held against them.
    """
    try:
        table = await table_of(candidate, bench)
    except NoAnswerError as error:
        return Finding(signal="mutation", advice=(f"not measured: {error}",), unsure=error.ended)
    noticed, missed = _counted(table)
    if not noticed + len(missed):
        return Finding(signal="mutation", success="nothing to break, or no plain inputs")
    score = noticed / (noticed + len(missed))
    told = f"{score:.0%} of {noticed + len(missed)} broken variants noticed"
    if score >= _ENOUGH:
        return Finding(signal="mutation", success=told)
    return Finding(signal="mutation", problems=(f"{told}: {_hint(candidate, table, missed)}",))


def _counted(table: Table) -> tuple[int, list[int]]:
    """How many mutants the known inputs notice, and columns where the others differ."""
    own = table.rows[0] if table.rows else ()
    noticed, missed = 0, []
    for row in table.rows[1:]:
        if row[: table.known] != own[: table.known]:
            noticed += 1
        elif row != own:
            missed.append(
                next(i for i, pair in enumerate(zip(row, own, strict=True)) if len({*pair}) > 1)
            )
    return noticed, missed


def _hint(candidate: Candidate, table: Table, missed: list[int]) -> str:
    column = max(set(missed), key=missed.count)
    arguments = ", ".join(map(repr, table.inputs[column]))[:120]
    return f"a test of {candidate.name}({arguments}) would notice more"

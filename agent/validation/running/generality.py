"""The gate against code that knows its examples by heart and nothing else."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from agent.validation.assertions import claims_of
from agent.validation.candidate import Candidate
from agent.validation.examples import read_with_tables
from agent.validation.finding import Finding
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.table import Table, table_of
from agent.validation.static.syntax import test_functions
from sessions.errors import UsageError

_MOST = 0.95  # of inputs like those of the examples for which the same comes out
_BY_HEART = 0.6  # of the values that stand in the code
_FEWEST = 20  # inputs below which nothing can be said


async def generality(candidate: Candidate, bench: Bench) -> Finding:
    """Inputs like those of the examples give more than one answer."""
    try:
        table = await table_of(candidate, bench)
    except NoAnswerError as error:
        return Finding(signal="generality", advice=(f"not tried: {error}",), unsure=error.ended)
    others = table.rows[0][table.known :] if table.rows else ()
    if len(others) < _FEWEST:
        return Finding(signal="generality", success="too few inputs to tell")
    common, count = Counter(others).most_common(1)[0]
    is_constant = count >= _MOST * len(others) and set(table.rows[0][: table.known]) - {common}
    if not is_constant or by_heart(candidate) < _BY_HEART:
        return Finding(signal="generality", success=f"{len(set(others))} answers to similar inputs")
    problem = (
        f"it knows its examples by heart: {count} of {len(others)} similar inputs give "
        f"{_shown(table, common)}"
    )
    return Finding(signal="generality", problems=(problem,))


def by_heart(candidate: Candidate) -> float:
    """How many of the values in the code are those of the examples, 0 to 1."""
    known = set(_of_examples(candidate))
    values = _values(ast.parse(candidate.source))
    found = [value for value in values if value is not None and not isinstance(value, bool)]
    return sum(repr(value) in known for value in found) / len(found) if found else 0.0


def _of_examples(candidate: Candidate) -> Iterator[str]:
    try:
        examples = read_with_tables(candidate.examples, candidate.name)
    except UsageError:
        examples = ()
    for example in examples:
        text = repr((example.arguments, example.expected))
        yield from map(repr, _values(ast.parse(text, mode="eval")))
    for function in test_functions(candidate.tests):
        for claim in claims_of(function, candidate.name) or []:
            yield from map(repr, _values(claim.tree))


def _values(tree: ast.AST) -> Iterator[Any]:
    """The literals in a tree, documentation left out."""
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in texts:
            yield node.value


def _shown(table: Table, outcome: int) -> str:
    told = table.outcomes[outcome]
    if table.kind(outcome) == "value":
        return repr(table.value(outcome))[:60]
    return f"no value ({told[1]})"[:80] if told else "the same"

"""How far a found function can be trusted: what it cost to find against what the examples tell.

A short program that explains a lot is hardly ever found by accident, and a long one that explains
little always is. So the doubt about a program is its cost for each bit of the results it explains;
it grows where equally plausible programs would give other results, and shrinks with every answer
that the program gave before it was told. Thresholds are measured by `benchmarks.offline`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.validation.examples import Example
from agent.validation.running.table import Table

SURE = 0.08
"""Doubt up to which nothing is asked."""

ENOUGH = 0.18
"""Doubt up to which a function is kept when nothing more can be asked."""

_LEAST = 1.0  # that any function costs, even one that the words name
_OF_RIVALS = 2.0  # times the doubt, if plausible rivals always gave something else
_FAR = 2.0  # of score, by which a rival gets less plausible
_FORETOLD = 12.0  # bits that an answer tells more if the program gave it unasked
_AGAIN = 1.0  # bits of a result that another example had already
_MOST_BITS = 60.0  # of one result: long ones are mostly copied from the arguments


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What speaks for a function and against it.

    Attributes:
        cost: Its score in the search; lower is simpler.
        bits: How much the results of the examples tell, about.
        dissent: How often plausible rivals give another result, weighted, 0 to 1.
        foretold: How many answers it gave before it was told them.
    """

    cost: float
    bits: float
    dissent: float = 0.0
    foretold: int = 0


def doubt(signs: Signs) -> float:
    """How doubtful it is that the function is what was meant: 0 is certain, 0.5 is a guess."""
    told = signs.bits + _FORETOLD * signs.foretold
    return (_LEAST + signs.cost) * (1 + _OF_RIVALS * signs.dissent) / told


def bits_of(examples: Iterable[Example]) -> float:
    """How much the results of examples tell: a truth value little, a list of texts a lot."""
    known: set[str] = set()
    total = 0.0
    for example in examples:
        text = repr(example.expected)
        total += _AGAIN if text in known else min(_bits(example.expected), _MOST_BITS)
        known.add(text)
    return total


def _bits(value: Any) -> float:
    match value:
        case bool() | None:
            return 1.0
        case int():
            return min(4 + math.log2(1 + abs(value)), 16)
        case float():
            return 12.0
        case str() | bytes():
            return 4.0 + 3 * len(value)
        case dict():
            return 3 + sum(_bits(part) for item in value.items() for part in item)
    return 3 + sum(map(_bits, value))


def dissent(table: Table, scores: Mapping[str, float], answered: Collection[int] = ()) -> float:
    """How often plausible rivals of the first program differ from it.

    Args:
        table: What all of them give.
        scores: Of the programs that count, by source; others are mere mutants.
        answered: Inputs for which the first program is known to be right.
    """
    known = [*range(table.known), *answered]
    own, best = table.rows[0], scores[table.programs[0]]
    weights, apart = 1.0, 0.0
    for program, row in zip(table.programs[1:], table.rows[1:], strict=True):
        if program in scores and all(row[column] == own[column] for column in known):
            weight = math.exp((best - scores[program]) / _FAR)
            weights, apart = weights + weight, apart + weight * _apart(own, row)
    return apart / weights


def _apart(one: Sequence[int], other: Sequence[int]) -> float:
    """Share of the inputs on which two programs differ."""
    return sum(a != b for a, b in zip(one, other, strict=True)) / len(one)

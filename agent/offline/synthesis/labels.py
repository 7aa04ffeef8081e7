"""Outputs that are one of two labels, chosen by a truth value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from agent.offline.synthesis.enumeration import Made
from agent.offline.synthesis.problem import Problem
from agent.offline.synthesis.term import Term

_COST = 2


class Labels:
    """Makes a choice between the labels of every truth value that fits.

    Args:
        problem: With the outputs.
    """

    def __init__(self, problem: Problem) -> None:
        self._expected = [example.expected for example in problem.examples]
        self._active = _are_labels(self._expected, problem.description)
        self._fitting: dict[int, list[Made]] = {}

    def observe(self, term: Term) -> None:
        """Keep a truth value that parts the outputs as they are."""
        if not self._active or term.shape != "bool" or len(set(term.values)) != 2:
            return
        yes = self._expected[term.values.index(True)]
        no = self._expected[term.values.index(False)]
        chosen = [yes if value else no for value in term.values]
        if chosen == self._expected:
            parts = ("{1} if {0} else {2}", term.parts, repr(yes), repr(no))
            self._fitting.setdefault(term.cost + _COST, []).append((chosen, parts))

    def made_at(self, cost: int) -> Iterator[Made]:
        """The choices of this cost."""
        yield from self._fitting.pop(cost, ())


def _are_labels(expected: list[Any], description: str) -> bool:
    """Whether the outputs are two texts or numbers, each met twice or named in the description."""
    counts = Counter(map(repr, expected))
    if len(counts) != 2 or not all(type(e) in (str, int) for e in expected):
        return False
    if all(type(e) is str for e in expected) and len(expected) > 2:
        return True
    return all(n > 1 for n in counts.values()) or all(str(e) in description for e in expected)

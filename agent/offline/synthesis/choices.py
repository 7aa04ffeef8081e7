"""Choices between two terms, each of which meets some of the examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from agent.offline.synthesis.enumeration import Made
from agent.offline.synthesis.term import Parts, Term

_COST = 5
_MOST_CASES = 64
_FEWEST_MET = 1 / 3  # of the examples, by each of the two
_FEWEST_EXAMPLES = 3
Mask = tuple[bool, ...]


class Choices:
    """Joins terms that meet different examples by a truth value that tells these apart.

    Args:
        expected: The outputs.
        alike: Whether a value is the output that is wanted.
        plain: Says of a literal's source whether it is no accident.
    """

    def __init__(
        self,
        expected: list[Any],
        alike: Callable[[Any, Any], bool],
        plain: Callable[[str], bool],
    ) -> None:
        self._expected = expected
        self._kind = type(expected[0])
        self._alike = alike
        self._plain = plain
        self._partial: dict[Mask, Term] = {}
        self._tests: dict[Mask, Term] = {}
        self._waiting: dict[int, list[Made]] = {}
        self._cost = 0

    def observe(self, term: Term) -> None:
        """Keep the cheapest term for each set of examples that it meets."""
        if len(self._expected) < _FEWEST_EXAMPLES:
            return
        if term.shape == "bool" and self._keep(self._tests, tuple(term.values), term):
            for met, one in list(self._partial.items()):
                for also_met, other in list(self._partial.items()):
                    self._join(term, (met, one), (also_met, other))
        if term.is_literal and not self._plain(str(term.parts)):
            return
        if self._kind not in map(type, term.values):
            return
        mask = tuple(map(self._alike, term.values, self._expected))
        if sum(mask) >= _FEWEST_MET * len(mask) and self._keep(self._partial, mask, term):
            for test in list(self._tests.values()):
                for met, one in list(self._partial.items()):
                    self._join(test, (mask, term), (met, one))
                    self._join(test, (met, one), (mask, term))

    def made_at(self, cost: int) -> Iterator[Made]:
        """The choices of this cost."""
        self._cost = cost
        yield from self._waiting.pop(cost, ())

    def waiting(self) -> Iterator[tuple[Parts, int]]:
        """Choices whose cost was never reached, with it."""
        for cost in sorted(self._waiting):
            yield from ((parts, cost) for _, parts in self._waiting[cost])

    def _keep(self, kept: dict[Mask, Term], mask: Mask, term: Term) -> bool:
        if mask in kept or all(mask) or not any(mask) or len(kept) >= _MOST_CASES:
            return False
        kept[mask] = term
        return True

    def _join(self, test: Term, yes: tuple[Mask, Term], no: tuple[Mask, Term]) -> None:
        truths = test.values
        if not all(y if t else n for t, y, n in zip(truths, yes[0], no[0], strict=True)):
            return
        one, other = yes[1], no[1]
        values = [y if t else n for t, y, n in zip(truths, one.values, other.values, strict=True)]
        cost = max(test.cost + one.cost + other.cost + _COST, self._cost + 1)
        parts = ("({1} if {0} else {2})", test.parts, one.parts, other.parts)
        self._waiting.setdefault(cost, []).append((values, parts))

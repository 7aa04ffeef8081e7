"""Bottom-up enumeration: every value that small expressions can have, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from agent.offline.synthesis.budget import Budget
from agent.offline.synthesis.component import Component
from agent.offline.synthesis.shapes import ANY, classes_of, shape_of
from agent.offline.synthesis.term import Parts, Term, Values, are_small, key_of

_OVERHEAD = 4  # units of an evaluation, besides one per value
Made = tuple[Values, Parts]


class Source(Protocol):
    """Makes terms in its own way, cost by cost."""

    def observe(self, term: Term) -> None:
        """Hear of a new distinct term."""

    def made_at(self, cost: int) -> Iterable[Made]:
        """Terms of this cost."""


class Enumeration:
    """Combines terms by rising cost; terms with equal values count as one.

    Args:
        components: What to combine with.
        budget: What it may spend; shared with others.
        max_terms: Distinct terms after which it is full.
        goal: Says whether values are those that are wanted.
        on_goal: Is told of every term that has them, also of several with the same values.

    Attributes:
        terms: Every distinct term, cheapest first.
        cost: The cost worked on last.
        sources: Further makers of terms.
    """

    def __init__(
        self,
        components: Sequence[Component],
        budget: Budget,
        *,
        max_terms: int = 300_000,
        goal: Callable[[Values], bool] | None = None,
        on_goal: Callable[[Parts, int], None] | None = None,
    ) -> None:
        self.terms: list[Term] = []
        self.cost = 0
        self.sources: list[Source] = []
        self._components = components
        self._budget = budget
        self._max_terms = max_terms
        self._goal = goal
        self._on_goal = on_goal
        self._bank: dict[str, dict[int, list[Term]]] = {}
        self._seen: set[bytes] = set()
        self._wanted: set[bytes] = set()
        self._seeds: dict[int, list[tuple[Values, Parts, str]]] = {}

    @property
    def is_full(self) -> bool:
        """Whether it has as many terms as it may have."""
        return len(self.terms) >= self._max_terms

    def seed(self, values: Values, parts: Parts, cost: int, shape: str = "") -> None:
        """Start from a parameter, a constant or a pattern."""
        self._seeds.setdefault(max(cost, self.cost + 1), []).append((values, parts, shape))

    def at_cost(self, kind: str, cost: int) -> list[Term]:
        """The terms of a class that have a cost."""
        return self._bank.get(kind, {}).get(cost, [])

    def advance(self) -> None:
        """Make every term of the next cost.

        Raises:
            ExhaustedError: If the budget is spent.
        """
        self.cost += 1
        for values, parts, shape in self._seeds.pop(self.cost, ()):
            self._add(values, parts, shape)
        for source in self.sources:
            for values, parts in source.made_at(self.cost):
                self._add(values, parts)
        for component in self._components:
            if self.is_full:
                return
            self._combine(component)

    def _combine(self, component: Component) -> None:
        takes = component.takes
        for split in _splits(self.cost - component.cost, len(takes)):
            if component.symmetric and split[0] < split[1]:
                continue
            pools = [self.at_cost(kind, cost) for kind, cost in zip(takes, split, strict=True)]
            if all(pools):
                self._apply(component, pools)

    def _apply(self, component: Component, pools: list[list[Term]]) -> None:
        columns, template, add = component.columns, component.template, self._add
        units = _OVERHEAD + len(pools[0][0].values)
        for *firsts, lasts in _rows(component, pools):
            self._budget.spend(units * len(lasts))
            values_before = [term.values for term in firsts]
            for last in lasts:
                try:
                    values = columns(*values_before, last.values)
                except Exception:  # the operation doesn't apply to these values
                    continue
                add(values, (template, *[term.parts for term in firsts], last.parts))

    def _add(self, values: Values, parts: Parts, shape: str = "") -> None:
        key = shape.encode() + key_of(values)
        if key in self._seen:
            if key in self._wanted:
                self._report(parts)
        elif are_small(values) or shape:
            self._seen.add(key)
            self._keep(Term(values, parts, self.cost, shape or shape_of(values)))
            if self._goal is not None and self._goal(values):
                self._wanted.add(key)
                self._report(parts)

    def _keep(self, term: Term) -> None:
        if (term.shape == ANY and not term.is_leaf) or _is_constant(term):
            return
        for kind in classes_of(term.shape):
            self._bank.setdefault(kind, {}).setdefault(self.cost, []).append(term)
        self.terms.append(term)
        for source in self.sources:
            source.observe(term)

    def _report(self, parts: Parts) -> None:
        if self._on_goal is not None:
            self._on_goal(parts, self.cost)


def _is_constant(term: Term) -> bool:
    """Whether it is made of literals alone, and not one itself."""
    values = term.values
    if term.is_leaf or values.count(values[0]) < len(values):
        return False
    return all(map(_is_literal, term.parts[1:]))


def _is_literal(parts: Parts) -> bool:
    return isinstance(parts, str) and not parts.partition("[")[0].isidentifier()


def _rows(
    component: Component, pools: list[list[Term]]
) -> Iterator[tuple[*tuple[Term, ...], list[Term]]]:
    """All arguments but the last, with the choices for the last."""
    if len(pools) == 1:
        yield (pools[0],)
    elif len(pools) == 2:
        same = component.symmetric and pools[0] is pools[1]
        for i, first in enumerate(pools[0]):
            yield first, pools[1][i:] if same else pools[1]
    else:
        for first in pools[0]:
            for second in pools[1]:
                yield first, second, pools[2]


def _splits(total: int, count: int) -> Iterator[tuple[int, ...]]:
    """Ways to write a total as a sum of so many positive costs."""
    if total < count:
        return
    if count == 1:
        yield (total,)
        return
    for first in range(1, total - count + 2):
        for rest in _splits(total - first, count - 1):
            yield (first, *rest)

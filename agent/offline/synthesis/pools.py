"""Pools of small functions of one item, for the collections that an enumeration comes upon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.offline.synthesis.budget import Budget
from agent.offline.synthesis.component import Component
from agent.offline.synthesis.constants import Constants
from agent.offline.synthesis.enumeration import Enumeration, Made
from agent.offline.synthesis.forms import FORMS, REPLACEMENT, Form, pairs, replacements
from agent.offline.synthesis.shapes import ANY, element_of, is_sequence
from agent.offline.synthesis.term import Parts, Term, Values
from agent.offline.synthesis.words import Description

ITEMS = ("x", "y")
_MOST_ITEMS = 150
_MOST_VALUES = 400
_MOST_POOLS = (40, 3)  # by depth
_COSTLIEST_COLLECTION = (7, 4)
_COSTLIEST_BODY = (9, 5)
_SIZES = ((3, 3000), (12, 800), (40, 250))  # bodies of the first pools, of the next, and so on
_OUTER_TERMS = 14
_WIDEST = 4
_TESTS, _BODIES = 12, 25  # that are tried together


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What every pool of a search builds with.

    Attributes:
        components: Those that are worth trying on items.
        constants: Of the problem.
        forms: With their costs for this description.
        budget: Of the whole search.
    """

    components: Sequence[Component]
    constants: Constants
    forms: Sequence[tuple[Form, int]]
    budget: Budget


def kit(
    components: Iterable[Component], constants: Constants, words: Description, budget: Budget
) -> Kit:
    """What pools need, weighted by the words of a description."""
    return Kit(
        components=tuple(c for c in components if c.inside),
        constants=constants,
        forms=tuple((form, words.cost(form.cost, form.about)) for form in FORMS),
        budget=budget,
    )


class Pools:
    """Makes comprehensions over the collections of one enumeration.

    Args:
        outer: The enumeration.
        kit: What to build with.
        depth: How many comprehensions it is in.
    """

    def __init__(self, outer: Enumeration, kit: Kit, depth: int = 0) -> None:
        self._outer = outer
        self._kit = kit
        self._depth = depth
        self._pools: list[_Pool] = []

    def observe(self, term: Term) -> None:
        """Open a pool for a new term, if it is a collection worth it."""
        if len(self._pools) >= _MOST_POOLS[self._depth]:
            return
        if term.cost > _COSTLIEST_COLLECTION[self._depth]:
            return
        if self._depth and not mentions(term.parts, ITEMS[self._depth - 1]):
            return
        if groups := _items(term):
            size = next(s for n, s in _SIZES if len(self._pools) < n)
            self._pools.append(_Pool(term, groups, self._outer, self._kit, self._depth, size))

    def made_at(self, cost: int) -> Iterator[Made]:
        """Comprehensions of this cost."""
        for pool in list(self._pools):
            yield from pool.made_at(cost)


class _Pool:
    """Functions of one item of one collection, and what can be made of them."""

    def __init__(
        self,
        term: Term,
        groups: list[list[Any]],
        outer: Enumeration,
        kit: Kit,
        depth: int,
        size: int,
    ) -> None:
        self._term = term
        self._groups = groups
        self._outer = outer
        self._kit = kit
        self._item = ITEMS[depth]
        self._depth = depth
        self._lent = 0
        self._borrowed = 0
        self._inner = Enumeration(kit.components, kit.budget, max_terms=size)
        if depth + 1 < len(ITEMS):
            self._inner.sources.append(Pools(self._inner, kit, depth + 1))
        self._seed()

    def made_at(self, cost: int) -> Iterator[Made]:
        """Comprehensions of this cost."""
        left = cost - self._term.cost
        self._grow(left - 1)
        for form, form_cost in self._kit.forms:
            for body in self._bodies(left - form_cost):
                if form.fits(body, self._term.shape):
                    yield from self._built(form, body)
        for form, test, body in self._pairs(left):
            yield from self._built(form, test, body)

    def _pairs(self, left: int) -> Iterator[tuple[Form, Term, Term]]:
        item = element_of(self._term.shape) if is_sequence(self._term.shape) else "str"
        for cost in range(1, left):
            tests = [t for t in self._bodies(cost) if t.shape == "bool"][:_TESTS]
            if tests:
                rest = left - cost - REPLACEMENT.cost
                bodies = [b for b in self._bodies(rest) if b.shape != "bool"][:_BODIES]
                literals = [b for b in self._inner.at_cost(ANY, rest) if b.is_literal]
                yield from pairs(tests, bodies, item)
                yield from replacements(tests, literals, item)

    def _bodies(self, cost: int) -> list[Term]:
        found = self._inner.at_cost(ANY, cost)
        return [term for term in found if term.parts != self._item and self._looks(term)]

    def _looks(self, term: Term) -> bool:
        return mentions(term.parts, self._item)

    def _grow(self, cost: int) -> None:
        while self._inner.cost < min(cost, _COSTLIEST_BODY[self._depth]):
            self._borrow(self._inner.cost)
            if self._inner.is_full:
                return
            self._inner.advance()

    def _built(self, form: Form, *bodies: Term) -> Iterator[Made]:
        self._kit.budget.spend(6 + len(self._groups))
        columns = [self._regrouped(body.values) for body in bodies]
        try:
            values = [form.build(*row) for row in zip(self._groups, *columns, strict=True)]
        except Exception:  # the form doesn't apply to these values
            return
        template = form.template.replace("{x}", self._item)
        yield values, (template, self._term.parts, *[body.parts for body in bodies])

    def _seed(self) -> None:
        flat = [item for group in self._groups for item in group]
        self._inner.seed(flat, self._item, 1, shape="" if _plain(flat) else ANY)
        for position in range(_common_width(flat)):
            self._inner.seed([one[position] for one in flat], f"{self._item}[{position}]", 1)
        for value, cost in self._kit.constants.values.items():
            self._inner.seed([value] * len(flat), repr(value), cost)

    def _borrow(self, cost: int) -> None:
        """Lend the cheap terms from outside to the functions inside."""
        while self._lent < len(self._outer.terms) and self._borrowed < _OUTER_TERMS:
            term = self._outer.terms[self._lent]
            if term.cost > cost:
                return
            self._lent += 1
            if not term.is_literal:
                self._borrowed += 1
                extra = 1 + (term is self._term)
                self._inner.seed(self._repeated(term.values), term.parts, term.cost + extra)

    def _repeated(self, values: Values) -> Values:
        """A value per example, as a value per item."""
        return [v for v, group in zip(values, self._groups, strict=True) for _ in group]

    def _regrouped(self, values: Values) -> list[Values]:
        """A value per item, as a list of values per example."""
        regrouped, start = [], 0
        for group in self._groups:
            regrouped.append(values[start : start + len(group)])
            start += len(group)
        return regrouped


def mentions(parts: Parts, name: str) -> bool:
    """Whether a name is among the leaves of a term."""
    if isinstance(parts, str):
        return parts.partition("[")[0] == name
    return any(mentions(part, name) for part in parts[1:])


def _items(term: Term) -> list[list[Any]]:
    """The items of a collection with something to learn from, for every example; or nothing."""
    if not (is_sequence(term.shape) or term.shape == "str"):
        return []
    if any(len(value) > _MOST_ITEMS for value in term.values):
        return []
    items = [list(value) for value in term.values]
    varied = len(term.values) == 1 or any(v != term.values[0] for v in term.values)
    total = sum(map(len, items))
    enough = 1 < total <= _MOST_VALUES and any(len(group) > 1 for group in items)
    return items if enough and varied else []


def _plain(items: Sequence[Any]) -> bool:
    """Whether the items are of one kind that the search builds with."""
    return all(item is not None for item in items)


def _common_width(items: Sequence[Any]) -> int:
    """How many elements every item has, if all are short tuples or lists of one length."""
    if not all(isinstance(item, (tuple, list)) for item in items):
        return 0
    widths = {len(item) for item in items}
    return widths.pop() if len(widths) == 1 and max(widths) <= _WIDEST else 0

"""Comprehensions and keys: pools of small functions of one item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.constants import Constants
from agent.offline.synthesis.enumeration import Enumeration, Term, Values, source_of
from agent.offline.synthesis.shapes import common_shape, element_of, is_sequence

ITEM = "x"
_MOST_ITEMS = 80
_MOST_POOLS = 40
_COSTLIEST_COLLECTION = 7
_COSTLIEST_BODY = 8
_OUTER_TERMS = 14
_HINT = 2
# components that explode in a pool, or make no sense there
_LEFT_OUT = frozenset(
    {
        *("pairs", "chunks", "runs", "zipped", "joined", "repeated", "appended", "unique"),
        *("running_total", "transposed", "numbered", "neighbours", "mapping", "merged"),
        *("median", "range_inclusive", "divisors", "frequencies"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way to use a function of one item.

    Attributes:
        template: `{0}` is the collection, `{1}` the function's body, `{2}` a second body.
        cost: On top of the collection's and the bodies'.
        build: From the items and the values of the bodies for them, for one example.
    """

    template: str
    cost: int
    build: Callable[..., Any]
    words: frozenset[str] = frozenset()


def _form(template: str, cost: int, build: Callable[..., Any], words: str = "") -> Form:
    return Form(template=template, cost=cost, build=build, words=frozenset(words.split()))


def _sorted_by(items: Sequence[Any], keys: Sequence[Any], *, reverse: bool = False) -> list[Any]:
    order = sorted(range(len(items)), key=lambda i: keys[i], reverse=reverse)
    return [items[i] for i in order]


def _chosen(items: Sequence[Any], wanted: Sequence[bool]) -> list[Any]:
    return [item for item, keep in zip(items, wanted, strict=True) if keep]


def _extreme(items: Sequence[Any], keys: Sequence[Any], pick: Callable[..., int]) -> Any:
    return items[pick(range(len(items)), key=lambda i: keys[i])]


_MAP = _form("[{1} for x in {0}]", 1, lambda items, body: list(body))
_MAP_JOINED = _form('"".join({1} for x in {0})', 2, lambda items, body: "".join(body))
_FILTER = _form("[x for x in {0} if {1}]", 1, _chosen)
_FILTER_JOINED = _form(
    '"".join(x for x in {0} if {1})', 2, lambda items, wanted: "".join(_chosen(items, wanted))
)
_FILTER_TUPLE = _form(
    "tuple(x for x in {0} if {1})", 2, lambda items, wanted: tuple(_chosen(items, wanted))
)
_FIRST = _form(
    "next(x for x in {0} if {1})", 3, lambda items, wanted: _chosen(items, wanted)[0], "first"
)
_COUNT = _form(
    "sum(1 for x in {0} if {1})",
    2,
    lambda items, wanted: len(_chosen(items, wanted)),
    "count number many",
)
_KEYED = (
    _form(
        "max({0}, key=lambda x: {1})",
        3,
        lambda items, keys: _extreme(items, keys, max),
        "longest largest most maximum highest biggest",
    ),
    _form(
        "min({0}, key=lambda x: {1})",
        3,
        lambda items, keys: _extreme(items, keys, min),
        "shortest smallest least minimum lowest",
    ),
    _form("sorted({0}, key=lambda x: {1})", 3, _sorted_by, "sort sorted order by"),
    _form(
        "sorted({0}, key=lambda x: {1}, reverse=True)",
        4,
        lambda items, keys: _sorted_by(items, keys, reverse=True),
        "descending decreasing",
    ),
)
_DICT = _form(
    "{{x: {1} for x in {0}}}", 4, lambda items, body: dict(zip(items, body, strict=True)), "map"
)
_FILTER_MAP = _form("[{2} for x in {0} if {1}]", 2, lambda items, keep, body: _chosen(body, keep))
_CHOICE = _form(
    "[{2} if {1} else x for x in {0}]",
    3,
    lambda items, keep, body: [
        y if wanted else x for x, wanted, y in zip(items, keep, body, strict=True)
    ],
)


@dataclass(frozen=True)
class _Collection:
    """A term whose value is a collection for every example, with its items laid end to end."""

    term: Term
    items: list[list[Any]]

    @property
    def flat(self) -> list[Any]:
        return [item for group in self.items for item in group]

    def repeated(self, values: Values) -> Values:
        """A value per example, as a value per item."""
        return [value for value, group in zip(values, self.items, strict=True) for _ in group]

    def regrouped(self, values: Values) -> list[Values]:
        """A value per item, as a list of values per example."""
        rest = iter(values)
        return [[next(rest) for _ in group] for group in self.items]


class Pools:
    """Watches an enumeration for collections and proposes comprehensions over them."""

    def __init__(
        self,
        components: Sequence[Component],
        constants: Constants,
        words: frozenset[str],
        *,
        most_steps: int,
        deadline: float,
    ) -> None:
        self._components = [c for c in components if c.name not in _LEFT_OUT]
        self._constants = constants
        self._words = words
        self._most_steps = most_steps
        self._deadline = deadline
        self._count = 0

    def observe(self, outer: Enumeration, term: Term) -> None:
        """Propose what can be made of a new term, if it is a collection worth it."""
        if self._count >= _MOST_POOLS or term.cost > _COSTLIEST_COLLECTION:
            return
        collection = _collection(term)
        if collection is None:
            return
        self._count += 1
        bodies = self._bodies(outer, collection)
        for form, used in _uses(term, bodies):
            discount = _HINT if form.words & self._words else 0
            _propose(outer, collection, form, used, form.cost - discount)

    def _bodies(self, outer: Enumeration, collection: _Collection) -> list[Term]:
        """Functions of one item, as terms over all items of all examples."""
        size, share = self._allowance()
        pool = Enumeration(
            self._components,
            most_steps=int(share * self._most_steps),
            deadline=self._deadline,
            max_cost=_COSTLIEST_BODY,
            max_terms=size,
        )
        self._seed(pool, outer, collection)
        pool.run()
        outer.steps += pool.steps
        return [term for term in pool.terms if not _is_trivial(term)]

    def _allowance(self) -> tuple[int, float]:
        """How many terms, and what part of all steps: the first collections matter most."""
        if self._count <= 3:
            return 1500, 0.08
        return (400, 0.03) if self._count <= 12 else (150, 0.01)

    def _seed(self, pool: Enumeration, outer: Enumeration, collection: _Collection) -> None:
        flat = collection.flat
        pool.seed(flat, ITEM, 1)
        for position in range(_common_width(flat)):
            pool.seed([item[position] for item in flat], f"{ITEM}[{position}]", 1)
        for term in outer.terms[:_OUTER_TERMS]:
            if not _is_constant(term):
                cost = term.cost + 1 + (term is collection.term)
                pool.seed(collection.repeated(term.values), source_of(term.parts), cost)
        for value, cost in self._constants.values.items():
            pool.seed([value] * len(flat), repr(value), cost)


def _collection(term: Term) -> _Collection | None:
    """The term as a collection with something to learn from, or None."""
    if not (is_sequence(term.shape) or term.shape == "str"):
        return None
    if any(len(value) > _MOST_ITEMS for value in term.values):
        return None
    items = [list(value) for value in term.values]
    varied = len(term.values) == 1 or len(set(map(repr, term.values))) > 1
    enough = sum(map(len, items)) > 1 and any(len(group) > 1 for group in items)
    return _Collection(term, items) if enough and varied else None


def _common_width(items: Sequence[Any]) -> int:
    """How many elements every item has, if all are short tuples or lists of one length."""
    if not all(isinstance(item, (tuple, list)) for item in items):
        return 0
    widths = {len(item) for item in items}
    return widths.pop() if len(widths) == 1 and max(widths) <= 3 else 0


def _is_constant(term: Term) -> bool:
    return isinstance(term.parts, str) and not term.parts.isidentifier()


def _is_trivial(term: Term) -> bool:
    """Whether it is the item itself or doesn't look at the item."""
    if term.parts == ITEM:
        return True
    return isinstance(term.parts, str) and not term.parts.startswith(ITEM + "[")


def _uses(collection: Term, bodies: Sequence[Term]) -> Iterator[tuple[Form, tuple[Term, ...]]]:
    """Every form with the bodies that fit it."""
    tests = [body for body in bodies if body.shape == "bool"]
    for body in bodies:
        yield from ((form, (body,)) for form in _forms_for(body, collection))
    for test in tests:
        yield from ((form, (test,)) for form in _filters_for(collection))
    yield from _pairs(collection, tests, [b for b in bodies if b.shape != "bool"])


def _forms_for(body: Term, collection: Term) -> Iterator[Form]:
    yield _MAP
    if body.shape == "str":
        yield _MAP_JOINED
    if body.shape in ("int", "float", "str") or is_sequence(body.shape):
        yield from _KEYED[: 4 if body.cost <= 3 else 3]
        if collection.shape != "str" and body.cost <= 4:
            yield _DICT


def _filters_for(collection: Term) -> Iterator[Form]:
    yield from (_FILTER, _FIRST, _COUNT)
    if collection.shape == "str":
        yield _FILTER_JOINED
    if collection.shape.startswith("tuple"):
        yield _FILTER_TUPLE


def _pairs(
    collection: Term, tests: Sequence[Term], bodies: Sequence[Term]
) -> Iterator[tuple[Form, tuple[Term, ...]]]:
    item = element_of(collection.shape) if is_sequence(collection.shape) else "str"
    for test in tests[:12]:
        for body in bodies[:25]:
            yield _FILTER_MAP, (test, body)
            if common_shape([body.shape, item]) == item:
                yield _CHOICE, (test, body)


def _propose(
    outer: Enumeration,
    collection: _Collection,
    form: Form,
    bodies: tuple[Term, ...],
    form_cost: int,
) -> None:
    def evaluate() -> Values:
        groups = [collection.regrouped(body.values) for body in bodies]
        return [form.build(*one) for one in zip(collection.items, *groups, strict=True)]

    cost = collection.term.cost + form_cost + sum(body.cost for body in bodies)
    parts = (form.template, collection.term.parts, *[body.parts for body in bodies])
    outer.propose(evaluate, parts, cost)

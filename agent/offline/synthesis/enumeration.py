"""Bottom-up enumeration: every value that small expressions can have, each once."""

from __future__ import annotations

import itertools
import marshal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.shapes import ANY, PATTERN, classes_of, common_shape, shape_of

Values = list[Any]
Parts = Any  # source text, or a template followed by the parts that fill it
_CHECK_EVERY = 256
_LONGEST_TEXT = 3000
_LONGEST_COLLECTION = 1500
_LARGEST = 10**18


class Term(NamedTuple):
    """An expression with the value it has for every example."""

    values: Values
    parts: Parts
    cost: int
    shape: str


class _StoppedError(Exception):
    """Time or room is used up, or enough was found."""


def source_of(parts: Parts) -> str:
    """The source of a term."""
    if isinstance(parts, str):
        return parts
    return str(parts[0]).format(*map(source_of, parts[1:]))


class Enumeration:
    """Combines terms by rising cost; terms with equal values count as one.

    Args:
        components: What to combine with.
        most_steps: See the attribute.
        deadline: CPU time (`time.process_time`) at which to stop all the same.
        max_cost: See the attribute.
        max_terms: Distinct terms after which to stop.
        on_new: Is told every distinct term.
        on_every: Is told every term that was built.

    Attributes:
        terms: Every distinct term, cheapest first.
        cost: The cost being worked on.
        steps: Evaluations so far, those of pools included.
        most_steps: Evaluations after which to stop; may be moved. Counting, not timing, is what
            makes a search come out the same each time.
        max_cost: The last cost to work on; may be moved.
    """

    def __init__(
        self,
        components: Sequence[Component],
        *,
        most_steps: int,
        deadline: float,
        max_cost: int = 40,
        max_terms: int = 400_000,
        on_new: Callable[[Term], None] | None = None,
        on_every: Callable[[bytes, Values, Parts, int], None] | None = None,
    ) -> None:
        self.terms: list[Term] = []
        self.cost = 0
        self.steps = 0
        self.most_steps = most_steps
        self.max_cost = max_cost
        self._deadline = deadline
        self._components = components
        self._max_terms = max_terms
        self._on_new = on_new
        self._on_every = on_every
        self._bank: dict[str, dict[int, list[Term]]] = {}
        self._seen: set[bytes] = set()
        self._proposed: dict[int, list[tuple[Callable[[], Values], Parts, bool]]] = {}

    def seed(self, values: Values, source: str, cost: int, *, pattern: bool = False) -> None:
        """Start from a parameter, a constant or a pattern."""
        self._proposed.setdefault(cost, []).append((lambda: values, source, pattern))

    def propose(self, evaluate: Callable[[], Values], parts: Parts, cost: int) -> None:
        """Add a term from elsewhere; it is evaluated when its cost comes up."""
        self._proposed.setdefault(max(cost, self.cost + 1), []).append((evaluate, parts, False))

    def stop(self) -> None:
        """End the run from within a callback."""
        raise _StoppedError

    def run(self) -> None:
        """Enumerate until a limit is reached; a callback may end it too."""
        try:
            while self.cost < self.max_cost:
                self.cost += 1
                self._take_proposals()
                self._combine()
        except _StoppedError:
            return

    def _take_proposals(self) -> None:
        for evaluate, parts, pattern in self._proposed.pop(self.cost, ()):
            self._tick()
            try:
                values = evaluate()
            except Exception:  # the operation doesn't apply to these values
                continue
            self._add(values, parts, PATTERN if pattern else None)

    def _combine(self) -> None:
        for component in self._components:
            for pools in self._pools(component):
                self._apply(component, pools)

    def _pools(self, component: Component) -> Iterator[list[list[Term]]]:
        """The argument terms whose costs add up to what is being worked on."""
        for split in _splits(self.cost - component.cost, len(component.takes)):
            pools = [
                self._bank.get(kind, {}).get(cost, [])
                for kind, cost in zip(component.takes, split, strict=True)
            ]
            if all(pools):
                yield [list(pool) for pool in pools]

    def _apply(self, component: Component, pools: list[list[Term]]) -> None:
        operation = component.apply
        for terms in itertools.product(*pools):
            self._tick()
            try:
                values = list(map(operation, *[term.values for term in terms]))
            except Exception:  # the operation doesn't apply to these values
                continue
            self._add(values, (component.template, *[term.parts for term in terms]))

    def _add(self, values: Values, parts: Parts, shape: str | None = None) -> None:
        key = _key(values)
        if self._on_every is not None and shape is None:
            self._on_every(key, values, parts, self.cost)
        marked = key + b"p" if shape else key
        if marked in self._seen or not all(map(_is_small, values)):
            return
        self._seen.add(marked)
        shape = shape or common_shape(map(shape_of, values))
        if shape != ANY:
            self._keep(Term(values, parts, self.cost, shape))

    def _keep(self, term: Term) -> None:
        for kind in classes_of(term.shape):
            self._bank.setdefault(kind, {}).setdefault(self.cost, []).append(term)
        self.terms.append(term)
        if self._on_new is not None:
            self._on_new(term)
        if len(self.terms) >= self._max_terms:
            raise _StoppedError

    def _tick(self) -> None:
        self.steps += 1
        if self.steps >= self.most_steps:
            raise _StoppedError
        if self.steps % _CHECK_EVERY == 0 and time.process_time() > self._deadline:
            raise _StoppedError


def _splits(total: int, count: int) -> Iterable[tuple[int, ...]]:
    """Ways to write a total as a sum of so many positive costs."""
    if total < count:
        return
    if count == 1:
        yield (total,)
        return
    for first in range(1, total - count + 2):
        for rest in _splits(total - first, count - 1):
            yield (first, *rest)


def _key(values: Values) -> bytes:
    try:
        if type(values[0]) is set:
            return b"s" + marshal.dumps([sorted(value, key=repr) for value in values], 0)
        return marshal.dumps(values, 0)
    except ValueError:  # e.g. an iterator or a match: equal only to itself
        return repr(values).encode()


def _is_small(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_LARGEST < value < _LARGEST)
    if kind is str:
        return len(value) <= _LONGEST_TEXT
    if kind in (list, tuple, set, dict):
        return len(value) <= _LONGEST_COLLECTION
    if kind is float:
        return bool(abs(value) < _LARGEST)  # False for nan
    return kind is bool

"""The search for expressions that meet every example."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agent.offline.synthesis.budget import Budget, ExhaustedError
from agent.offline.synthesis.choices import Choices
from agent.offline.synthesis.constants import Constants, constants_for
from agent.offline.synthesis.enumeration import Enumeration
from agent.offline.synthesis.fits import fits
from agent.offline.synthesis.inventory import COMPONENTS
from agent.offline.synthesis.labels import Labels
from agent.offline.synthesis.pools import Pools, kit
from agent.offline.synthesis.problem import Findings, Problem, Solution
from agent.offline.synthesis.ranking import Found, at_a_glance, ranked, uses_all
from agent.offline.synthesis.shapes import CAPTURE, PATTERN, PI
from agent.offline.synthesis.term import Parts, Values, source_of
from agent.offline.synthesis.words import Description
from agent.validation.comparison import same

_MOST_SOLUTIONS = 120
_MAX_COST = 30
_AFTER_FIRST = 2_000_000  # units at least, to find rivals of the first good solution
_AFTER_FIRST_SHARE = 0.5  # of the units the first one took
_AFTER_FIRST_COST = 4
_MANY_NUMBERS = 3
_TELLING = 5  # examples, from which on a choice that was never reached is no mere accident
_DEFAULTS = frozenset({"0", "1", "-1", "''"})  # what a function often returns in a special case


def solve(problem: Problem) -> tuple[Solution, ...]:
    """Expressions that meet every example, most plausible first; empty if none was found."""
    return ranked(_Search(problem).run(), problem).solutions


def findings(problem: Problem) -> Iterator[Findings]:
    """The same with all that is known of them; better findings come after the first."""
    found = _Search(problem).run()
    yield at_a_glance(found, problem)
    yield ranked(found, problem)


class _Search:
    """One enumeration with the wish to meet the examples."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._expected = [example.expected for example in problem.examples]
        self._kind = type(self._expected[0])
        self._mixed = set(map(type, self._expected)) == {int, float}
        self._solutions: dict[str, Found] = {}
        self._satisfied = False
        self._max_cost = _MAX_COST
        self._budget = Budget(problem.seconds)
        words = Description(problem.description, problem.name)
        components = [
            replace(component, cost=words.cost(component.cost, component.about))
            for component in COMPONENTS
        ]
        constants = constants_for(problem)
        self._enumeration = Enumeration(
            components, self._budget, goal=self._meets, on_goal=self._found
        )
        pools = Pools(self._enumeration, kit(components, constants, words, self._budget))
        self._choices = Choices(self._expected, same, lambda source: source in _DEFAULTS)
        self._enumeration.sources += [pools, Labels(problem), self._choices]
        self._seed(constants)

    def run(self) -> list[Found]:
        """What meets the examples, cheapest first."""
        try:
            while self._enumeration.cost < self._max_cost and not self._enumeration.is_full:
                self._enumeration.advance()
        except ExhaustedError:
            pass
        if not self._solutions and len(self._expected) >= _TELLING:
            for parts, cost in self._choices.waiting():
                self._solutions.setdefault(source_of(parts), Found(parts=parts, cost=cost))
        return list(self._solutions.values())

    def _seed(self, constants: Constants) -> None:
        count = len(self._expected)
        self._seed_parameters()
        self._seed_together()
        for source, cost in constants.pis.items():
            self._enumeration.seed([eval(source, {"math": math})] * count, source, cost, PI)
        if len(self._problem.parameters) == 1:
            (name,) = self._problem.parameters
            for source, cost in fits(self._problem.examples, name):
                self._enumeration.seed(self._expected, source, cost)
        for value, cost in constants.values.items():
            self._enumeration.seed([value] * count, repr(value), cost)
        for pattern, cost in constants.captures.items():
            self._enumeration.seed([pattern] * count, _raw(pattern), cost, CAPTURE)
        for pattern, cost in constants.patterns.items():
            self._enumeration.seed([pattern] * count, _raw(pattern), cost, PATTERN)

    def _seed_parameters(self) -> None:
        """The arguments; one that is the length of another stands for how much of that counts."""
        columns = dict(
            zip(
                self._problem.parameters,
                zip(*(e.arguments for e in self._problem.examples), strict=True),
                strict=True,
            )
        )
        for name, values in columns.items():
            length = next(
                (n for n, lengths in columns.items() if _are_lengths(lengths, values)), ""
            )
            self._enumeration.seed(list(values), f"{name}[:{length}]" if length else name, 1)

    def _seed_together(self) -> None:
        """Three numbers or more may be meant as a list, e.g. for their mean."""
        parameters = self._problem.parameters
        groups = [list(example.arguments) for example in self._problem.examples]
        numeric = all(type(a) in (int, float) for group in groups for a in group)
        if numeric and len(parameters) >= _MANY_NUMBERS:
            self._enumeration.seed(groups, f"[{', '.join(parameters)}]", 2)

    def _meets(self, values: Values) -> bool:
        if self._mixed:
            return all(map(_alike, values, self._expected))
        return type(values[0]) is self._kind and all(map(same, values, self._expected))

    def _found(self, parts: Parts, cost: int) -> None:
        source = source_of(parts)
        self._solutions.setdefault(source, Found(parts=parts, cost=cost))
        if len(self._solutions) >= _MOST_SOLUTIONS:
            raise ExhaustedError
        if not self._satisfied and uses_all(source, self._problem.parameters):
            self._satisfied = True
            self._hurry(cost)

    def _hurry(self, cost: int) -> None:
        """Look a little further for rivals, then end."""
        more = max(_AFTER_FIRST, int(_AFTER_FIRST_SHARE * self._budget.spent))
        self._budget.end_within(more)
        self._max_cost = min(self._max_cost, cost + _AFTER_FIRST_COST)


def _alike(value: Any, expected: float) -> bool:
    """Whether a number is the one expected, whole or not: 2.0 may have been written as 2."""
    return type(value) in (int, float) and math.isclose(value, expected, rel_tol=1e-9)


def _are_lengths(lengths: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether one argument always is the length of another."""
    return all(
        type(n) is int and isinstance(value, (list, tuple)) and len(value) == n
        for n, value in zip(lengths, values, strict=True)
    )


def _raw(pattern: str) -> str:
    """A pattern as a literal, raw if that reads better and is the same."""
    if "\\" in pattern and '"' not in pattern and not pattern.endswith("\\"):
        return f'r"{pattern}"'
    return repr(pattern)

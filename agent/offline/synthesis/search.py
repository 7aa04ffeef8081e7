"""The search for expressions that meet every example."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from agent.offline.synthesis import numbers, sequences, text
from agent.offline.synthesis.component import Component
from agent.offline.synthesis.constants import Constants, constants_for
from agent.offline.synthesis.enumeration import Enumeration, Parts, Term, Values, source_of
from agent.offline.synthesis.lambdas import Pools
from agent.offline.synthesis.problem import Problem, Solution
from agent.offline.synthesis.ranking import ranked, uses_all
from agent.offline.synthesis.words import weighted, words_of
from agent.validation.comparison import same

COMPONENTS: tuple[Component, ...] = numbers.COMPONENTS + text.COMPONENTS + sequences.COMPONENTS
_MOST_SOLUTIONS = 60
_STEPS_A_SECOND = 250_000  # what an ordinary processor does
_PATIENCE = 3  # times the seconds asked for, on a slow one
_AFTER_FIRST = 100_000  # steps at least, to find rivals of the first good solution
_AFTER_FIRST_SHARE = 0.5  # of the steps the first one took
_AFTER_FIRST_COST = 2
_CHOICE_COST = 2
_MANY_NUMBERS = 3


def solve(problem: Problem) -> tuple[Solution, ...]:
    """Expressions that meet every example, most plausible first; empty if none was found."""
    return ranked(_Search(problem).run(), problem)


class _Search:
    """One enumeration with the wish to meet the examples."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._expected = [example.expected for example in problem.examples]
        self._labels = _are_labels(self._expected, problem.description)
        self._solutions: dict[str, int] = {}
        self._goals: dict[bytes, bool] = {}
        self._satisfied = False
        most_steps = int(problem.seconds * _STEPS_A_SECOND)
        deadline = time.process_time() + problem.seconds * _PATIENCE
        words = words_of(f"{problem.description} {problem.name}")
        components = weighted(COMPONENTS, words)
        constants = constants_for(problem)
        self._pools = Pools(components, constants, words, most_steps=most_steps, deadline=deadline)
        self._enumeration = Enumeration(
            components,
            most_steps=most_steps,
            deadline=deadline,
            on_new=self._new,
            on_every=self._every,
        )
        self._seed(constants)

    def run(self) -> dict[str, int]:
        """Solutions with their costs."""
        self._enumeration.run()
        return self._solutions

    def _seed(self, constants: Constants) -> None:
        count = len(self._expected)
        for position, name in enumerate(self._problem.parameters):
            values = [example.arguments[position] for example in self._problem.examples]
            self._enumeration.seed(values, name, 1)
        self._seed_together()
        for value, cost in constants.values.items():
            self._enumeration.seed([value] * count, repr(value), cost)
        for pattern, cost in constants.captures.items():
            self._enumeration.seed([pattern] * count, _raw(pattern), cost, pattern=True)

    def _seed_together(self) -> None:
        """Three numbers or more may be meant as a list, e.g. for their mean."""
        parameters = self._problem.parameters
        groups = [list(example.arguments) for example in self._problem.examples]
        numeric = all(type(a) in (int, float) for group in groups for a in group)
        if numeric and len(parameters) >= _MANY_NUMBERS:
            self._enumeration.seed(groups, f"[{', '.join(parameters)}]", 2)

    def _new(self, term: Term) -> None:
        self._pools.observe(self._enumeration, term)
        if self._labels and term.shape == "bool" and len(set(term.values)) == 2:
            self._try_labels(term)

    def _every(self, key: bytes, values: Values, parts: Parts, cost: int) -> None:
        """Note a solution; equal values are compared with the examples once."""
        if type(values[0]) is not type(self._expected[0]):
            return
        if key not in self._goals:
            self._goals[key] = all(map(same, values, self._expected))
        if self._goals[key]:
            self._found(source_of(parts), cost)

    def _try_labels(self, term: Term) -> None:
        """Two different outputs may be chosen by a truth value."""
        yes = self._expected[term.values.index(True)]
        no = self._expected[term.values.index(False)]
        chosen = [yes if value else no for value in term.values]
        if all(map(same, chosen, self._expected)):
            source = f"({yes!r} if {source_of(term.parts)} else {no!r})"
            self._found(source, term.cost + _CHOICE_COST)

    def _found(self, source: str, cost: int) -> None:
        self._solutions.setdefault(source, cost)
        if len(self._solutions) >= _MOST_SOLUTIONS:
            self._enumeration.stop()
        if not self._satisfied and uses_all(source, self._problem.parameters):
            self._satisfied = True
            self._hurry(cost)

    def _hurry(self, cost: int) -> None:
        """Look a little further for rivals, then end."""
        steps = self._enumeration.steps
        more = max(_AFTER_FIRST, int(_AFTER_FIRST_SHARE * steps))
        self._enumeration.most_steps = min(self._enumeration.most_steps, steps + more)
        limit = min(self._enumeration.max_cost, cost + _AFTER_FIRST_COST)
        self._enumeration.max_cost = limit


def _are_labels(expected: list[Any], description: str) -> bool:
    """Whether the outputs are two texts or numbers, each met twice or named in the description."""
    counts = Counter(map(repr, expected))
    if len(counts) != 2 or not all(type(e) in (str, int) for e in expected):
        return False
    return all(n > 1 for n in counts.values()) or all(str(e) in description for e in expected)


def _raw(pattern: str) -> str:
    """A pattern as a literal, raw if that reads better and is the same."""
    if "\\" in pattern and '"' not in pattern and not pattern.endswith("\\"):
        return f'r"{pattern}"'
    return repr(pattern)

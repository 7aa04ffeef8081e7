"""Which of several solutions is meant."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.offline.synthesis.behaviour import Behaviour, behaviour, probes
from agent.offline.synthesis.constants import explained_numbers
from agent.offline.synthesis.evaluation import compiled
from agent.offline.synthesis.evidence import explained
from agent.offline.synthesis.problem import Problem, Solution
from agent.offline.synthesis.simplify import simplified
from agent.offline.synthesis.term import Parts, source_of
from agent.offline.synthesis.words import Description

_UNUSED = 4.0
_UNEXPLAINED = 2.0
_PER_CHARACTER = 0.005
_MOST_SUPPORT = 1.0
_PER_BIT = 1.0
_FAILING = 3.0
_CONSTANT = 3.0
_COMPARED = 40
_PLAIN_NUMBERS = frozenset({0, 1, 2, -1})


@dataclass(frozen=True, kw_only=True)
class Found:
    """A term that meets the examples, with what the search says of it.

    Attributes:
        parts: The term.
        cost: Its cost.
    """

    parts: Parts
    cost: int


def uses_all(source: str, parameters: Iterable[str]) -> bool:
    """Whether every parameter occurs in the expression."""
    return not set(parameters) - _names(ast.parse(source, mode="eval"))


def ranked(found: Iterable[Found], problem: Problem) -> tuple[Solution, ...]:
    """Solutions by plausibility, one for each way to behave.

    Plausible is what is simple, uses every argument, has no unexplained constants and does what
    the words say. Solutions that behave alike on inputs like the examples speak for each other.
    """
    scored = _scored(found, problem)
    inputs = probes(problem.examples)
    groups: dict[Behaviour, list[Solution]] = {}
    for solution in scored[:_COMPARED]:
        function = compiled(solution.expression, problem.parameters)
        shown = behaviour(function, inputs)
        doubt = _FAILING * shown.failing + _CONSTANT * shown.is_constant
        doubted = replace(solution, score=solution.score + doubt)
        groups.setdefault(shown, []).append(doubted)
    together = [_together(group) for group in groups.values()]
    return tuple(sorted(together, key=lambda s: (s.score, len(s.expression))))


def _together(group: Sequence[Solution]) -> Solution:
    """The best of solutions that behave alike, with what all say for it."""
    best = min(group, key=lambda s: (s.score, len(s.expression)))
    weight = sum(2.0 ** (best.score - s.score) for s in group)
    return replace(best, score=round(best.score - min(math.log2(weight), _MOST_SUPPORT), 3))


def _scored(found: Iterable[Found], problem: Problem) -> list[Solution]:
    words = Description(problem.description, problem.name)
    best: dict[str, float] = {}
    for one in found:
        expression = simplified(source_of(one.parts))
        score = one.cost + _doubts(expression, problem) - _PER_BIT * explained(one.parts, words)
        best[expression] = min(score, best.get(expression, score))
    solutions = [Solution(expression=e, score=round(s, 3)) for e, s in best.items()]
    varied = [s for s in solutions if _uses_any(s.expression, problem.parameters)]
    return sorted(varied, key=lambda s: (s.score, len(s.expression)))


def _uses_any(source: str, parameters: Iterable[str]) -> bool:
    return bool(set(parameters) & _names(ast.parse(source, mode="eval")))


def _doubts(expression: str, problem: Problem) -> float:
    tree = ast.parse(expression, mode="eval")
    unused = len(set(problem.parameters) - _names(tree))
    unexplained = sum(not _is_explained(n, problem) for n in _literals(tree))
    return _UNUSED * unused + _UNEXPLAINED * unexplained + _PER_CHARACTER * len(expression)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _literals(tree: ast.AST) -> list[object]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def _is_explained(value: object, problem: Problem) -> bool:
    """Whether a constant is everyday, or comes from the words or from every output."""
    if isinstance(value, str):
        return len(value) <= 2 or _in_outputs(value, [e.expected for e in problem.examples])
    if isinstance(value, (int, float)) and value in _PLAIN_NUMBERS:
        return True
    return value in explained_numbers(problem)


def _in_outputs(value: str, outputs: Sequence[object]) -> bool:
    return all(value in output for output in outputs if isinstance(output, str))

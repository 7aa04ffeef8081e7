"""Which of several solutions is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from agent.offline.synthesis.constants import explained_numbers
from agent.offline.synthesis.problem import Problem, Solution
from agent.offline.synthesis.simplify import simplified

_UNUSED = 4.0
_UNEXPLAINED = 2.0
_PER_CHARACTER = 0.02
_PLAIN_NUMBERS = frozenset({0, 1, 2, -1})


def uses_all(source: str, parameters: Iterable[str]) -> bool:
    """Whether every parameter occurs in the expression."""
    return not set(parameters) - _names(ast.parse(source, mode="eval"))


def ranked(costs: Mapping[str, int], problem: Problem) -> tuple[Solution, ...]:
    """Solutions by plausibility: simple, using every argument, without unexplained constants."""
    best: dict[str, float] = {}
    for source, cost in costs.items():
        expression = simplified(source)
        score = cost + _doubts(expression, problem)
        best[expression] = min(score, best.get(expression, score))
    solutions = [Solution(expression=e, score=round(s, 3)) for e, s in best.items()]
    varied = [s for s in solutions if _uses_any(s.expression, problem.parameters)]
    return tuple(sorted(varied, key=lambda s: (s.score, len(s.expression))))


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

"""Which of several solutions is meant."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.offline.synthesis import disagreement
from agent.offline.synthesis.behaviour import Behaviour, behaviour, probes
from agent.offline.synthesis.constants import explained_numbers
from agent.offline.synthesis.evidence import explained
from agent.offline.synthesis.guarded import guarded
from agent.offline.synthesis.problem import Findings, Problem, Solution, Traits
from agent.offline.synthesis.simplify import simplified
from agent.offline.synthesis.term import Parts, source_of
from agent.offline.synthesis.words import Description

_UNUSED = 4.0
_UNEXPLAINED = 2.0
_PER_CHARACTER = 0.005
_FAILING = 3.0
_CONSTANT = 3.0
_MOST_SUPPORT = 1.0
_LEAST = 0.25
_COMPARED = 40
_MARGIN = 3.0  # of score, within which others are plausible rivals of the best
_PLAIN_NUMBERS = frozenset({0, 1, 2, -1})


@dataclass(frozen=True, kw_only=True)
class Found:
    """A term that meets the examples.

    Attributes:
        parts: The term.
        cost: What it cost to find.
    """

    parts: Parts
    cost: int


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A solution on its way to a place."""

    parts: Parts
    expression: str
    score: float
    traits: Traits

    @property
    def order(self) -> tuple[float, int, str]:
        """Best first, and always the same."""
        return self.score, len(self.expression), self.expression

    def solution(self) -> Solution:
        score = round(max(self.score, _LEAST), 3)
        return Solution(expression=self.expression, score=score, traits=self.traits)


def uses_all(source: str, parameters: Iterable[str]) -> bool:
    """Whether every parameter occurs in the expression."""
    return not set(parameters) - _names(ast.parse(source, mode="eval"))


def at_a_glance(found: Iterable[Found], problem: Problem) -> Findings:
    """Findings before anything was tried on other inputs."""
    return Findings(solutions=tuple(c.solution() for c in _scored(found, problem)[:_COMPARED]))


def ranked(found: Iterable[Found], problem: Problem) -> Findings:
    """Solutions by plausibility, one for each way to behave, and where they differ.

    Plausible is what is simple, uses every argument, has no unexplained constants and does what
    the words say. Solutions that behave alike on inputs like the examples speak for each other.
    """
    inputs = probes(problem.examples)
    groups: dict[Behaviour, list[_Candidate]] = {}
    for candidate in _scored(found, problem)[:_COMPARED]:
        shown = behaviour(guarded(candidate.parts, problem.parameters), inputs)
        groups.setdefault(shown, []).append(_tried(candidate, shown))
    leaders = sorted(
        ((_together(group), shown) for shown, group in groups.items()),
        key=lambda pair: pair[0].order,
    )
    rivals = [shown for one, shown in leaders if one.score <= leaders[0][0].score + _MARGIN]
    return Findings(
        solutions=tuple(one.solution() for one, _ in leaders),
        disagreement=disagreement.find(inputs, rivals),
        share=_share([one.score for one, _ in leaders]),
    )


def _share(scores: Sequence[float]) -> float:
    """How much of the plausibility of all the first has."""
    if not scores:
        return 0.0
    return round(1 / sum(math.exp2(scores[0] - score) for score in scores), 4)


def _tried(candidate: _Candidate, shown: Behaviour) -> _Candidate:
    doubt = _FAILING * shown.failing + _CONSTANT * shown.is_constant
    traits = replace(candidate.traits, failing=round(shown.failing, 3), constant=shown.is_constant)
    return replace(candidate, score=candidate.score + doubt, traits=traits)


def _together(group: Sequence[_Candidate]) -> _Candidate:
    """The simplest of solutions that behave alike, with what all say for it."""
    best = min(one.score for one in group)
    weight = sum(math.exp2(best - one.score) for one in group)
    shown = min(group, key=lambda one: (one.traits.unused, len(one.expression), one.expression))
    return replace(
        shown,
        score=best - min(math.log2(weight), _MOST_SUPPORT),
        traits=replace(shown.traits, support=len(group)),
    )


def _scored(found: Iterable[Found], problem: Problem) -> list[_Candidate]:
    words = Description(problem.description, problem.name)
    best: dict[str, _Candidate] = {}
    for one in found:
        candidate = _judged(one, problem, words)
        known = best.setdefault(candidate.expression, candidate)
        if candidate.score < known.score:
            best[candidate.expression] = candidate
    varied = [c for c in best.values() if c.traits.unused < len(problem.parameters)]
    return sorted(varied, key=lambda c: c.order)


def _judged(one: Found, problem: Problem, words: Description) -> _Candidate:
    expression = simplified(source_of(one.parts))
    tree = ast.parse(expression, mode="eval")
    traits = Traits(
        cost=one.cost,
        words=round(explained(one.parts, words), 3),
        unused=len(set(problem.parameters) - _names(tree)),
        unexplained=sum(not _is_explained(n, problem) for n in _literals(tree)),
    )
    score = one.cost + _UNUSED * traits.unused + _UNEXPLAINED * traits.unexplained
    score += _PER_CHARACTER * len(expression) - traits.words
    return _Candidate(parts=one.parts, expression=expression, score=score, traits=traits)


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

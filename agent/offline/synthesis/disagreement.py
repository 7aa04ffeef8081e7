"""The input on which plausible solutions differ: what is worth asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agent.offline.synthesis.behaviour import probes
from agent.offline.synthesis.evaluation import FailedError, compiled, outcome
from agent.offline.synthesis.problem import Disagreement, Problem, Solution
from agent.offline.synthesis.wire import encode
from sessions.errors import UsageError

_RIVALS = 8
_MARGIN = 3.0
_LONGEST = 300
_OPTIONS = 4


def find(problem: Problem, solutions: Sequence[Solution]) -> Disagreement | None:
    """The input that parts the plausible solutions best, or None if they agree on all tried.

    A solution is plausible if it scores nearly as well as the best.
    """
    rivals = [s for s in solutions if s.score <= solutions[0].score + _MARGIN][:_RIVALS]
    functions = [compiled(rival.expression, problem.parameters) for rival in rivals]
    best: Disagreement | None = None
    for arguments in probes(problem.examples):
        outputs = _outputs(functions, arguments)
        if len(outputs) > (1 if best is None else len(best.outputs)):
            best = Disagreement(arguments=arguments, outputs=outputs[:_OPTIONS])
    return best


def _outputs(
    functions: Sequence[Callable[..., Any]], arguments: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The different values, the best solution's first; none if it has no answer to show."""
    found: dict[str, Any] = {}
    for position, function in enumerate(functions):
        try:
            value = outcome(function, arguments)
            encode(value)
        except (FailedError, UsageError):
            if position == 0:
                return ()
            continue
        found.setdefault(repr(value)[:_LONGEST], value)
    return tuple(found.values())

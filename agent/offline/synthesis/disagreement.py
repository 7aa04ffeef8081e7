"""The input on which plausible solutions differ: what is worth asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.offline.synthesis.behaviour import Behaviour
from agent.offline.synthesis.problem import Disagreement
from agent.offline.synthesis.wire import encode
from sessions.errors import UsageError

_RIVALS = 8
_OPTIONS = 4


def find(inputs: Sequence[tuple[Any, ...]], behaviours: Sequence[Behaviour]) -> Disagreement | None:
    """The input that parts the plausible solutions best, or None if they agree on all tried.

    Args:
        inputs: What was tried.
        behaviours: Of the solutions, the most plausible first.
    """
    best: Disagreement | None = None
    for index, arguments in enumerate(inputs):
        outputs = _outputs(behaviours[:_RIVALS], index)
        if len(outputs) > (1 if best is None else len(best.outputs)):
            best = Disagreement(arguments=arguments, outputs=outputs[:_OPTIONS])
    return best


def _outputs(behaviours: Sequence[Behaviour], index: int) -> tuple[Any, ...]:
    """The different values, the best solution's first; none if it has no answer to show."""
    found: dict[str, Any] = {}
    for shown in behaviours:
        text = shown.at(index)
        if not text and not found:
            return ()
        if text and _is_plain(shown.values[index]):
            found.setdefault(text, shown.values[index])
    return tuple(found.values())


def _is_plain(value: Any) -> bool:
    try:
        encode(value)
    except UsageError:
        return False
    return True

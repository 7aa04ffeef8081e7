"""Found terms as functions that refuse whatever the search would refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.evaluation import NAMES
from agent.offline.synthesis.inventory import COMPONENTS
from agent.offline.synthesis.term import Parts, wrapped


@cache
def _by_template() -> dict[str, Component]:
    """Components with a guard, by templates that are theirs alone."""
    counts = Counter(component.template for component in COMPONENTS)
    return {c.template: c for c in COMPONENTS if c.guard and counts[c.template] == 1}


@cache
def _names() -> dict[str, Any]:
    operations = {f"{c.name}_": c.apply for c in _by_template().values()}
    return {**NAMES, **operations}


def guarded(parts: Parts, parameters: Sequence[str]) -> Callable[..., Any]:
    """The term as a function of its parameters, whose components keep their guards.

    Its arguments may be larger than those of the examples, so that what was harmless for them
    could run for ever, and not even a signal stops an operation on a huge number.
    """
    source = f"lambda {', '.join(parameters)}: {_calls(parts)}"
    function: Callable[..., Any] = eval(compile(source, "<guarded>", "eval"), _names())
    return function


def _calls(parts: Parts) -> str:
    """The source with a call in the place of each component that has a guard."""
    if isinstance(parts, str):
        return parts
    inner = [_calls(part) for part in parts[1:]]
    component = _by_template().get(parts[0])
    if component is None:
        return str(parts[0]).format(*map(wrapped, inner))
    return f"{component.name}_({', '.join(inner)})"

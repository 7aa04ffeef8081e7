"""What a sub-agent is told beside its task: found in the registry and in the kernel.

How much of it fits is decided where it is written down, by the budget of the role.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from sessions.errors import AgentError
from subagents.context import Card, Context

if TYPE_CHECKING:
    from sessions.variables import Variable
    from subagents.specialist import Kernel
    from tools_registry.registry import Registry
    from tools_registry.tool import Hit, Kind

_PIECES = 5  # searches for one task
_FOUND = 5  # hits of one search
_TOOLS, _SKILLS = 12, 6
_LONGEST = 300  # characters of one search, and of one constraint
_END = re.compile(r"(?<=[.!?;])\s+|\n+|,?\s+(?:and then|then|afterwards)\s+", re.IGNORECASE)
_BINDING = re.compile(
    r"\b(?:must(?:n't)?|never|always|only|without|don't|do not|no more than|at (?:most|least)|"
    r"avoid|shall|should(?:n't)?|has to|have to|not allowed|exactly)\b",
    re.IGNORECASE,
)


async def brief(
    task: str,
    registry: Registry,
    kernel: Kernel | None = None,
    constraints: Iterable[str] = (),
) -> Context:
    """The context of a task.

    Args:
        task: The request, in the person's words.
        registry: Where tools and skills are looked for.
        kernel: Whose variables are told by name and shape; None if they don't matter.
        constraints: What the person demands besides what the task says.
    """
    tools, skills = await asyncio.to_thread(_found, task, registry)
    demands = dict.fromkeys([*constraints, *constraints_in(task)])
    variables = await _variables(kernel) if kernel else ()
    return Context(constraints=tuple(demands), tools=tools, skills=skills, variables=variables)


def constraints_in(task: str) -> tuple[str, ...]:
    """The sentences of a request that demand or forbid something, each cut if it is long."""
    found = (sentence.strip()[:_LONGEST] for sentence in _sentences(task))
    return tuple(sentence for sentence in found if _BINDING.search(sentence))


def _sentences(text: str) -> list[str]:
    return [piece for piece in re.split(r"(?<=[.!?;])\s+|\n+", text) if piece.strip()]


def _found(task: str, registry: Registry) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Tools and skills: the best for the whole task, then for its steps, in turn."""
    queries = list(dict.fromkeys([task[:_LONGEST], *_steps(task)]))[:_PIECES]
    tools = [_search(registry, query, "core", "mcp", "user") for query in queries]
    skills = [_search(registry, query, "skill") for query in queries]
    return _cards(registry, tools, _TOOLS), _cards(registry, skills, _SKILLS)


def _steps(task: str) -> Iterator[str]:
    """What the task consists of: one step finds its tools better than a whole task."""
    for piece in _END.split(task):
        if len(piece.split()) > 1:
            yield piece.strip()[:_LONGEST]


def _search(registry: Registry, query: str, *kinds: Kind) -> list[Hit]:
    hits = [hit for kind in kinds for hit in registry.search(query, _FOUND, kind=kind)]
    return sorted(hits, key=lambda hit: hit.score, reverse=True)[:_FOUND]


def _cards(registry: Registry, found: Sequence[Sequence[Hit]], most: int) -> tuple[Card, ...]:
    in_turn = (hit for row in zip_longest(*found) for hit in row if hit is not None)
    names = list(dict.fromkeys(hit.name for hit in in_turn))[:most]
    return tuple(Card.of(registry.get(name)) for name in names)


async def _variables(kernel: Kernel) -> tuple[Variable, ...]:
    try:
        return tuple(await kernel.variables())
    except AgentError:  # a kernel that is gone holds nothing
        return ()

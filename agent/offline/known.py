"""Whether there is a function already that gives what the examples ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from agent.validation.comparison import same
from agent.validation.examples import Example
from sessions.errors import AgentError

if TYPE_CHECKING:
    from sessions.session import Session
    from tools_registry.registry import Registry
    from tools_registry.tool import Parameter, Tool

_TRIED = 6  # of what search finds
_SECONDS = 1.0  # of one call
_FITTING: dict[type, tuple[str, ...]] = {
    bool: ("bool", "int", "float"),
    int: ("int", "float"),
    float: ("float",),
    str: ("str", "Sequence", "Iterable"),
    bytes: ("bytes",),
    list: ("list", "Sequence", "Iterable", "Collection"),
    tuple: ("tuple", "Sequence", "Iterable", "Collection"),
    set: ("set", "Iterable", "Collection", "Set"),
    dict: ("dict", "Mapping", "Iterable"),
}


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What there is in a workspace: core tools, and skills that a person has approved.

    Attributes:
        open_registry: Reads it.
        fresh_session: Makes a kernel that nothing else depends on.
    """

    open_registry: Callable[[], Registry]
    fresh_session: Callable[[], Session]

    async def same(self, words: str, name: str, examples: Sequence[Example]) -> Tool | None:
        """A function that meets all examples, or None.

        Args:
            words: What it does.
            name: What it would be called; a skill of that name is tried whatever its review.
            examples: What it must give.
        """
        registry = await asyncio.to_thread(self.open_registry)
        tools = await asyncio.to_thread(_candidates, registry, words, name, examples)
        if not tools:
            return None
        async with self.fresh_session() as session:
            for tool in tools:
                if await _meets(tool, examples, registry, session):
                    return tool
        return None


def _candidates(
    registry: Registry, words: str, name: str, examples: Sequence[Example]
) -> list[Tool]:
    """The function of that name, then what search finds and may be built on."""
    hits = registry.search(f"{words} {name}", _TRIED)
    found = [registry.get(hit.name) for hit in hits]
    tools = [tool for tool in registry.tools() if tool.name == name]
    tools += [t for t in found if t.name != name and (t.kind == "core" or t.status == "approved")]
    return [tool for tool in tools if tool.kind in ("core", "skill") and _fits(tool, examples[0])]


def _fits(tool: Tool, example: Example) -> bool:
    """Whether a call with such arguments makes sense."""
    required = sum(parameter.required for parameter in tool.parameters)
    if not required <= len(example.arguments) <= len(tool.parameters):
        return False
    return all(map(_takes, tool.parameters, example.arguments))


def _takes(parameter: Parameter, value: Any) -> bool:
    heads = set(_heads(parameter.annotation))
    return not heads or bool(heads & {*_FITTING.get(type(value), ()), "Any", "object"})


def _heads(annotation: str) -> Iterator[str]:
    """`list`, `None` of `list[int] | None`."""
    for part in annotation.split("|"):
        yield from filter(None, [part.partition("[")[0].strip().rpartition(".")[2]])


def _as_candidate(tool: Tool, registry: Registry) -> Candidate:
    """What a kernel needs to run it; core tools can be imported there."""
    if tool.kind == "core":
        return Candidate(name=tool.name, source=tool.import_line)
    source = registry.skills.get(tool.name).source
    return Candidate(name=tool.name, source=source, skills=registry.skills.needed_by(source))


async def _meets(
    tool: Tool, examples: Sequence[Example], registry: Registry, session: Session
) -> bool:
    from agent.validation.running.bench import Bench, NoAnswerError
    from agent.validation.running.values import CallFailedError, outcomes

    candidate = await asyncio.to_thread(_as_candidate, tool, registry)
    try:
        calls = [(example.arguments, ()) for example in examples]
        values = await outcomes(candidate, Bench(session, _SECONDS), calls)
    except (NoAnswerError, AgentError):
        return False
    return not any(isinstance(value, CallFailedError) for value in values) and all(
        same(value, example.expected) for value, example in zip(values, examples, strict=True)
    )

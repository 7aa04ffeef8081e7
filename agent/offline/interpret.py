"""From a request to a plan: every reading that fits, in the order of how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.offline.applications import application
from agent.offline.binding import bind
from agent.offline.frames import FRAMES, Frame
from agent.offline.pictures import picture
from agent.offline.plan import Plan, Refusal, UnboundError
from agent.offline.question import table_question
from agent.offline.requests import Reading, Request
from agent.offline.superlatives import extreme_group, most_frequent
from agent.offline.surroundings import Surroundings
from agent.validation.examples import FoundExample
from tools_registry.registry import Registry

_READINGS: tuple[Frame, ...] = (
    application,
    picture,
    extreme_group,
    *FRAMES,
    most_frequent,
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a request is read against.

    Attributes:
        surroundings: Files and variables.
        registry: Tools and skills.
        answers: What the person said so far, in order.
    """

    surroundings: Surroundings
    registry: Registry
    answers: Sequence[str] = ()


def interpret(request: Request, scene: Scene) -> Plan | Refusal:
    """The plan for a request, or why there is none.

    Raises:
        UnclearError: If the person has to choose first.
    """
    if request.examples:
        return _check(request.examples, scene.registry)
    problems: list[str] = []
    for frame in _READINGS:
        plan = _read(request, scene, frame, problems)
        if plan is not None:
            return plan
    found = bind(request, scene.registry, scene.answers)
    if isinstance(found, Refusal) and problems:
        return Refusal(reason=problems[0], nearest=found.nearest)
    return found


def _read(request: Request, scene: Scene, frame: Frame, problems: list[str]) -> Plan | None:
    """The plan of one frame, if it explains every word that matters."""
    reading = Reading(request)
    try:
        question = table_question(reading, scene.surroundings, scene.registry, scene.answers)
        plan = None if question is None else frame(question)
    except UnboundError as error:
        problems.append(str(error))
        return None
    if plan is None:
        return None
    ignored = reading.unexplained()
    if ignored:
        words = ", ".join(map(repr, ignored[:5]))
        problems.append(f"read as {plan.sentence}, but nothing in that stands for {words}")
        return None
    return plan


def _check(examples: Sequence[FoundExample], registry: Registry) -> Plan | Refusal:
    """Whether the examples hold for tools that exist."""
    lines: dict[str, None] = {}
    entries = []
    for found in examples:
        lines[registry.get(found.name).import_line] = None
        call = f"{found.name}({', '.join(map(repr, found.example.arguments))})"
        entries.append(
            f"    {call + ' == ' + repr(found.example.expected)!r}: "
            f"{call} == {found.example.expected!r},"
        )
    code = "\n".join([*lines, "", "{", *entries, "}"])
    return Plan(code=code, sentence="whether each example holds")

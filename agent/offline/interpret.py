"""From a request to a plan: every reading that fits, in the order of how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.offline.arithmetic import calculation
from agent.offline.binding import bind, bind_skill
from agent.offline.calendar_dates import date_calculation
from agent.offline.plan import Plan, Refusal, UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings
from agent.offline.tables.choosing import choose_table
from agent.offline.tables.joining import joined
from agent.offline.tables.reading import Setting, read_table_request
from agent.offline.texts.reading import read_text_request
from agent.offline.units import conversion
from agent.validation.examples import FoundExample
from tools_registry.registry import Registry


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


_Reader = Callable[[Request, Scene, list[str]], Plan | None]


def interpret(request: Request, scene: Scene) -> Plan | Refusal:
    """The plan for a request, or why there is none.

    Raises:
        UnclearError: If the person has to choose first.
    """
    if request.examples:
        return _check(request.examples, scene.registry)
    problems: list[str] = []
    for read in (_by_skill, _calculated, _of_text, _of_table):
        try:
            plan = read(request, scene, problems)
        except UnboundError as error:
            problems.append(str(error))
            continue
        if plan is not None:
            return plan
    found = bind(request, scene.registry, scene.answers)
    if isinstance(found, Refusal) and problems:
        return Refusal(reason=problems[0], nearest=found.nearest)
    return found


def _by_skill(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return bind_skill(request, scene.registry, scene.answers)


def _calculated(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return (
        calculation(request)
        or conversion(request, scene.registry)
        or date_calculation(request, scene.registry)
    )


def _of_text(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return read_text_request(request, scene.surroundings, scene.registry, problems)


def _of_table(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    choice = choose_table(request, scene.surroundings, scene.answers)
    if choice is None:
        return None
    table = joined(request, choice.table, scene.surroundings, scene.registry)
    taken = {variable.name for variable in scene.surroundings.variables}
    setting = Setting(registry=scene.registry, answers=scene.answers, taken=taken)
    plan = read_table_request(request, table, setting, problems)
    if plan is None or not choice.assumption:
        return plan
    return replace(plan, assumptions=(choice.assumption, *plan.assumptions))


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

"""From a request to a plan: every reading that fits, in the order of how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.offline.arithmetic import calculation
from agent.offline.binding import bind, bind_skill
from agent.offline.calendar_dates import date_calculation
from agent.offline.number_lists import list_calculation
from agent.offline.plan import Plan, Refusal, UnboundError, UnclearError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings
from agent.offline.tables.choosing import Choice, choose_tables
from agent.offline.tables.joining import joined
from agent.offline.tables.reading import Setting, read_table_request
from agent.offline.tables.study import chosen
from agent.offline.texts.reading import read_text_request
from agent.offline.units import conversion
from agent.validation.examples import FoundExample
from tools_registry.registry import Registry

_CLOSE = 1  # of score, by which another table may explain less and still be meant


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
    if plan := _first(request, scene, problems):
        return plan
    found = bind(request, scene.registry, scene.answers)
    if isinstance(found, Refusal) and problems:
        return Refusal(reason=problems[0], nearest=found.nearest)
    return found


def read_alone(request: Request, scene: Scene) -> Plan | None:
    """The plan for a request, without searching the tools for one that fits.

    Raises:
        UnclearError: If the person has to choose first.
    """
    return _first(request, scene, [])


def read_blindly(request: Request, registry: Registry) -> Plan | None:
    """The plan for a request that needs neither files nor variables: a skill, a calculation.

    Raises:
        UnclearError: If the person has to choose first.
    """
    return None if request.examples else bind_skill(request, registry, ()) or calculation(request)


def _first(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    """The plan of the first reading that fits; why others did not is added to the problems."""
    of_text: list[str] = []
    for read in (_by_skill, _calculated, _of_text, _of_table):
        told = of_text if read is _of_text else problems
        try:
            plan = read(request, scene, told)
        except UnboundError as error:
            told.append(str(error))
            continue
        if plan is not None:
            return plan
    problems += of_text
    return None


def _by_skill(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return bind_skill(request, scene.registry, scene.answers)


def _calculated(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return (
        calculation(request)
        or conversion(request, scene.registry)
        or date_calculation(request, scene.registry)
        or list_calculation(request)
    )


def _of_text(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    return read_text_request(request, scene.surroundings, scene.registry, problems)


def _of_table(request: Request, scene: Scene, problems: list[str]) -> Plan | None:
    choices = choose_tables(request, scene.surroundings, scene.registry)
    plans: dict[str, Plan] = {}
    unclear: list[UnclearError] = []
    best = 0
    for choice in choices:
        if any(choice.table.label in label for label in plans):
            continue  # it is part of a joined table already
        if plans and choice.score < best - _CLOSE:
            break
        try:
            plan = _read(request, choice, scene, problems)
        except UnclearError as error:
            if _helps(error, request, choice, scene):
                unclear.append(error)
            continue
        if plan is not None:
            plans[plan.about or choice.table.label] = plan
            best = max(best, choice.score)
    if len(plans) > 1:
        return plans[chosen("Which file is this about?", plans, scene.answers)]
    if not plans and unclear:
        raise unclear[0]
    return next(iter(plans.values()), None)


def _helps(error: UnclearError, request: Request, choice: Choice, scene: Scene) -> bool:
    """Whether some answer leads to a plan: else the question would be asked in vain."""
    for option in error.inquiry.options:
        answered = replace(scene, answers=(*scene.answers, option))
        try:
            if _read(request, choice, answered, []) is not None:
                return True
        except UnclearError as further:
            new = further.inquiry.question != error.inquiry.question
            if new and _helps(further, request, choice, answered):
                return True
        except UnboundError:
            continue
    return False


def _read(request: Request, choice: Choice, scene: Scene, problems: list[str]) -> Plan | None:
    """The plan for one table, joined with another if the request needs it."""
    taken = {variable.name for variable in scene.surroundings.variables}
    setting = Setting(registry=scene.registry, answers=scene.answers, taken=taken)
    plan = read_table_request(request, choice.table, setting, problems)
    if plan is None:
        table = joined(request, choice.table, scene.surroundings, scene.registry)
        if table is choice.table:
            return None
        plan = read_table_request(request, table, setting, problems)
        plan = None if plan is None else replace(plan, about=table.label)
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

"""`agent skills test`: skills pass their gates again, and with them what builds on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import completion
from agent.cli.listing import skills_app
from agent.cli.options import Json, Workspace, command

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.validation import Candidate, Verdict
    from sessions.pool import Pool
    from tools_registry.skills.library import SkillLibrary
    from tools_registry.skills.skill import Skill

_NONE_AT_ALL = "there are no skills but rejected ones, which are tested by name alone"


@command(
    skills_app,
    "test",
    "agent skills test              # those that are stale",
    "agent skills test initials     # one, and what builds on it",
    "agent skills test --all --json",
)
def skills_test(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Skills.", autocompletion=completion.skills),
    ] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Test every skill.")] = False,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Test skills and agents in the guarded kernel, and then the skills that import them.

    What passes can be used on this machine; without a NAME all that are stale are tested. Which
    gates block is for your own settings to say: gates_block, gates_advise, gates_seconds. Exit
    code: 0 all passed, 1 one could not be run, 2 usage, 4 one was refused.
    """
    from agent.cli import agent_testing
    from agent.cli.checks import writable
    from agent.cli.looping import run_until_done
    from agent.cli.telling import tell
    from agent.settings import Settings
    from tools_registry.skills.library import SkillLibrary

    path = writable(workspace)
    settings = Settings.load(path)
    for note in settings.notes:
        tell(note)
    library = SkillLibrary(path)
    named, agents = agent_testing.split(path, names or ())
    chosen = Chosen(names=())
    if named or not agents:
        chosen = choose(library, named, everything=all_of_them)
    if not names:
        agents = agent_testing.choose(path, everything=all_of_them)
    return run_until_done(_run(library, chosen, agents, settings, as_json=json))


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is to be tested.

    Attributes:
        names: The skills, each after what it imports.
        broken: How many files can't be read although they should have been tested.
        why_none: What to say if there are no names.
    """

    names: tuple[str, ...]
    broken: int = 0
    why_none: str = "no skill is stale (--all tests every one)"


@dataclass(frozen=True, kw_only=True)
class Tested:
    """How it went with one skill.

    Attributes:
        skill: As it is now.
        problem: Why it did not pass; "" if it did.
        code: The exit code that follows from that.
    """

    skill: Skill
    problem: str = ""
    code: int = 0


def choose(library: SkillLibrary, names: Sequence[str], *, everything: bool) -> Chosen:
    """The skills that are named and what builds on them, all, or all that are stale.

    Raises:
        UsageError: If there is no skill of a name, or its file can't be read.
    """
    from tools_registry.skills.dependencies import Graph

    skills, problems = library.scan()
    graph = Graph({skill.name: skill.imports for skill in skills})
    wanted = {library.get(name).name for name in names}
    if not names:
        wanted = {s.name for s in skills if everything or s.status == "stale"}
    wanted |= {dependent for name in wanted for dependent in graph.dependents(name)}
    rejected = {s.name for s in skills if s.status == "rejected"} - set(names)
    for problem in problems:
        _tell(f"skipped {problem}")
    ordered = (name for name in (*graph.order, *graph.cyclic) if name in wanted - rejected)
    chosen = Chosen(names=tuple(ordered), broken=0 if names else len(problems))
    return replace(chosen, why_none=_NONE_AT_ALL) if everything else chosen


async def _run(
    library: SkillLibrary,
    chosen: Chosen,
    agents: Sequence[str],
    settings: Settings,
    *,
    as_json: bool,
) -> int:
    from agent.cli.agent_testing import judge_all

    codes = [4] if chosen.broken else []
    async for tested in test_all(library, chosen.names, settings):
        codes.append(tested.code)
        _report(tested, as_json)
    async for judged in judge_all(library.workspace, agents, settings):
        codes.append(judged.code)
        _report(Tested(skill=judged.agent, problem=judged.problem), as_json)
        if judged.note:
            _tell(f"{judged.agent.name}: {judged.note}")
    if not chosen.names and not agents:
        _tell(f"nothing to test: {chosen.why_none}")
    return max(codes, default=0)


def _report(tested: Tested, as_json: bool) -> None:
    from agent.cli.jsonlines import emit

    if as_json:
        emit({**tested.skill.to_json(), "passed": not tested.problem})
    else:
        _show(tested)


async def test_all(
    library: SkillLibrary, names: Sequence[str], settings: Settings
) -> AsyncIterator[Tested]:
    """Test skills in order, each in a kernel of its own, and write down what came of it."""
    from sessions.pool import Pool

    pool = Pool()
    if len(names) > 1:
        pool.open()
    try:
        for number, name in enumerate(names, 1):
            _tell(f"testing {name} ({number} of {len(names)})")
            yield await _test(library, name, settings, pool)
    finally:
        pool.close()


async def _test(library: SkillLibrary, name: str, settings: Settings, pool: Pool) -> Tested:
    import asyncio

    from agent.build import new_validator
    from sessions.errors import RefusedError, UsageError

    skills = {skill.name: skill for skill in await asyncio.to_thread(library.list)}
    skill = skills[name] if name in skills else library.get(name)
    if problem := _hindrance(skill, skills):
        return Tested(skill=skill, problem=problem, code=RefusedError.exit_code)
    try:
        candidate = await asyncio.to_thread(as_candidate, skill, library)
    except UsageError as error:
        return await _unreadable(library, skill, str(error))
    verdict = await new_validator(library.workspace, settings, pool).judge(candidate)
    if not verdict.validated:
        return Tested(skill=skill, problem=f"could not be run: {verdict.reason}", code=1)
    tested = await _recorded(library, skill, verdict)
    if tested.skill.status == "provisional":
        await asyncio.to_thread(_propose, library, tested.skill, settings)
    return tested


def _propose(library: SkillLibrary, skill: Skill, settings: Settings) -> None:
    """Let the proposal have what was tested, and its evidence; nothing if it has that already."""
    from sessions.errors import AgentError
    from tools_registry.review.desk import Desk
    from tools_registry.review.place import find_place
    from tools_registry.review.proposing import propose

    desk = Desk(library, find_place(library.workspace.resolve()), settings.review)
    try:
        with desk.locked():
            note = propose(desk, skill).note
    except AgentError as error:
        note = f"it passed, but is not proposed in git: {error}"
    if note:
        _tell(f"{skill.name}: {note}")


def as_candidate(skill: Skill, library: SkillLibrary) -> Candidate:
    """A skill as the gates take it: the examples in its docstring are tests as well.

    Args:
        skill: What is to be tested.
        library: Where it lies; it may import what can be used there.

    Raises:
        UsageError: If the examples can't be read.
    """
    from agent.validation import Candidate
    from tools_registry.skills.doc_examples import as_call, as_test, doc_examples

    examples = doc_examples(skill.source, skill.name)
    calls = [call for example in examples if _is_plain(call := as_call(example), skill.name)]
    test = "" if len(calls) == len(examples) else as_test(examples, skill.name)
    return Candidate(
        name=skill.name,
        source=skill.source,
        tests=f"{skill.test_source}\n\n{test}" if test else skill.test_source,
        examples=tuple(calls),
        skills=library.beneath(skill),
    )


def _is_plain(call: str, name: str) -> bool:
    """Whether the gate for examples can read it: it compares values on this side of the wall."""
    from agent.validation.examples import read_examples
    from sessions.errors import UsageError

    try:
        return bool(call) and bool(read_examples([call], name))
    except UsageError:
        return False


def _hindrance(skill: Skill, skills: Mapping[str, Skill]) -> str:
    """Why there is no point in testing it, or ""."""
    if skill.status == "rejected":
        return skill.reason
    for name in skill.imports:
        if name not in skills or not skills[name].usable:
            return skill.reason
    return ""


async def _recorded(library: SkillLibrary, skill: Skill, verdict: Verdict) -> Tested:
    import asyncio

    from sessions.errors import RefusedError

    now = await asyncio.to_thread(library.record, skill, verdict.evidence, passed=verdict.accepted)
    code = 0 if verdict.accepted else RefusedError.exit_code
    problem = "" if verdict.accepted else verdict.reason or "refused, and no gate said why"
    return Tested(skill=now, problem=problem, code=code)


async def _unreadable(library: SkillLibrary, skill: Skill, problem: str) -> Tested:
    from agent.validation import Verdict
    from tools_registry.skills.skill import Evidence

    evidence = Evidence(signal="examples", passed=False, detail=problem)
    return await _recorded(library, skill, Verdict(accepted=False, evidence=(evidence,)))


def _show(tested: Tested) -> None:
    from agent.cli.table import one_line
    from agent.render import safe

    skill, mark = tested.skill, "✗" if tested.problem else "✓"
    told = one_line(tested.problem or skill.reason)
    print(safe(f"{mark} {skill.name}  {skill.status}{f'  {told}' if told else ''}"), flush=True)


def _tell(message: str) -> None:
    from agent.cli.telling import tell
    from agent.render import safe

    tell(safe(message))

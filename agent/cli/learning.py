"""`agent learn`: from examples to a skill."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.skills import describe
from agent.cli.telling import tell
from agent.events import Question
from agent.offline.learning import Learned, LearnQuestion, LearnRequest, Outcome, Place, learn
from agent.offline.lesson import SKIP
from agent.render import Paper, safe
from sessions.errors import AgentError, NeedsInputError, UsageError

if TYPE_CHECKING:
    from agent.cli.asking import Person
    from agent.settings import Settings
    from tools_registry.review.keeper import Keeper
    from tools_registry.tool import Tool

_HOW_TO_ANSWER = "One answer decides it; ? if you can't say."
EXIT_CODES: Mapping[Outcome, int] = {
    "learned": 0,
    "abstained": AgentError.exit_code,
    "question": NeedsInputError.exit_code,
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent learn` was asked to do.

    Attributes:
        description: What the function does.
        name: What it will be called.
        examples: Texts such as `f(1) == 2`.
        answers: Replies to questions, in the order of asking.
        workspace: Directory whose library takes the skill.
        anew: Whether to make it although something gives the same results.
        json: Whether to print one JSON line.
    """

    description: str
    name: str
    examples: tuple[str, ...]
    answers: tuple[str, ...]
    workspace: str
    json: bool
    anew: bool = False


def run(request: Request) -> int:
    """Learn, show what came of it, and return the exit code."""
    from agent.cli.looping import run_until_done
    from agent.settings import Settings

    wanted = LearnRequest(
        description=checks.said(request.description, "description"),
        name=request.name.strip(),
        examples=request.examples,
        answers=request.answers,
    )
    workspace = checks.writable(request.workspace)
    settings = Settings.load(workspace)
    for note in settings.notes:
        tell(note)
    return run_until_done(_run(wanted, _Door(workspace, settings, request.anew), request.json))


@dataclass(frozen=True)
class _Door:
    """Where the command stands: the workspace, the person's settings, what is wanted of both."""

    workspace: Path
    settings: Settings
    anew: bool


async def _run(wanted: LearnRequest, door: _Door, as_json: bool) -> int:
    learned = await _learn(wanted, door)
    if as_json:
        emit(as_object(wanted, learned))
    else:
        _show(learned)
    return EXIT_CODES[learned.outcome]


async def _learn(wanted: LearnRequest, door: _Door) -> Learned:
    """Learn; at a terminal questions are put to the person."""
    from agent.build import new_keeper, new_validator
    from agent.cli.asking import Person
    from agent.offline.known import Shelf
    from tools_registry.registry import Registry

    why = "\n".join([wanted.description, *wanted.examples])
    person, keeper = Person(Paper(sys.stderr)), new_keeper(door.workspace, door.settings, why)
    validator = new_validator(door.workspace, door.settings)
    shelf = Shelf(
        open_registry=lambda: Registry.open(door.workspace),
        fresh_session=validator.fresh_session,
    )
    place = Place(judge=validator.judge, library=keeper, shelf=None if door.anew else shelf)

    async def ask(question: LearnQuestion) -> str | None:
        return await _reply(person, question)

    learned = await learn(wanted, place, ask)
    _tell_proposed(keeper)
    return learned


async def _reply(person: Person, question: LearnQuestion) -> str | None:
    """The person's answer, once it is one; None if nobody can be asked."""
    asked = Question(question=question.text, options=question.options, context=_HOW_TO_ANSWER)
    while reply := await person.reply(asked):
        try:
            if reply != SKIP:
                question.example(reply)
            return reply
        except UsageError as error:
            tell(safe(str(error)))
    return None


def _tell_proposed(keeper: Keeper) -> None:
    for name, proposed in keeper.proposed.items():
        if proposed.branch:
            tell(f"proposed on the branch {proposed.branch}: agent skills diff {name}")
        if proposed.note:
            tell(safe(f"{name}: {proposed.note}"))


def question_of(learned: Learned) -> Question | None:
    """What stands between the examples and a skill, as any question to a person."""
    if learned.question is None:
        return None
    return Question(
        question=learned.question.text, options=learned.question.options, context=learned.reason
    )


def as_object(wanted: LearnRequest, learned: Learned) -> dict[str, Any]:
    """The JSON object: that of the skill, or its keys without values, and how it ended."""
    question = question_of(learned)
    known = {"existing": learned.known is not None}
    skill = learned.skill.to_json() if learned.skill else _no_skill(wanted)
    return {
        **(skill if learned.known is None else _known(learned.known)),
        **known,
        "outcome": learned.outcome,
        "question": asdict(question) if question else None,
        "draft": learned.draft.source if learned.draft else None,
        "answered": learned.answered,
        "reason": learned.reason,
    }


def _no_skill(wanted: LearnRequest) -> dict[str, Any]:
    nothing = dict.fromkeys(("status", "signature", "file", "tests", "source"))
    return {
        "name": wanted.name,
        "summary": wanted.description,
        **nothing,
        "evidence": [],
        "provenance": None,
    }


def _known(tool: Tool) -> dict[str, Any]:
    """What is there already, in the form of a skill; its source and tests are in its files."""
    return {
        **dict.fromkeys(("tests", "source")),
        "name": tool.name,
        "status": tool.status,
        "signature": tool.signature,
        "summary": tool.summary,
        "file": str(tool.file),
        "evidence": [],
        "provenance": None,
    }


def _show(learned: Learned) -> None:
    if learned.known:
        print(f"{safe(learned.known.signature)}\n  {safe(learned.known.summary)}\n")
        print(learned.known.import_line)
        tell(f"{safe(learned.reason)}, so nothing was saved; --new makes another")
        return
    if learned.skill:
        print("\n".join(describe(learned.skill)))
        tell(f"learned {learned.skill.name}: {safe(learned.reason)}")
        return
    if learned.question and learned.draft:
        print(f"{safe(learned.question.text)}\n\nThe best so far, not saved:\n")
        print(safe(learned.draft.source).rstrip())
        tell(f"{safe(learned.reason)}: answer with --answer VALUE, or '?' if you can't say")
    else:
        tell(f"nothing was learned: {safe(learned.reason)}")

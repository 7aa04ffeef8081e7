"""`agent learn`: from examples to a skill."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.skills import describe
from agent.cli.telling import tell
from agent.events import Question
from agent.offline.learning import Learned, LearnRequest, Outcome, learn
from agent.render import Paper, safe
from sessions.errors import AgentError, NeedsInputError

if TYPE_CHECKING:
    from agent.settings import Settings
    from tools_registry.review.keeper import Keeper

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
        json: Whether to print one JSON line.
    """

    description: str
    name: str
    examples: tuple[str, ...]
    answers: tuple[str, ...]
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Learn, show what came of it, and return the exit code."""
    from agent.cli.looping import run_until_done
    from agent.settings import Settings

    wanted = LearnRequest(
        description=checks.said(request.description, "description"),
        name=checks.said(request.name, "name"),
        examples=request.examples,
        answers=request.answers,
    )
    workspace = checks.writable(request.workspace)
    settings = Settings.load(workspace)
    for note in settings.notes:
        tell(note)
    return run_until_done(_run(wanted, workspace, settings, request.json))


async def _run(wanted: LearnRequest, workspace: Path, settings: Settings, as_json: bool) -> int:
    learned = await _learn_asking(wanted, workspace, settings)
    if as_json:
        emit(as_object(wanted, learned))
    else:
        _show(learned)
    return EXIT_CODES[learned.outcome]


async def _learn_asking(wanted: LearnRequest, workspace: Path, settings: Settings) -> Learned:
    """Learn; at a terminal a question is put to the person, and the answer counts as an example."""
    from agent.build import new_keeper, new_session
    from agent.cli.asking import Person

    why = "\n".join([wanted.description, *wanted.examples])
    person, keeper = Person(Paper(sys.stderr)), new_keeper(workspace, settings, why)
    async with new_session(workspace, settings) as session:
        while True:
            learned = await learn(wanted, session=session, library=keeper, session_id=session.id)
            _tell_proposed(keeper)
            asked = question_of(learned)
            reply = await person.reply(asked) if asked else None
            if not reply:
                return learned
            wanted = replace(wanted, answers=(*wanted.answers, reply))


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
    skill = learned.skill.to_json() if learned.skill else _no_skill(wanted)
    return {
        **skill,
        "outcome": learned.outcome,
        "question": asdict(question) if question else None,
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


def _show(learned: Learned) -> None:
    if learned.skill:
        print("\n".join(describe(learned.skill)))
        tell(f"learned {learned.skill.name}: {safe(learned.reason)}")
        return
    question = question_of(learned)
    if question:
        print(f"{safe(question.question)}  ({safe(' / '.join(question.options))})")
        tell(f"{safe(learned.reason)}: answer with --answer VALUE")
    else:
        tell(f"nothing was learned: {safe(learned.reason)}")

"""From a description and examples to a skill, or to the question that stands between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.offline.examples import telling_examples
from agent.offline.known import Shelf
from agent.offline.lesson import Asking, Draft, LearnQuestion, LearnRequest
from agent.offline.teaching import write
from agent.validation import Candidate, Verdict
from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft
from tools_registry.skills.skill_name import check_name
from tools_registry.tool import Tool

__all__ = [
    "Asking",
    "Draft",
    "LearnQuestion",
    "LearnRequest",
    "Learned",
    "Outcome",
    "learn",
    "write",
]

Outcome = Literal["learned", "question", "abstained"]
MODEL = "offline"


class Saving(Protocol):
    """What keeps a skill: a library, or what also has it reviewed."""

    def save(self, draft: SkillDraft, *, replace: bool = False) -> Skill:
        """Keep it; see `SkillLibrary.save`."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """How learning ended.

    Attributes:
        outcome: `learned`, also if it was known before; `question` if an answer is needed;
            `abstained` if nothing that can be trusted was found.
        skill: The skill that was saved.
        known: What gives the same results already, so that nothing was saved.
        question: What to ask.
        draft: The best function so far, which was not kept; None if there is none to show.
        answered: How many questions were answered.
        reason: Why it ended so, in a sentence.
    """

    outcome: Outcome
    skill: Skill | None = None
    known: Tool | None = None
    question: LearnQuestion | None = None
    draft: Draft | None = None
    answered: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a function is judged and kept.

    Attributes:
        judge: All the gates.
        library: Where the skill goes.
        shelf: What there is already; None if a function is wanted whatever there is.
        session_id: For its provenance.
        overwrite: Whether a skill of that name may be replaced.
    """

    judge: Callable[[Candidate], Awaitable[Verdict]]
    library: Saving
    shelf: Shelf | None = None
    session_id: str = ""
    overwrite: bool = False


async def learn(request: LearnRequest, place: Place, ask: Asking | None = None) -> Learned:
    """Find, render, validate and save a function, unless there is one that does the same.

    Args:
        request: Description, name, examples and answers.
        place: Where it is judged and kept.
        ask: Puts questions to a person; without it they are left open.

    Raises:
        UsageError: If the examples can't be read or nothing can be learned from them, or the
            name is taken or can't be one.
    """
    check_name(request.name)
    if place.shelf is not None:
        examples = telling_examples(request.examples, request.name)
        known = await place.shelf.same(request.description, request.name, examples)
        if known is not None:
            reason = f"{known.name} gives the results of all {len(examples)} examples already"
            return Learned(outcome="learned", known=known, reason=reason)
    draft = await write(request, ask)
    if not draft.source:
        return Learned(outcome="abstained", reason=draft.reason, answered=draft.answered)
    if draft.question is not None:
        return Learned(
            outcome="question",
            question=draft.question,
            draft=draft,
            answered=draft.answered,
            reason="the examples fit several functions that differ elsewhere",
        )
    verdict = await place.judge(_candidate(draft))
    if not verdict.accepted:
        reason = f"what was found failed: {verdict.reason}"
        return Learned(outcome="abstained", reason=reason, answered=draft.answered)
    to_save = _to_save(draft, verdict, place.session_id)
    skill = await asyncio.to_thread(place.library.save, to_save, replace=place.overwrite)
    reason = f"{draft.rests_on} hold"
    return Learned(outcome="learned", skill=skill, answered=draft.answered, reason=reason)


def _candidate(draft: Draft) -> Candidate:
    return Candidate(
        name=draft.name, source=draft.source, tests=draft.tests, examples=draft.examples
    )


def _to_save(draft: Draft, verdict: Verdict, session_id: str) -> SkillDraft:
    learned = Evidence(
        signal="learning", passed=True, detail=f"{draft.rests_on} hold; {draft.trust}"
    )
    return SkillDraft(
        name=draft.name,
        source=draft.source,
        tests=draft.tests,
        evidence=(learned, *verdict.evidence),
        provenance=Provenance(model=MODEL, session_id=session_id),
        status="provisional",
    )

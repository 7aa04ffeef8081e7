"""What an author works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.authoring.attempt import Tried
from agent.validator import Validator
from sessions.errors import AgentError
from subagents.runner import Runner
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill_name import objection

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from tools_registry.review.keeper import Keeper

Objection = Callable[[str], str]
"""Why a name can't be had, or ""."""

Log = Callable[[Tried, str], None]
"""Keeps an attempt at a task."""


def forget(tried: Tried, task: str) -> None:
    """Keep nothing."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Tools, judges and limits of an author.

    Attributes:
        runner: Runs the sub-agents, and counts what they cost.
        validator: The rules, and kernels that nothing else depends on.
        shelf: What the library has to say.
        model: For the sub-agents; None for that of the runner.
        attempts: Most attempts before the person is asked.
        seconds: Most seconds of one attempt; the person's thinking does not count.
        log: Keeps the attempts.
    """

    runner: Runner
    validator: Validator
    shelf: Shelf
    model: Model | str | None = None
    attempts: int = 5
    seconds: float = 600.0
    log: Log = forget


class Shelf:
    """What a library says of a skill that is to come.

    Args:
        workspace: The user's directory.
        keeper: Knows what was rejected.
    """

    def __init__(self, workspace: Path, keeper: Keeper) -> None:
        self._library = SkillLibrary(workspace)
        self._keeper = keeper

    def namer(self) -> Objection:
        """Says why a name can't be had, or "", by the skills that there are now."""
        skills, problems = self._library.scan()
        taken = {*(skill.name for skill in skills), *(p.file.stem for p in problems)}
        return lambda name: objection(name) or ("a skill has that name" if name in taken else "")

    def refusal(self, source: str) -> str:
        """Why it would not be taken, or ""."""
        try:
            self._keeper.check(source)
        except AgentError as error:
            return str(error)
        return ""

    def needed_by(self, source: str) -> dict[str, str]:
        """The skills that some code builds on: name → source."""
        return self._library.needed_by(source)

"""Save a skill and propose it for review: what every door does that makes one."""

from __future__ import annotations

from pathlib import Path

from sessions.errors import AgentError
from tools_registry.review.desk import Desk, Mode
from tools_registry.review.proposing import Proposed, propose
from tools_registry.skills.form import SKILLS, Form
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.skill import Skill, SkillDraft


class Keeper:
    """Takes new skills into the library of a workspace, and into its review.

    Args:
        workspace: The user's directory.
        mode: How proposals are made.
        why: The request that the skills answer, unless `save` is told another.
        ledger: What is known on this machine; by default the person's.
        form: What is saved.

    Attributes:
        proposed: What became of each skill that was saved, by name.
    """

    def __init__(
        self,
        workspace: Path | str,
        mode: Mode = "branch",
        *,
        why: str = "",
        ledger: Ledger | None = None,
        form: Form = SKILLS,
    ) -> None:
        self.proposed: dict[str, Proposed] = {}
        self._workspace = workspace
        self._mode: Mode = mode
        self._why = why
        self._ledger = ledger
        self._form = form

    def check(self, source: str) -> None:
        """Refuse code that was rejected before.

        Raises:
            RefusedError: With the reason that was given then.
        """
        self._desk().rejections.check(source)

    def save(self, draft: SkillDraft, *, replace: bool = False, why: str = "") -> Skill:
        """Save a validated skill and propose it.

        What git can't take is saved all the same; `proposed` has the reason.

        Args:
            draft: As `SkillLibrary.save` takes it.
            replace: Whether a skill of that name may be overwritten.
            why: The request that it answers.

        Raises:
            RefusedError: If the same was rejected before.
            UsageError: If it can't be a skill, or the name is taken.
            AgentError: If it can't be written.
        """
        desk = self._desk()
        desk.rejections.check(draft.source)
        with desk.locked():
            skill = desk.library.save(draft, replace=replace)
            self.proposed[skill.name] = self._propose(desk, skill, why or self._why)
        return skill

    def _desk(self) -> Desk:
        return Desk.of(self._workspace, self._mode, self._ledger, self._form)

    def _propose(self, desk: Desk, skill: Skill, why: str) -> Proposed:
        try:
            return propose(desk, skill, why)
        except AgentError as error:
            return Proposed(note=f"it is saved, but not proposed in git: {error}")

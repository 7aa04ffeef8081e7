"""What a review works with: the library, where it lies in git, and how proposals are made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from tools_registry.review.files import SkillFiles
from tools_registry.review.looks import Looks
from tools_registry.review.place import LOST, Place, find_place
from tools_registry.review.rejections import Rejections
from tools_registry.skills.form import SKILLS, Form
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.turns import turn

Mode = Literal["branch", "staged", "files"]
"""How a proposal is made: a commit on a branch of its own, an entry in the index, or nothing."""


@dataclass(frozen=True)
class Desk:
    """The review of one workspace.

    Attributes:
        library: The skills.
        place: Where they lie in git.
        mode: How proposals are made.
    """

    library: SkillLibrary
    place: Place
    mode: Mode = "branch"

    @classmethod
    def of(
        cls,
        workspace: Path | str,
        mode: Mode = "branch",
        ledger: Ledger | None = None,
        form: Form = SKILLS,
    ) -> Self:
        """The desk of a workspace; nothing is written."""
        library = SkillLibrary(Path(workspace).resolve(), ledger, form)
        return cls(library, find_place(library.workspace, form.folder), mode)

    @property
    def branches(self) -> str:
        """How the branches begin on which something is proposed."""
        return f"refs/heads/agent/{self.library.form.kind}s/"

    @property
    def rejected(self) -> str:
        """How the refs begin that keep what was rejected."""
        kind = self.library.form.kind
        return "refs/agent/rejected/" if kind == "skill" else f"refs/agent/rejected-{kind}s/"

    def branch_of(self, name: str) -> str:
        """The branch on which something is proposed."""
        return f"{self.branches}{name}"

    def rejected_ref(self, name: str) -> str:
        """Where the commits of a rejected proposal are kept."""
        return f"{self.rejected}{name}"

    @property
    def commits(self) -> bool:
        """Whether decisions become commits."""
        return self.mode != "files" and self.place.top is not None

    @property
    def note(self) -> str:
        """What is lost because git can't be used; "" if it can, or is not wanted."""
        if self.place.top is None:
            return self.place.reason
        return f'with review = "files" nothing is committed: {LOST}' if not self.commits else ""

    @cached_property
    def files(self) -> SkillFiles:
        """The files of the skills."""
        return SkillFiles(self.library.path)

    @cached_property
    def rejections(self) -> Rejections:
        """What was rejected."""
        return Rejections(self.library.path, self.library.ledger)

    @cached_property
    def looks(self) -> Looks:
        """What a person has looked at."""
        return Looks(self.library.ledger.path.parent, self.library.workspace)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Decide alone: another process of this person that decides waits, or is told.

        Raises:
            AgentError: If another one takes too long.
        """
        with turn(self.library.ledger.path.with_name("review.lock")):
            try:
                yield
            finally:
                self.library.refresh_shown()

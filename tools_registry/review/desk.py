"""What a review works with: the library, where it lies in git, and how proposals are made."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from sessions.errors import AgentError
from tools_registry.review.files import SkillFiles
from tools_registry.review.place import LOST, Place, find_place
from tools_registry.review.rejections import Rejections
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary

Mode = Literal["branch", "staged", "files"]
"""How a proposal is made: a commit on a branch of its own, an entry in the index, or nothing."""

BRANCHES = "refs/heads/agent/skills/"
REJECTED = "refs/agent/rejected/"
_PATIENCE = 10.0  # seconds


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
    def of(cls, workspace: Path | str, mode: Mode = "branch", ledger: Ledger | None = None) -> Self:
        """The desk of a workspace; nothing is written."""
        library = SkillLibrary(Path(workspace).resolve(), ledger)
        return cls(library, find_place(library.workspace), mode)

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

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Decide alone: another process that decides in this workspace waits, or is told.

        A lock on the folder needs no file and ends with the process, however that ends.

        Raises:
            AgentError: If another one holds it for long.
        """
        descriptor = os.open(self.library.workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(descriptor, self.library.workspace)
            yield
        finally:
            os.close(descriptor)


def branch_of(name: str) -> str:
    """The branch on which a skill is proposed."""
    return f"{BRANCHES}{name}"


def rejected_ref(name: str) -> str:
    """Where the commits of a rejected proposal are kept."""
    return f"{REJECTED}{name}"


def _lock(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() > end:
                msg = f"another process is reviewing the skills in {folder}: try again later"
                raise AgentError(msg) from error
            time.sleep(0.05)

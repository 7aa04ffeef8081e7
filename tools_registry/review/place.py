"""Where a library lies in a repository, and whether git can keep its history."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import AgentError, RefusedError
from tools_registry.git.git import Git, Opened
from tools_registry.git.process import find_git
from tools_registry.skills.library import MODULE

LOST = "without git there is no history, nothing to compare with and no way back"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The library of a workspace as git sees it.

    Attributes:
        top: Top folder of the repository; None if git can't be used.
        folder: The library's path from there, e.g. `analysis/learned_skills`.
        reason: Why git can't be used, and what to do; "" if it can.
    """

    top: Path | None
    folder: str = MODULE
    reason: str = ""

    def paths(self, name: str) -> tuple[str, str]:
        """The skill's file and its tests, from the top of the repository."""
        return f"{self.folder}/{name}.py", f"{self.folder}/test_{name}.py"

    @contextlib.contextmanager
    def open(self) -> Iterator[Opened]:
        """Git at the top of the repository.

        Raises:
            RefusedError: If git can't be used here.
        """
        if self.top is None:
            raise RefusedError(self.reason)
        with Git(self.top).open() as git:
            yield git


def find_place(workspace: Path, folder: Path = Path(MODULE)) -> Place:
    """Look where a library of a workspace lies.

    Args:
        workspace: The user's directory.
        folder: The library's, from there.
    """
    workspace = workspace.resolve()
    repository = Git(workspace).repository()
    if repository is None:
        return Place(top=None, reason=f"{workspace} is in no git repository of yours: {LOST}")
    path = (workspace / folder).relative_to(repository.top).as_posix()
    reason = _objection(workspace, repository.top, path)
    return Place(top=None if reason else repository.top, folder=path, reason=reason)


def ignored(git: Opened, path: str) -> str:
    """Which rule makes git ignore a file that it doesn't have yet, as `file:line: rule`; or ""."""
    asked = f"{path}\0".encode()
    found = git.run("check-ignore", "-v", "-z", "--stdin", stdin=asked, codes=(0, 1, 128)).split(
        "\0"
    )
    if len(found) < 4:
        return ""
    source, line, rule, _ = found[:4]
    where = ".git/info/exclude" if source.endswith("info/exclude") else source
    return f"{where}:{line}: {rule}"


def _objection(workspace: Path, top: Path, folder: str) -> str:
    if not folder.isprintable():
        return f"the path {folder!r} is nothing that git can be told line by line: {LOST}"
    if os.path.lexists(workspace / MODULE / ".git"):
        return (
            f"{workspace / MODULE} is a repository of its own inside another (a submodule): "
            "commit there by hand, or make it an ordinary folder"
        )
    try:
        find_git(top)
    except AgentError as error:
        return f"{error}: {LOST}"
    return ""

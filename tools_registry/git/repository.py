"""Find the repository a folder lies in, by looking at files: git is not asked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import RefusedError
from tools_registry.files import FileRefusedError, read_file

_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_SMALL = 4096


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Where the parts of a repository are.

    Attributes:
        top: Top folder of the working tree.
        git_dir: HEAD and index of this working tree.
        common_dir: Objects, refs and configuration; the same unless it is a linked worktree.
    """

    top: Path
    git_dir: Path
    common_dir: Path

    def head(self) -> str:
        """Content of HEAD.

        Raises:
            RefusedError: If it can't be read.
        """
        try:
            return read_file(self.git_dir / "HEAD", limit=_SMALL).decode()
        except (OSError, ValueError) as error:
            msg = f"HEAD of the repository in {self.top} can't be read: {error}"
            raise RefusedError(msg) from error

    def branch(self) -> str | None:
        """The full name of the branch that is checked out, with commits or without; or None.

        Raises:
            RefusedError: If HEAD can't be read.
        """
        target = self.head().removesuffix("\n").removeprefix("ref: ")
        return target if target.startswith("refs/heads/") else None

    def shared_indexes(self) -> list[Path]:
        """The files besides the index that a split index consists of."""
        return [file for file in self.git_dir.glob("sharedindex.*") if _is(file, stat.S_ISREG)]

    def is_own(self, path: Path) -> bool:
        """Whether a file or folder of the git directory lies behind no link, and is none."""
        home = self.git_dir if path.is_relative_to(self.git_dir) else self.common_dir
        *above, last = (home / part for part in _prefixes(path.relative_to(home)))
        return all(_is(folder, stat.S_ISDIR) for folder in above) and (
            _is(last, stat.S_ISDIR) or _is(last, stat.S_ISREG)
        )

    def check_quiet(self) -> None:
        """Refuse to commit in the middle of something, or where no branch would keep it.

        Raises:
            RefusedError: Saying what to finish first.
        """
        for name in _UNFINISHED:
            if os.path.lexists(self.git_dir / name):
                msg = f"the repository in {self.top} has an unfinished {name}; finish that first"
                raise RefusedError(msg)
        if not self.head().startswith("ref: refs/heads/"):
            msg = f"the repository in {self.top} is on no branch; check one out first"
            raise RefusedError(msg)


def bare_repository(folder: Path) -> Repository | None:
    """The repository without a working tree that a folder is, if it is sound and this user's."""
    return _sound(folder, folder, folder, folder)


def find_repository(folder: Path) -> Repository | None:
    """The repository of the nearest `.git`, if it is sound and belongs to this user."""
    for top in (folder, *folder.parents):
        entry = top / ".git"
        if os.path.lexists(entry) and not _is_empty(entry):
            return _repository(top, entry)
    return None


def _is_empty(entry: Path) -> bool:
    """Whether it is a folder with nothing in it, which git passes over.

    While a session is open, one keeps the place of a `.git` that a cell could plant.
    """
    return _is(entry, stat.S_ISDIR) and not any(entry.iterdir())


def _repository(top: Path, entry: Path) -> Repository | None:
    git_dir = entry if _is(entry, stat.S_ISDIR) else _linked(entry)
    if git_dir is None:
        return None
    common = _common(git_dir)
    return _sound(top, entry, git_dir, common)


def _sound(top: Path, entry: Path, git_dir: Path, common: Path) -> Repository | None:
    """The repository, unless git would follow a link out of it, or others may write it."""
    parts = (entry, git_dir, common, common / "objects", common / "refs", common / "refs/heads")
    files = (git_dir / "index", common / "packed-refs")
    folders_sound = all(_is(part, stat.S_ISDIR) for part in parts[1:])
    files_sound = all(not os.path.lexists(file) or _is(file, stat.S_ISREG) for file in files)
    if not (folders_sound and files_sound and all(map(_is_ours, parts))):
        return None
    if _has_links(common / "objects"):
        return None
    return Repository(top=top, git_dir=git_dir, common_dir=common)


def _has_links(folder: Path) -> bool:
    """Git writes new objects into the folders in there."""
    with os.scandir(folder) as entries:
        return any(entry.is_symlink() for entry in entries)


def _prefixes(path: Path) -> list[Path]:
    """The path and all above it, the shortest first."""
    return [*reversed(path.parents), path][1:]


def _linked(entry: Path) -> Path | None:
    """Where a `.git` file points, if a worktree there points back.

    Without the way back any file could claim another repository, private ones too.
    """
    target = _pointer(entry, "gitdir: ")
    back = _pointer(target / "gitdir") if target else None
    return target if back == entry else None


def _common(git_dir: Path) -> Path:
    return _pointer(git_dir / "commondir") or git_dir


def _pointer(file: Path, prefix: str = "") -> Path | None:
    """The path in a one-line file; relative ones start at its folder."""
    try:
        line = read_file(file, limit=_SMALL).decode().rstrip("\n")
        found = (file.parent / line.removeprefix(prefix)).resolve()
    except (OSError, FileRefusedError, ValueError, RuntimeError):
        return None
    return found if line.startswith(prefix) else None


def _is(path: Path, test: Callable[[int], bool]) -> bool:
    """What it is itself, not what it links to."""
    try:
        return test(path.lstat().st_mode)
    except OSError:
        return False


def _is_ours(path: Path) -> bool:
    """As git has it: what another user could have put there is not used."""
    return path.lstat().st_uid == os.geteuid()

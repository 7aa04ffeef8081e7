"""Run git on a repository that nobody vouches for.

A repository can name programs in many places: hooks, `core.fsmonitor`, filters, text converters,
signing, transports, the configuration of a submodule, and whatever the next version of git brings.
Listing them all would always be one behind. So git never sees the repository's configuration: each
call gets a fresh git directory (`git_room`) with settings of ours, the repository's objects and
refs linked in. Git may start no other git either, and no transport is allowed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.git.process import Call, call_bytes, clean_environment, find_git
from tools_registry.git.repository import Repository, bare_repository, find_repository
from tools_registry.git.room import Room, open_room

_READING = {"cat-file", "diff", "log", "ls-files", "ls-tree", "rev-list", "rev-parse", "show"}
_LOOKING = {"check-ignore", "for-each-ref"}
_BUILDING = {"commit-tree", "hash-object", "mktree", "update-index", "update-ref"}
_COMMANDS = _READING | _LOOKING | _BUILDING | {"add", "commit", "rm", "status"}
_FLAGS = {
    "diff": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "log": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "show": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "status": ("--ignore-submodules=all",),
    "commit": ("--no-verify", "--no-gpg-sign"),
}
_NOBODY = "agent"
"""Who commits where git knows no name for the person; it claims to be nobody else."""


class Opened:
    """Git in one room, for several calls that see the same HEAD.

    Args:
        git: The program.
        repository: Whose objects and refs these are.
        folder: Where git runs.
        room: What it is told.

    Attributes:
        repository: As given.
        identity: Environment variables that name who commits; empty if git's settings do.
    """

    def __init__(self, git: str, repository: Repository, folder: Path, room: Room) -> None:
        self.repository = repository
        self.identity = _identity(room.settings)
        self._git = git
        self._folder = folder
        self._room = room

    @property
    def nameless(self) -> bool:
        """Whether git knows no name for the person, so that commits are by `agent`."""
        return self.identity.get("GIT_AUTHOR_NAME") == _NOBODY

    @property
    def directory(self) -> Path:
        """The git directory of the room."""
        return Path(self._room.environment["GIT_DIR"])

    def run(
        self, *args: str, stdin: bytes = b"", codes: tuple[int, ...] = (0,), timeout: float = 30.0
    ) -> str:
        """What a git command prints, as text; see `Git.run`."""
        output = self.read(*args, stdin=stdin, codes=codes, timeout=timeout)
        return output.decode("utf-8", "replace")

    def read(
        self, *args: str, stdin: bytes = b"", codes: tuple[int, ...] = (0,), timeout: float = 30.0
    ) -> bytes:
        """What a git command prints.

        Args:
            args: The command and its arguments; put `--` before paths.
            stdin: What it reads.
            codes: Exit codes that are no failure.
            timeout: Seconds, then it is killed.

        Raises:
            RefusedError: If the command is not one we allow.
            AgentError: If git fails, or takes too long.
        """
        _check_command(args[0])
        command = [self._git, "--no-pager", args[0], *_FLAGS.get(args[0], ()), *args[1:]]
        return call_bytes(
            Call(
                command=command,
                folder=self._folder,
                environment={**clean_environment(), **self._room.environment, **self.identity},
                timeout=timeout,
                stdin=stdin,
                codes=codes,
                lock=self._room.lock,
            )
        )


class Git:
    """Git for the repository that a folder lies in, looked up anew by every call.

    Args:
        folder: Where git runs; paths in arguments are relative to it.
        bare: Whether the folder itself is a repository without a working tree.
    """

    def __init__(self, folder: Path | str, *, bare: bool = False) -> None:
        self.folder = Path(folder).resolve()
        self._find: Callable[[Path], Repository | None] = (
            bare_repository if bare else find_repository
        )

    def repository(self) -> Repository | None:
        """The repository of this user that the folder lies in."""
        return self._find(self.folder)

    def is_repository(self) -> bool:
        """Whether the folder lies in a repository of this user."""
        return self.repository() is not None

    def head(self) -> str | None:
        """The commit that is checked out; None without one, or if it can't be told."""
        try:
            return self.run("rev-parse", "--verify", "HEAD").strip()
        except AgentError:
            return None

    def run(self, *args: str, timeout: float = 30.0) -> str:
        """What a git command prints.

        Args:
            args: The command and its arguments; put `--` before paths.
            timeout: Seconds, then it is killed.

        Raises:
            UsageError: If the folder is in no repository of this user.
            RefusedError: If the command is not one we allow, or the repository is unsafe to use.
            AgentError: If git is missing, fails, or takes too long.
        """
        _check_command(args[0])
        with self.open() as opened:
            if args[0] == "commit":
                opened.repository.check_quiet()
            return opened.run(*args, timeout=timeout)

    @contextlib.contextmanager
    def open(self) -> Iterator[Opened]:
        """Git in one room for the length of a `with` block.

        Raises:
            UsageError: If the folder is in no repository of this user.
            RefusedError: If the repository is unsafe to use.
            AgentError: If git is missing.
        """
        repository = self.repository()
        if repository is None:
            msg = f"{self.folder} is in no git repository that belongs to you"
            raise UsageError(msg)
        git = find_git(repository.top)
        with open_room(git, repository) as room:
            yield Opened(git, repository, self.folder, room)


def _check_command(command: str) -> None:
    if command not in _COMMANDS:
        msg = f"git {command} is not among the git commands that are safe here"
        raise RefusedError(msg)


def _identity(settings: Mapping[str, str]) -> dict[str, str]:
    """Who commits: the environment as git has it, the settings, or a name that says so."""
    given = {
        f"GIT_{role}_{part}": os.environ[f"GIT_{role}_{part}"]
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
        if os.environ.get(f"GIT_{role}_{part}")
    }
    if settings.get("user.name") and settings.get("user.email"):
        return given
    nobody = {
        "GIT_AUTHOR_NAME": _NOBODY,
        "GIT_AUTHOR_EMAIL": f"{_NOBODY}@localhost",
        "GIT_COMMITTER_NAME": _NOBODY,
        "GIT_COMMITTER_EMAIL": f"{_NOBODY}@localhost",
    }
    return {**nobody, **given}

"""Run git on a repository that nobody vouches for.

A repository can name programs in many places: hooks, `core.fsmonitor`, filters, text converters,
signing, transports, the configuration of a submodule, and whatever the next version of git brings.
Listing them all would always be one behind. So git never sees the repository's configuration: each
call gets a fresh git directory (`git_room`) with settings of ours, the repository's objects and
refs linked in. Git may start no other git either, and no transport is allowed.
"""

from __future__ import annotations

from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.git.process import call, clean_environment, find_git
from tools_registry.git.repository import Repository, find_repository
from tools_registry.git.room import open_room

_READING = {"cat-file", "diff", "log", "ls-files", "ls-tree", "rev-list", "rev-parse", "show"}
_COMMANDS = _READING | {"add", "commit", "rm", "status"}
_FLAGS = {
    "diff": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "log": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "show": ("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
    "status": ("--ignore-submodules=all",),
    "commit": ("--no-verify", "--no-gpg-sign"),
}


class Git:
    """Git for the repository that a folder lies in, looked up anew by every call.

    Args:
        folder: Where git runs; paths in arguments are relative to it.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).resolve()

    def is_repository(self) -> bool:
        """Whether the folder lies in a repository of this user."""
        return find_repository(self.folder) is not None

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
        command, *rest = args
        if command not in _COMMANDS:
            msg = f"git {command} is not among the git commands that are safe here"
            raise RefusedError(msg)
        repository = find_repository(self.folder)
        if repository is None:
            msg = f"{self.folder} is in no git repository that belongs to you"
            raise UsageError(msg)
        if command == "commit":
            repository.check_quiet()
        return self._run(repository, [command, *_FLAGS.get(command, ()), *rest], timeout)

    def _run(self, repository: Repository, args: list[str], timeout: float) -> str:
        git = find_git(repository.top)
        with open_room(git, repository) as room:
            environment = {**clean_environment(), **room.environment}
            return call([git, "--no-pager", *args], self.folder, environment, timeout)

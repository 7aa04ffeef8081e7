"""A git directory of our own for one call: the repository's content, our configuration."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import AgentError, RefusedError
from tools_registry.files import read_file
from tools_registry.git.lodging import lodging
from tools_registry.git.process import call, clean_environment
from tools_registry.git.repository import Repository

_LINKED = ("objects", "refs", "packed-refs", "shallow")
_KEPT = frozenset(
    {
        "core.autocrlf",
        "core.eol",
        "core.filemode",
        "core.ignorecase",
        "core.precomposeunicode",
        "core.symlinks",
        "extensions.objectformat",
        "user.email",
        "user.name",
    }
)
"""Settings that only say how files look or who the user is; nothing else is taken over."""

_OURS = {
    "core.bare": "false",
    "core.commitgraph": "false",
    "core.fsmonitor": "false",
    "core.hookspath": os.devnull,
    "core.logallrefupdates": "false",
    "core.repositoryformatversion": "1",
    "core.splitindex": "false",
    "diff.ignoresubmodules": "all",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
}
_MAX_CONFIG = 256 * 1024
_TIMEOUT = 10.0


@dataclass(frozen=True, kw_only=True)
class Room:
    """What git must be told to work there.

    Attributes:
        environment: To add to a clean environment.
        settings: The configuration there.
        lock: The descriptor that git inherits: the room stays while one works there.
    """

    environment: Mapping[str, str]
    settings: Mapping[str, str]
    lock: int


@contextlib.contextmanager
def open_room(git: str, repository: Repository) -> Iterator[Room]:
    """Furnish a git directory for the length of a `with` block.

    Args:
        git: The git program.
        repository: Whose objects, refs and index are used.

    Raises:
        RefusedError: If the repository can't be read.
        AgentError: If git can't read its settings.
    """
    parent = _outside(repository.top)
    with lodging(parent) as place:
        folder = place.path
        (folder / "HEAD").write_text(repository.head(), encoding="utf-8")
        for name in _LINKED:
            (folder / name).symlink_to(repository.common_dir / name)
        for shared in repository.shared_indexes():
            (folder / shared.name).symlink_to(shared)
        _exclude(folder, repository)
        _link_logs(folder, repository)
        settings = {**_users(git, folder), **_repositorys(git, folder, repository), **_OURS}
        (folder / "config").write_text(_render(settings), encoding="utf-8")
        yield Room(
            environment={
                "GIT_DIR": str(folder),
                "GIT_WORK_TREE": str(repository.top),
                "GIT_INDEX_FILE": str(repository.git_dir / "index"),
            },
            settings=settings,
            lock=place.lock,
        )


def _link_logs(folder: Path, repository: Repository) -> None:
    """Where git notes what a branch was before: without that, `main@{1}` would be another commit.

    Only what is there is added to; see `core.logallrefupdates`.
    """
    (folder / "logs").mkdir()
    for home, name in (repository.git_dir, "HEAD"), (repository.common_dir, "refs"):
        log = home / "logs" / name
        if repository.is_own(log):
            (folder / "logs" / name).symlink_to(log)


def _exclude(folder: Path, repository: Repository) -> None:
    """What is ignored in this repository alone; a copy, for git follows links."""
    with contextlib.suppress(OSError, ValueError):
        rules = read_file(repository.common_dir / "info" / "exclude", limit=_MAX_CONFIG)
        (folder / "info").mkdir()
        (folder / "info" / "exclude").write_bytes(rules)


def _users(git: str, folder: Path) -> dict[str, str]:
    """Harmless settings of the user's own configuration: who commits."""
    names = ("HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL")
    own = {name: os.environ[name] for name in names if name in os.environ}
    environment = {**clean_environment(), "GIT_DIR": str(folder), **own}
    if "GIT_CONFIG_GLOBAL" not in own:
        del environment["GIT_CONFIG_GLOBAL"]
    command = [git, "config", "--global", "--includes", "--null", "--list"]
    with contextlib.suppress(AgentError):  # a user need not have one
        return _kept(call(command, folder, environment, _TIMEOUT))
    return {}


def _repositorys(git: str, folder: Path, repository: Repository) -> dict[str, str]:
    """Harmless settings of the repository, from a copy that git only parses."""
    copy = folder / "theirs"
    try:
        copy.write_bytes(read_file(repository.common_dir / "config", limit=_MAX_CONFIG))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        msg = f"the configuration of the repository in {repository.top} can't be read: {error}"
        raise RefusedError(msg) from error
    environment = {**clean_environment(), "GIT_DIR": str(folder)}
    command = [git, "config", "--file", str(copy), "--no-includes", "--null", "--list"]
    return _kept(call(command, folder, environment, _TIMEOUT))


def _outside(top: Path) -> Path:
    """A folder for temporary files that does not lie in the repository, where a cell may write."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/dev/shm"
    for candidate in (Path(tempfile.gettempdir()), Path(runtime), Path("/var/tmp")):
        if not candidate.resolve().is_relative_to(top) and os.access(candidate, os.W_OK):
            return candidate
    msg = f"there is no folder for temporary files outside {top}; set TMPDIR"
    raise RefusedError(msg)


def _kept(listing: str) -> dict[str, str]:
    """The settings worth keeping from `git config --null --list`: key, newline, value."""
    pairs = (entry.partition("\n") for entry in listing.split("\0"))
    return {
        key: value or "true"
        for key, _, value in pairs
        if key in _KEPT and (value.isprintable() or not value)
    }


def _render(settings: Mapping[str, str]) -> str:
    """A configuration file; values are quoted, so none can begin another line or section."""
    lines = []
    for key, value in settings.items():
        section, name = key.split(".")
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'[{section}]\n\t{name} = "{quoted}"\n')
    return "".join(lines)

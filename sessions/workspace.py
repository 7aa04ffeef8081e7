"""The workspace: the directory that cells may read and write, and what in it they may not."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sessions import interpreter
from sessions.errors import UsageError

PRIVATE = ".agent"
HIDDEN = (".git", PRIVATE)
READ_ONLY = ("learned_skills", "agent.toml")
PACKAGES = "site-packages"  # code in a folder of this name is not taken for that of cells

_ATTEMPTS = 100
_DIRECTORIES = (".git", PRIVATE, "learned_skills")
_OF_THE_SYSTEM = ("/etc", "/boot", "/proc", "/sys", "/usr/bin", "/usr/sbin", "/usr/lib")
_TOO_WIDE = ("/", "/home", "/usr", "/usr/local", "/etc", "/var", "/tmp", "/dev", "/opt", "/run")


def resolve(workspace: str | Path) -> Path:
    """The real path of a directory that may be a workspace.

    Raises:
        UsageError: If there is no such directory, it can't be written, or it is so wide that cells
            would see the person's other files.
    """
    path = Path(workspace).expanduser().resolve()
    if not path.is_dir():
        msg = f"the workspace {path} is not a directory: create it, or choose another"
        raise UsageError(msg)
    if not str(path).isprintable():
        msg = f"the path {str(path)!r} has characters that can't be shown: choose another workspace"
        raise UsageError(msg)
    if str(path) in _TOO_WIDE or path == Path.home():
        msg = f"{path} is too wide for a workspace, cells would see all of it: choose a folder"
        raise UsageError(msg)
    _refuse_code(path)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        msg = f"the workspace {path} can't be written: change its permissions, or choose another"
        raise UsageError(msg)
    return path


def environment(workspace: Path) -> Path:
    """Where packages lie that were installed for the workspace, for this version of Python."""
    return workspace / PRIVATE / "environments" / str(sys.implementation.cache_tag) / PACKAGES


def code_below(workspace: Path) -> tuple[Path, ...]:
    """Where in the workspace the host takes code from, which cells may therefore not change.

    Raises:
        UsageError: If the way there goes over a symbolic link, which a cell could exchange.
    """
    places = {*interpreter.prefixes(), *interpreter.code(), *interpreter.import_roots()}
    below = os.path.join(workspace, "")  # noqa: PTH118 -- text: this is asked for each kernel
    inside = sorted(place for place in places if str(place).startswith(below))
    found = tuple(p for p in inside if not any(other in p.parents for other in inside))
    for place in found:
        _refuse_link_on_the_way(workspace, place)
    return found


def _refuse_link_on_the_way(workspace: Path, place: Path) -> None:
    for step in (place, *place.parents):
        if step == workspace:
            return
        if step.is_symlink():
            msg = (
                f"{step} is a symbolic link to code that runs outside the sandbox, and can't be "
                "protected from cells: choose another folder as workspace"
            )
            raise UsageError(msg)


def _refuse_code(path: Path) -> None:
    """Refuse a directory in which the host would run what a cell writes."""
    deep = (*interpreter.code(), *map(Path, _OF_THE_SYSTEM))
    if any(path.is_relative_to(place) for place in deep) or path in interpreter.prefixes():
        msg = f"{path} holds programs that run outside the sandbox: choose a folder of your own"
        raise UsageError(msg)
    if path in interpreter.import_roots():
        msg = (
            f"{path} is where this Python imports from at every start (an editable install), so "
            "what cells write there would run outside the sandbox: choose a folder below it"
        )
        raise UsageError(msg)


@contextmanager
def protected(workspace: Path) -> Iterator[None]:
    """Keep the protected names in existence, so that they can be covered inside the sandbox.

    What does not exist can't be covered, and a cell could create it: a skill nobody validated, a
    git hook. So empty ones stand in for the missing while a session lasts; the last session of the
    workspace takes them away again.

    Raises:
        UsageError: If one of them is a symbolic link, which can't be covered.
    """
    _refuse_links(workspace)
    with _lock(workspace) as lock:
        for name in _DIRECTORIES:
            with suppress(FileExistsError):  # in a worktree of git, `.git` is a file
                (workspace / name).mkdir()
        with suppress(FileExistsError):
            (workspace / "agent.toml").touch(exist_ok=False)
        _make_environment(workspace)
        try:
            yield
        finally:
            with suppress(BlockingIOError):  # another session is still at work here
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove_empty(workspace)


@contextmanager
def _lock(workspace: Path) -> Iterator[int]:
    lock = _share_lock(workspace / PRIVATE)
    try:
        yield lock
    finally:
        os.close(lock)


def _share_lock(private: Path) -> int:
    """The lock that all sessions of the workspace share.

    The last of the others may take the file away between our opening and locking it. Who holds
    such a lock is seen by nobody, and the next session would uncover ours: so it is tried again.
    """
    while True:
        lock = _open_lock(private)
        fcntl.flock(lock, fcntl.LOCK_SH)
        with suppress(OSError):
            if os.path.samestat(os.fstat(lock), (private / "lock").lstat()):
                return lock
        os.close(lock)


def _open_lock(private: Path) -> int:
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    for attempt in range(_ATTEMPTS):
        try:
            private.mkdir(mode=0o700, exist_ok=True)
            return os.open(private / "lock", flags, 0o600)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and attempt + 1 < _ATTEMPTS:
                continue  # another session has just taken the folder away
            msg = f"{private} can't be used ({error.strerror}): mend or remove it"
            raise UsageError(msg) from None
    raise AssertionError  # the last attempt returns or raises


def _make_environment(workspace: Path) -> None:
    folder = environment(workspace)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder} can't be made ({error.strerror}): remove what lies in its place"
        raise UsageError(msg) from None


def _refuse_links(workspace: Path) -> None:
    packages = environment(workspace)
    places = [workspace / name for name in (*HIDDEN, *READ_ONLY)]
    for place in (*places, packages.parents[1], packages.parent, packages):
        if place.is_symlink():
            msg = (
                f"{place} is a symbolic link, which can't be protected from cells: "
                "put the real thing there"
            )
            raise UsageError(msg)


def _remove_empty(workspace: Path) -> None:
    settings = workspace / "agent.toml"
    with suppress(OSError):
        if settings.stat().st_size == 0:
            settings.unlink()
    for name in ("learned_skills", ".git"):
        with suppress(OSError):
            (workspace / name).rmdir()
    packages = environment(workspace)
    with suppress(OSError):
        for folder in (packages, packages.parent, packages.parents[1]):
            folder.rmdir()
    with suppress(FileNotFoundError):  # the person may have removed the workspace meanwhile
        if os.listdir(workspace / PRIVATE) == ["lock"]:  # noqa: PTH208 -- a list to compare
            (workspace / PRIVATE / "lock").unlink()
            (workspace / PRIVATE).rmdir()

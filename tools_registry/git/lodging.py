"""Temporary folders that outlive nobody: what a killed process left, the next one removes.

Whoever uses a folder holds a lock on it, and hands it to the git that runs there. The system gives
the lock up when the last of them is gone, however it ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "agent-git-"
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True)
class Lodging:
    """A folder in use.

    Attributes:
        path: Where it is.
        lock: The descriptor whose lock says so; processes that work there inherit it.
    """

    path: Path
    lock: int


@contextlib.contextmanager
def lodging(parent: Path) -> Iterator[Lodging]:
    """A new folder for the length of a `with` block; left ones in `parent` go first.

    Raises:
        OSError: If it can't be made.
    """
    _clear(parent)
    found = _make(parent)
    try:
        yield found
    finally:
        shutil.rmtree(found.path, ignore_errors=True)  # what stays is a left one for the next call
        os.close(found.lock)


def _make(parent: Path) -> Lodging:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with contextlib.suppress(FileNotFoundError):  # a left one until it is locked
            lock = os.open(path, _OPEN)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return Lodging(path=path, lock=lock)
            os.close(lock)


def _clear(parent: Path) -> None:
    with os.scandir(parent) as entries:
        found = [entry.path for entry in entries if entry.name.startswith(_PREFIX)]
    for path in found:
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            _remove_left(path)


def _remove_left(path: str) -> None:
    """Remove a folder of this user that nobody holds.

    Raises:
        OSError: If it is anything else.
    """
    lock = os.open(path, _OPEN)
    try:
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(lock)

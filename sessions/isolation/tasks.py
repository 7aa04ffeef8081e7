"""Limits on processes for a user who has others outside: the system counts all of them together.

So its limit has to leave room for those, and what is below one process is counted besides.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FEWEST = 200


def room(wanted: int) -> int:
    """The limit that leaves room for so many more processes and threads, and for some at least."""
    return _tasks_of(os.geteuid()) + max(wanted, _FEWEST)


class Ceiling:
    """How many processes and threads there may be below a process.

    Args:
        root: Its id; itself not counted.
        most: How many.
    """

    def __init__(self, root: int, most: int) -> None:
        self._root = root
        self._most = most

    @property
    def reached(self) -> bool:
        """Whether there may be no more."""
        count, todo = 0, list(_children(self._root))
        while todo and count < self._most:
            pid = todo.pop()
            count += len(_threads(pid))
            todo += _children(pid)
        return count >= self._most


def _children(pid: int) -> Iterator[int]:
    for thread in _threads(pid):
        with suppress(OSError):  # it has ended
            found = Path(f"/proc/{pid}/task/{thread}/children").read_text()
            yield from map(int, found.split())


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 -- names are all we need
    except OSError:  # it has ended
        return []


def _tasks_of(uid: int) -> int:
    """Processes and threads of a user."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended
                if entry.stat().st_uid == uid:
                    count += len(_threads(int(entry.name)))
    return count

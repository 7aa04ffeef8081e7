"""Limits on processes for a user who has others outside: the system counts all of them together."""

from __future__ import annotations

import os

_FEWEST = 200


def room(wanted: int) -> int:
    """The limit that leaves room for so many more processes and threads, and for some at least."""
    return _tasks_of(os.geteuid()) + max(wanted, _FEWEST)


def _tasks_of(uid: int) -> int:
    """Processes and threads of a user."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"{entry.path}/task"))  # noqa: PTH208 -- a count
            except OSError:  # it has ended
                continue
    return count

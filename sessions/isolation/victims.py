"""Which process the system kills first when memory runs out: the running one, not frozen ones."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .syscalls import dumpable, undumpable

_RUNNING = 900  # of 1000 that can be added to a process's score


def prefer_as_victim(pid: int) -> bool:
    """Let a process be killed before others; whether the system lets us.

    What it forks inherits that: give a frozen copy to `spare`.
    """
    return _write(Path(f"/proc/{pid}/oom_score_adj"), _RUNNING)


def prefer_oneself() -> bool:
    """The same for this process, also where it is hidden from others of its user."""
    mine = Path("/proc/self/oom_score_adj")
    if _write(mine, _RUNNING):
        return True
    dumpable()  # the file is root's otherwise
    try:
        return _write(mine, _RUNNING)
    finally:
        undumpable()


def spare(pid: int) -> bool:
    """Let a process be killed no sooner than this one; whether the system lets us.

    An ordinary user may not do that to a process that is hidden from others, as frozen ones are.
    """
    try:
        mine = int(Path(f"/proc/{os.getpid()}/oom_score_adj").read_text())
    except (OSError, ValueError):
        return False
    return _write(Path(f"/proc/{pid}/oom_score_adj"), mine)


def _write(file: Path, value: int) -> bool:
    with suppress(OSError):
        file.write_text(str(value))
        return True
    return False

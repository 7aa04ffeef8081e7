"""Ends what cells left running in a sandbox, however its processes come and go meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from sessions.usage import descendants

_SECONDS = 2.0
_PAUSE = 0.001  # seconds
_LOOKS = 3  # in a row: a process whose parent ends just then is missed by one


def swept(root: int, known: Callable[[], Collection[int]]) -> bool:
    """End all descendants of a process but the known ones; blocks for some 10 ms, 2 s at most.

    Args:
        root: Process id.
        known: Tells the process ids that are to stay, as of now.

    Returns:
        Whether nothing else runs any more.
    """
    end, clean = time.monotonic() + _SECONDS, 0
    while clean < _LOOKS:
        if time.monotonic() > end:
            return False
        clean = 0 if _end_all(lambda: _strangers(root, known())) else clean + 1
        time.sleep(_PAUSE)
    return True


def _end_all(strangers: Callable[[], Collection[int]]) -> bool:
    """Whether there were any."""
    held = {pid: _open(pid) for pid in strangers()}
    still = strangers() if held else ()  # a number given out anew meanwhile is not in here
    for pid, process in held.items():
        if process >= 0:
            with suppress(OSError):
                if pid in still:
                    signal.pidfd_send_signal(process, signal.SIGKILL)
            os.close(process)
    return bool(held)


def _strangers(root: int, known: Collection[int]) -> set[int]:
    return {pid for pid in descendants(root) if pid not in known and _runs(pid)}


def _runs(pid: int) -> bool:
    """Whether a process has not ended, be it that its parent has not taken that in yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def _open(pid: int) -> int:
    with suppress(OSError):
        return os.pidfd_open(pid)
    return -1

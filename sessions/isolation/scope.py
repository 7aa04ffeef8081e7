"""Signals held to what lies below: the means to end all of a sandbox where no namespace does it.

A process in a Landlock domain that is scoped for signals reaches nobody outside of it. Then
`kill(-1)` means "all that I started, whatever became of it": at once, so that nothing can fork away
from it. Outside of such a domain the same call would end everything that belongs to the user.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from . import landlock

ABI = 6  # Linux 6.12


def enter() -> None:
    """Hold this process, and what it starts from now on, to signals among themselves.

    Raises:
        OSError: If it does not hold, as tried on the parent, or can't be tried.
    """
    parent = os.getppid()
    os.kill(parent, 0)  # as yet we could signal it: else what follows would prove nothing
    landlock.restrict_signals()
    try:
        os.kill(parent, 0)
    except PermissionError:
        return
    raise OSError(1, "signals reach beyond their Landlock domain")


def end_all_below() -> None:
    """Kill and take in everything that this process started, directly or not.

    Only to be called after `enter`.
    """
    with suppress(OSError):
        os.kill(-1, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.wait()

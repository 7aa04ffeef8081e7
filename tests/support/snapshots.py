"""Sessions whose states are frozen, in tests."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from sessions import Session
from sessions.usage import descendants

SUICIDE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
HANG = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


async def pause(session: Session) -> None:
    """Wait until the newest state is in its last process; a fresh one needs none."""
    end = time.monotonic() + 5
    while session._kernel.history and not _is_frozen(session):
        assert time.monotonic() < end, "no snapshot was taken"
        await asyncio.sleep(0.005)


def _is_frozen(session: Session) -> bool:
    snapshots = session._process.snapshots
    assert snapshots is not None
    snapshots.take_in()
    return (len(session._kernel.history), False) in [(s.cells, s.passes) for s in snapshots._kept]


async def run_cells(session: Session, *codes: str) -> None:
    """Run cells that succeed, and wait for the snapshot of each."""
    for code in codes:
        execution = await session.execute(code)
        assert execution.ok, execution
        await pause(session)


def lose_snapshots(session: Session, *, but: int = 0) -> None:
    """Let go of all snapshots but that of one state, if any."""
    snapshots = session._process.snapshots
    assert snapshots is not None
    snapshots.take_in()
    snapshots._drop([kept for kept in snapshots._kept if kept.cells != but])


def kill_kernel(session: Session) -> None:
    """End the process that runs cells, as anybody may at any time."""
    session._process.kill_kernel()


def kill_sandbox(session: Session) -> None:
    """End the first process inside, and with it the kernel and all snapshots."""
    for init in list(descendants(session._process.pid))[:1]:
        os.kill(init, signal.SIGKILL)

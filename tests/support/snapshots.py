"""Sessions whose states are frozen, in tests."""

from __future__ import annotations

import asyncio
import time

from sessions import Session

SUICIDE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


async def pause(session: Session) -> None:
    """Wait until the newest state has its snapshot; a fresh one needs none."""
    end = time.monotonic() + 5
    while session._kernel.history and len(session._kernel.history) not in session._kernel.saved():
        assert time.monotonic() < end, "no snapshot was taken"
        await asyncio.sleep(0.005)


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

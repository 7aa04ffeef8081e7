"""SIGKILL at random moments: of each process of a session, and of the supervisor.

Whoever survives answers the next cell and tells what was lost; what belonged to the dead ends.
"""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sessions import Session
from sessions.errors import KernelError
from sessions.pool import Pool
from sessions.snapshots import _pid
from sessions.usage import descendants
from tests.support.soak import LIMITS, Worker, requests
from tests.support.soak_traces import Traces, traces

_ROUNDS = 12
_LONGEST = 45.0  # seconds for anything, starts and ends included
_GONE_SECONDS = 10.0
_SHEPHERD = Path(__file__).parents[1] / "support" / "soak_shepherd.py"
_STEPS = {"good": 8, "flood": 1, "undo": 2, "checkpoint": 2, "push": 2, "variables": 2}


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    with traces(monkeypatch) as found:
        yield found
        assert found.left() == []


def _kernel(session: Session, _: random.Random) -> int:
    snapshots = session._process.snapshots
    assert snapshots is not None
    return _pid(snapshots.kernel) if snapshots.kernel >= 0 else 0


def _snapshot(session: Session, chance: random.Random) -> int:
    snapshots = session._process.snapshots
    assert snapshots is not None
    return chance.choice(snapshots._kept).pid if snapshots._kept else 0


def _launcher(session: Session, _: random.Random) -> int:
    return session._process.pid


def _gate(session: Session, _: random.Random) -> int:
    return next(descendants(session._process.pid), 0)


def _init(session: Session, _: random.Random) -> int:
    return next((pid for n, pid in enumerate(descendants(session._process.pid)) if n == 1), 0)


def _anything(session: Session, chance: random.Random) -> int:
    return chance.choice([*descendants(session._process.pid), session._process.pid])


_VICTIMS = [_kernel, _snapshot, _launcher, _gate, _init, _anything]


async def _kill_now_and_then(
    session: Session, victim: Callable[[Session, random.Random], int], chance: random.Random
) -> None:
    while True:
        await asyncio.sleep(chance.expovariate(6))
        with suppress(ProcessLookupError):
            if (pid := victim(session, chance)) > 1:
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("victim", _VICTIMS, ids=lambda victim: victim.__name__[1:])
async def test_a_session_survives_its_processes(
    victim: Any, warm: bool, workspace: Path, left: Traces
) -> None:
    chance = random.Random(victim.__name__)
    with Pool(["json"]) as pool:
        assert await asyncio.to_thread(pool.wait_warm)
        async with Session(
            workspace, LIMITS, pool=pool if warm else None, policy=None, requests=requests()
        ) as session:
            worker = Worker(session, chance, disturbed=True)
            killing = asyncio.create_task(_kill_now_and_then(session, victim, chance))
            for _ in range(_ROUNDS * 3):
                await worker.step(_STEPS)
            killing.cancel()
            await worker.step(_STEPS)
            await worker.check()

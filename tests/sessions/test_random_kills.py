"""SIGKILL at random moments: of each process of a session, and of the supervisor.

Whoever survives answers the next cell and tells what was lost; what belonged to the dead ends.
"""

from __future__ import annotations

import asyncio
import itertools
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

import pytest

from sessions import Session
from sessions.frozen import pid_of
from sessions.pool import Pool
from sessions.usage import descendants
from tests.support.soak import LIMITS, Worker, requests
from tests.support.soak_traces import Traces, traces

_SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
_ROUNDS = 24
_LONGEST = 90.0  # seconds for anything, starts and ends included
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
    return pid_of(snapshots.kernel) if snapshots.kernel >= 0 else 0


def _snapshot(session: Session, chance: random.Random) -> int:
    snapshots = session._process.snapshots
    assert snapshots is not None
    return chance.choice(snapshots._kept).pid if snapshots._kept else 0


def _launcher(session: Session, _: random.Random) -> int:
    return session._process.pid


def _init(session: Session, _: random.Random) -> int:
    return next(descendants(session._process.pid), 0)


def _anything(session: Session, chance: random.Random) -> int:
    return chance.choice([*descendants(session._process.pid), session._process.pid])


Victim = Callable[[Session, random.Random], int]
_VICTIMS: list[Victim] = [_kernel, _snapshot, _launcher, _init, _anything]


async def _kill_now_and_then(session: Session, victim: Victim, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.expovariate(6))
        with suppress(ProcessLookupError):
            if (pid := victim(session, chance)) > 1:
                os.kill(pid, signal.SIGKILL)


async def _survive(victim: Victim, workspace: Path, pool: Pool | None, seed: str) -> None:
    """Use a session whose processes are killed, and then one more time without that."""
    chance = random.Random(seed)
    async with Session(workspace, LIMITS, pool=pool, policy=None, requests=requests()) as session:
        worker = Worker(session, chance, seed=seed, disturbed=True)
        killing = asyncio.create_task(_kill_now_and_then(session, victim, chance))
        for _ in range(_ROUNDS):
            await worker.step(_STEPS)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await worker.step(_STEPS)
        await worker.check()


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("victim", _VICTIMS, ids=lambda victim: victim.__name__[1:])
async def test_a_session_survives_its_processes(
    victim: Victim, warm: bool, workspace: Path, left: Traces
) -> None:
    with Pool(["json"]) as pool:
        assert await asyncio.to_thread(pool.wait_warm)
        await _survive(victim, workspace, pool if warm else None, victim.__name__)


@pytest.mark.soak
@pytest.mark.timeout(_SECONDS + 120)
async def test_sessions_survive_ever_new_kills(tmp_path: Path, left: Traces) -> None:
    start = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    end = time.monotonic() + _SECONDS / 2
    with Pool(["json"]) as pool:
        for number in itertools.count(start):
            if time.monotonic() > end:
                break
            print(f"seed {number}")
            (workspace := tmp_path / str(number)).mkdir()
            victim = _VICTIMS[number % len(_VICTIMS)]
            await _survive(victim, workspace, (pool, None)[number // 7 % 2], str(number))
            herd = Herd(str(number), left, workspace, workspace)
            await asyncio.sleep(random.Random(number).uniform(0, 2.5))
            herd.kill()
            code, after = await asyncio.to_thread(herd.end)
            assert code == -signal.SIGKILL, f"seed {number}: ended with {code}"
            assert after < _GONE_SECONDS, f"seed {number}: the rest lived on for {after} s"


class Herd:
    """A supervisor with sessions in some workspaces, and its shepherd; killed if need be."""

    def __init__(self, seed: str, traces: Traces, *workspaces: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, _SHEPHERD, seed, *workspaces],
            env={**os.environ, **traces.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._rest = b""
        kind, pid = self.told()
        assert kind == "supervisor"
        self.supervisor = int(pid)

    def told(self, seconds: float = _LONGEST) -> list[str]:
        """The next thing that it says."""
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready = select.select([self._process.stdout], [], [], end - time.monotonic())[0]
            assert ready, f"nothing for {seconds} s"
            piece = self._process.stdout.read()
            assert piece, "it ended without a word"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode().split()

    def goes_on(self, steps: int) -> None:
        """Wait until it has taken some more steps, all of which were right."""
        while b"step" in self._rest:
            self.told()
        for _ in range(steps):
            assert self.told()[0] == "step"

    def kill(self) -> None:
        os.kill(self.supervisor, signal.SIGKILL)

    def end(self) -> tuple[int, float]:
        """Ask it to end, unless it was killed; its exit code, and how long the rest lived on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        while (told := self.told())[0] != "ended":
            continue
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert self._process.wait(_LONGEST) == 0
        return int(told[1]), float(told[2])


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.8, 1.2, 1.8, 3.0])
def test_a_killed_supervisor_leaves_nothing(seconds: float, tmp_path: Path, left: Traces) -> None:
    workspaces = [tmp_path / name for name in ("one", "two", "three")]
    for workspace in workspaces:
        workspace.mkdir()
    herd = Herd(f"{seconds}", left, *workspaces)
    time.sleep(seconds * random.Random(seconds).uniform(0.8, 1.2))
    herd.kill()
    code, after = herd.end()
    assert code == -signal.SIGKILL
    assert after < _GONE_SECONDS
    assert left.left() == []


def test_supervisors_do_not_disturb_each_other(tmp_path: Path, left: Traces) -> None:
    shared, other = tmp_path / "shared", tmp_path / "other"
    shared.mkdir()
    other.mkdir()
    victim, survivor = Herd("1", left, shared, other), Herd("2", left, shared, shared)
    try:
        victim.goes_on(5)
        survivor.goes_on(5)
        victim.kill()
        survivor.goes_on(20)
        assert (shared / ".agent" / "lock").exists()  # the stand-ins are still under its eyes
        assert (shared / ".git").is_dir()
    finally:
        ends = [herd.end() for herd in (victim, survivor)]
    assert [code for code, _ in ends] == [-signal.SIGKILL, 0], ends
    assert all(after < _GONE_SECONDS for _, after in ends), ends
    assert {path.name for path in shared.iterdir()} <= {".agent"}


async def test_pools_of_one_process_do_not_disturb_each_other(tmp_path: Path, left: Traces) -> None:
    chance = random.Random(seed := 5)
    with Pool(["json"]) as one, Pool(["json"]) as other:
        for pool in (one, other):
            assert await asyncio.to_thread(pool.wait_warm)
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
        async with (
            Session(tmp_path / "one", LIMITS, pool=one, policy=None, requests=requests()) as hit,
            Session(
                tmp_path / "other", LIMITS, pool=other, policy=None, requests=requests()
            ) as safe,
        ):
            unlucky = Worker(hit, chance, seed=f"{seed} hit", disturbed=True)
            worker = Worker(safe, chance, seed=f"{seed} safe")
            for _ in range(6):
                assert one._zygote is not None
                _kill_of_zygote(one, chance)
                await unlucky.step(_STEPS)
                os.kill(_anything(hit, chance), signal.SIGKILL)
                await asyncio.gather(worker.step(_STEPS), unlucky.step(_STEPS))
            await unlucky.check()
        async with Session(
            tmp_path / "one", LIMITS, pool=one, policy=None, requests=requests()
        ) as session:
            await Worker(session, chance, seed=f"{seed} after").step(_STEPS)


def _kill_of_zygote(pool: Pool, chance: random.Random) -> None:
    """One of the two processes that are the warm parent, or one that it just makes."""
    assert pool._zygote is not None
    root = pool._zygote._process.pid
    with suppress(ProcessLookupError):
        os.kill(chance.choice([root, *descendants(root)][:2]), signal.SIGKILL)

"""Hours in minutes: thousands of cells, some of which crash, hang or flood; nothing is left."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sessions import Session
from sessions.kernel.policy import DEFAULT
from sessions.pool import Pool
from tests.support.soak import LIMITS, Worker, requests
from tests.support.soak_traces import Traces, traces

_SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
_CELLS = int(os.environ.get("SOAK_CELLS", "2000"))
_STEPS_OF_A_SESSION = 60
_WARM_UP = 0.3  # of the time, after which memory has come to rest
# Pools of freed memory and the pages of an output of some MB come and go; what is kept for each of
# the cells after the warm-up would show from 10 KB on, and each kernel that is not let go of.
_GROWTH = 16 << 20
_DESCRIPTORS = 4


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    with traces(monkeypatch) as found:
        yield found


class Soak:
    """Workers side by side, each with a session at a time.

    Args:
        folder: Where the workspaces lie.
        seed: Decides what happens.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed
        self._begun = time.monotonic()
        self.cells = 0
        self.did: Counter[str] = Counter()

    def goes_on(self) -> bool:
        """Whether there are neither enough cells, nor the time is over."""
        return self.cells < _CELLS and time.monotonic() < self._begun + _SECONDS

    @property
    def progress(self) -> float:
        """How much is done, from 0 to 1."""
        return max(self.cells / _CELLS, (time.monotonic() - self._begun) / _SECONDS)

    async def work(self, name: str, pool: Pool | None, *, guarded: bool) -> None:
        """One session after the other, in one workspace."""
        chance = random.Random(seed := f"{self._seed} {name}")
        workspace = self._folder / name
        workspace.mkdir()
        while self.goes_on():
            async with Session(
                workspace,
                LIMITS,
                pool=pool,
                policy=DEFAULT if guarded else None,
                requests=requests(),
            ) as session:
                worker = Worker(session, chance, seed=seed)
                await self._use(worker)
            self.did += worker.did

    async def _use(self, worker: Worker) -> None:
        for _ in range(_STEPS_OF_A_SESSION):
            if self.goes_on():
                await worker.step()
                self.cells += 1


class Meter:
    """Memory and descriptors of this process, at rest and at the end."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.memory: list[int] = []
        self.descriptors: list[int] = []

    async def watch(self, soak: Soak) -> None:
        while True:
            if soak.progress > _WARM_UP:
                self.memory.append(self._process.memory_info().rss)
                self.descriptors.append(self._process.num_fds())
            await asyncio.sleep(0.2)

    @property
    def growth(self) -> int:
        """Bytes between the least of the beginning and the least of the end."""
        part = max(1, len(self.memory) // 5)
        return min(self.memory[-part:]) - min(self.memory[:part])

    @property
    def more_descriptors(self) -> int:
        part = max(1, len(self.descriptors) // 5)
        return min(self.descriptors[-part:]) - min(self.descriptors[:part])


@pytest.mark.soak
@pytest.mark.timeout(_SECONDS + 120)
async def test_nothing_is_lost_and_nothing_piles_up(tmp_path: Path, left: Traces) -> None:
    descriptors = psutil.Process().num_fds()
    soak, meter = Soak(tmp_path, seed=3), Meter()
    with Pool() as pool:
        assert await asyncio.to_thread(pool.wait_warm)
        watching = asyncio.create_task(meter.watch(soak))
        async with asyncio.TaskGroup() as group:
            group.create_task(soak.work("warm", pool, guarded=False))
            group.create_task(soak.work("guarded", pool, guarded=True))
            group.create_task(soak.work("cold", None, guarded=False))
            group.create_task(soak.work("together", pool, guarded=False))
        watching.cancel()
    print(f"{soak.cells} cells: {dict(soak.did)}; memory grew by {meter.growth / 2**20:.1f} MB")
    assert meter.growth < _GROWTH, [memory >> 20 for memory in meter.memory[::10]]
    assert meter.more_descriptors <= _DESCRIPTORS
    assert psutil.Process().num_fds() <= descriptors
    assert left.left() == []
    for workspace in tmp_path.iterdir():
        assert {path.name for path in workspace.iterdir()} <= {".agent"}
        assert {path.name for path in (workspace / ".agent").iterdir()} <= {
            "lock",
            "sessions",
            "outputs",
        }

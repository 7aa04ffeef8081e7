"""What waits for a sandbox: the same walls as of any, and nothing left of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.isolation.cgroup import name_of, places
from sessions.pool import Pool
from sessions.usage import descendants


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(preload=["json"]) as pool:
        assert pool.wait_warm()
        yield pool


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _waiting(pool: Pool) -> int:
    """The launcher that waits, once its init does."""
    assert pool._zygote is not None
    zygote = pool._zygote._process.pid
    found: list[int] = []

    def stands() -> bool:
        family = list(descendants(zygote))
        grandchildren = [pid for pid in family if _parent(_parent(pid)) == zygote]
        found[:] = [pid for pid in grandchildren if len(list(descendants(pid))) == 1]
        return bool(found) and _group_is_full(found[0])

    _until(stands)
    return found[0]


def _group_is_full(launcher: int) -> bool:
    lists = [folder / "cgroup.procs" for folder in _groups(launcher)]
    return all(file.exists() and file.read_text() for file in lists)


def _groups(launcher: int) -> list[Path]:
    found = places()
    if not any("memory" in place.controllers for place in found):
        return []
    return [place.folder / name_of(launcher) for place in found]


_DESCRIPTORS = """
import os
kinds = []
for name in os.listdir("/proc/self/fd"):
    try:
        kinds.append(os.readlink("/proc/self/fd/" + name).split(":")[0])
    except OSError:
        pass
sorted(kind for kind in kinds if kind != "anon_inode")  # event loops, of which one was made ahead
"""


async def test_it_becomes_the_sandbox_with_the_walls_of_any(workspace: Path, pool: Pool) -> None:
    async with Session(workspace, Limits.quick()) as session:
        cold = session.layers, (await session.execute(_DESCRIPTORS)).value
    launcher = _waiting(pool)
    (init,) = descendants(launcher)
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        assert session._process.pid == launcher
        assert init in descendants(launcher)
        assert (session.layers, (await session.execute(_DESCRIPTORS)).value) == cold


async def test_its_group_holds_what_the_sandbox_may_use(workspace: Path, pool: Pool) -> None:
    launcher = _waiting(pool)
    if not _groups(launcher):
        pytest.skip("no control group can be made on this host")
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        group = session._process.group
        assert session._process.pid == launcher
        assert group is not None
        held = {
            file.name: file.read_text().strip()
            for folder in _groups(launcher)
            for name in ("memory.limit_in_bytes", "memory.max", "pids.max")
            if (file := folder / name).exists()
        }
    assert str(Limits.quick().processes) in held.values()
    assert str(2 * Limits.quick().memory) in held.values()  # snapshots may use as much again


async def test_a_sandbox_of_another_kind_does_without_it(workspace: Path, pool: Pool) -> None:
    launcher = _waiting(pool)
    async with Session(workspace, Limits.quick(), pool=pool, isolated=False) as session:
        assert session._process.pid != launcher
        assert "namespaces" not in session.layers
        assert (await session.execute("6 * 7")).value == 42
    assert _waiting(pool) == launcher


@pytest.mark.parametrize("victim", ["launcher", "init"])
async def test_a_kernel_comes_also_after_it_was_killed(
    workspace: Path, pool: Pool, victim: str
) -> None:
    launcher = _waiting(pool)
    (init,) = descendants(launcher)
    os.kill({"launcher": launcher, "init": init}[victim], signal.SIGKILL)
    _until(lambda: not _lives(init))
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        assert "namespaces" in session.layers
        assert (await session.execute("6 * 7")).value == 42


@pytest.mark.parametrize("end", ["close", "kill"])
def test_nothing_is_left_when_nobody_wanted_it(pool: Pool, end: str) -> None:
    launcher = _waiting(pool)
    family, groups = {launcher, *descendants(launcher)}, _groups(launcher)
    if end == "close":
        pool.close()
    else:
        assert pool._zygote is not None
        for process in (pool._zygote._process.pid, _parent(launcher)):
            os.kill(process, signal.SIGKILL)
    _until(lambda: not any(map(_lives, family)))
    _until(lambda: not any(folder.exists() for folder in groups))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

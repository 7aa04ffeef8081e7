"""Kernels from a warm parent: the same walls, sooner, and nothing left when the owner goes."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.disk import Disk
from sessions.errors import KernelError
from sessions.history import Undone
from sessions.pool import Pool
from sessions.process import WarmProcess
from sessions.sandbox import Sandbox
from sessions.specification import specification
from sessions.usage import descendants, resident, usage
from sessions.ward import Ward
from sessions.zygote import Zygote


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(preload=["json"]) as pool:
        assert pool.wait_warm()
        yield pool


def _is_warm(session: Session) -> bool:
    return isinstance(session._process._process, WarmProcess)


async def test_a_warm_kernel_has_the_walls_of_a_cold_one(
    workspace: Path, pool: Pool, unguarded: Callable[[str], str]
) -> None:
    async with Session(workspace, Limits.quick()) as session:
        cold = session.layers
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        assert _is_warm(session)
        assert session.layers == cold
        execution = await session.execute(unguarded("import socket; socket.socket()"))
        assert execution.status == "error"
        assert (await session.execute("open('/etc/shadow')")).status == "error"
        assert (await session.execute("import os; os.getpid() < 10")).value is True


async def test_modules_are_there_before_they_are_imported(workspace: Path) -> None:
    with Pool(preload=["colorsys", "no_such_module"]) as pool:
        assert pool.wait_warm()
        async with Session(workspace, Limits.quick(), pool=pool) as session:
            assert (await session.execute("import sys; 'colorsys' in sys.modules")).value is True


async def test_kernels_of_one_parent_share_no_state_and_no_luck(
    workspace: Path, pool: Pool
) -> None:
    async with (
        Session(workspace, Limits.quick(), pool=pool) as one,
        Session(workspace, Limits.quick(), pool=pool) as other,
    ):
        await one.execute("import json; json.secret = 1")
        assert (await other.execute("import json; hasattr(json, 'secret')")).value is False
        code = "import random, numpy; (random.random(), float(numpy.random.rand()))"
        drawn = [(await session.execute(code)).value for session in (one, other)]
        assert drawn[0][0] != drawn[1][0]
        assert drawn[0][1] != drawn[1][1]
        assert (await one.execute("import os; os.getuid()")).value != (
            await other.execute("import os; os.getuid()")
        ).value or os.geteuid() != 0


def _kill(zygote: Zygote) -> None:
    os.kill(zygote._process.pid, signal.SIGKILL)
    assert select.select([zygote._control], [], [], 10)[0]  # its copies have ended as well


async def _next_one(pool: Pool) -> Sandbox:
    """The kernel that was forked ahead, which happens when the first one is up."""
    end = time.monotonic() + 10
    while not pool._waiting:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    (waiting,) = pool._waiting.values()
    return waiting


async def test_one_waits_for_the_next_and_is_handed_out(workspace: Path, pool: Pool) -> None:
    async with Session(workspace, Limits.quick(), pool=pool):
        waiting = await _next_one(pool)
        async with Session(workspace, Limits.quick(), pool=pool) as second:
            assert second._process is waiting
            assert (await second.execute("6 * 7")).value == 42


async def test_one_that_died_waiting_is_not_handed_out(workspace: Path, pool: Pool) -> None:
    async with Session(workspace, Limits.quick(), pool=pool):
        waiting = await _next_one(pool)
        waiting.kill()
        async with Session(workspace, Limits.quick(), pool=pool) as second:
            assert (await second.execute("6 * 7")).value == 42


async def test_other_limits_get_another_kernel(workspace: Path, pool: Pool) -> None:
    code = "import resource; resource.getrlimit(resource.RLIMIT_NPROC)[0]"
    async with (
        Session(workspace, Limits.quick(), pool=pool),
        Session(workspace, Limits.standard(), pool=pool) as other,
    ):
        assert (await other.execute(code)).value == Limits.standard().processes


async def test_what_our_first_process_shares_with_the_warm_parent_is_nobodys_memory(
    workspace: Path, pool: Pool
) -> None:
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        assert _is_warm(session)
        await session.execute("1")
        ward = Ward(session._process, Disk(workspace))
        launcher = session._process.pid
        first = next(descendants(launcher))
        assert usage(launcher).memory - ward.usage().memory > 0.9 * resident(first) > 10 << 20


async def test_a_crash_comes_back_from_the_warm_parent(workspace: Path, pool: Pool) -> None:
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        os.kill(session._process.pid, signal.SIGKILL)  # and all snapshots with it
        session._process.wait()
        execution = await session.execute("1")
        assert (execution.status, execution.restored) == ("ok", "fresh")
        assert _is_warm(session)
        assert (await session.execute("6 * 7")).value == 42


async def test_before_it_is_warm_kernels_start_cold(workspace: Path) -> None:
    with Pool() as pool:
        async with Session(workspace, Limits.quick(), pool=pool) as session:
            assert not _is_warm(session)
            assert (await session.execute("6 * 7")).value == 42


async def test_a_killed_parent_is_replaced_and_its_kernels_live_on(
    workspace: Path, pool: Pool
) -> None:
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        await session.execute("kept = 1")
        await _next_one(pool)
        assert pool._zygote is not None
        _kill(pool._zygote)
        assert (await session.execute("kept")).value == 1
        pool.forget()
        async with Session(workspace, Limits.quick(), pool=pool) as second:
            assert not _is_warm(second)
            assert (await second.execute("6 * 7")).value == 42
        assert pool.wait_warm()


async def test_the_stand_ins_of_a_workspace_stay_while_a_kernel_waits(
    workspace: Path, pool: Pool, unguarded: Callable[[str], str]
) -> None:
    async with Session(workspace, Limits.quick(), pool=pool):
        pass
    async with Session(workspace, Limits.quick(), pool=pool) as session:
        await session.execute(unguarded("import os; os.makedirs('.git/hooks')"))
        assert not (workspace / ".git" / "hooks").exists()
    pool.close()
    assert list(workspace.iterdir()) == []


async def test_several_pools_do_not_know_of_each_other(workspace: Path, pool: Pool) -> None:
    with Pool(preload=[]) as other:
        assert other.wait_warm()
        async with Session(workspace, Limits.quick(), pool=pool) as session:
            other.close()
            assert (await session.execute("6 * 7")).value == 42


def test_closing_leaves_no_process(workspace: Path) -> None:
    async def work(pool: Pool) -> None:
        async with Session(workspace, Limits.quick(), pool=pool) as session:
            await session.execute("1")

    before = set(descendants(os.getpid()))
    with Pool(preload=[]) as pool:
        assert pool.wait_warm()
        asyncio.run(work(pool))
        family = set(descendants(os.getpid())) - before
        assert len(family) >= 2  # the zygote, and what of the next kernel there is by now
    assert not any(Path(f"/proc/{pid}").exists() for pid in family)
    assert list(workspace.iterdir()) == []


_OWNER = """
import asyncio, sys
from sessions import Session
from sessions.pool import Pool
from sessions.usage import descendants
import os
async def main():
    with Pool(preload=[]) as pool:
        pool.wait_warm()
        async with Session(sys.argv[1], pool=pool) as session:
            print(*descendants(os.getpid()), flush=True)
            await asyncio.sleep(600)
asyncio.run(main())
"""


def test_an_owner_that_is_killed_takes_everything_along(workspace: Path) -> None:
    command = [sys.executable, "-c", _OWNER, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        family = owner.stdout.readline().split()
        assert len(family) >= 5  # the zygote, a kernel, and what of the next there is by now
        owner.kill()
    end = time.monotonic() + 5
    while any(_runs(pid) for pid in family):
        assert time.monotonic() < end
        time.sleep(0.02)


def _runs(pid: str) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_a_zygote_that_is_gone_says_so(workspace: Path) -> None:
    zygote = Zygote(preload=[])
    assert zygote.wait_ready()
    _kill(zygote)
    with pytest.raises(KernelError, match="did not answer"):
        zygote.start([0], specification(workspace, Limits.quick()))
    zygote.close()


def test_a_zygote_that_is_killed_while_it_warms_up_leaves_no_directory() -> None:
    zygote = Zygote(preload=[])
    while not (made := zygote._directory.exists()) and not zygote.is_ready():
        time.sleep(0.0005)
    _kill(zygote)
    zygote.close()
    assert made
    assert not zygote._directory.exists()


async def test_a_kernel_that_waited_is_as_fresh_as_another(workspace: Path, pool: Pool) -> None:
    told = (
        "ip = get_ipython(); [ip.execution_count, len(In), sorted(Out), "
        "ip.last_execution_result is None, [n for n in dir() if n[0] != '_'][:3], "
        "[list(ip.history_manager.get_range())]]"
    )
    async with Session(workspace, Limits.quick()) as session:
        fresh = (await session.execute(told)).value
    async with Session(workspace, Limits.quick(), pool=pool):
        waiting = await _next_one(pool)
        await asyncio.sleep(0.5)  # it looks ahead after 0.15 s without a request
        async with Session(workspace, Limits.quick(), pool=pool) as second:
            assert second._process is waiting
            assert (await second.execute(told)).value == fresh
            assert await second.undo() == Undone(cells=0, restored="fresh")

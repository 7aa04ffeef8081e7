"""The frozen copies behind undo: kept, thinned, attacked, and none left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sessions import Limits, Session
from sessions.frozen import pair, receive
from sessions.pool import Pool
from sessions.snapshots import KEPT, _superfluous
from sessions.usage import descendants, usage
from tests.support.snapshots import SUICIDE, pause, run_cells

Wrap = Callable[[str], str]


async def test_what_a_cell_left_running_ends_with_its_kernel(
    paused: Session, unguarded: Wrap
) -> None:
    daemon = "import os, time\nif os.fork() == 0:\n  os.setsid()\n  while True: time.sleep(1)"
    await run_cells(paused, unguarded(daemon))
    assert (await paused.execute(SUICIDE)).restored == "snapshot"
    await pause(paused)
    left = set(descendants(paused._process.pid))
    init_and_kernel = 2
    assert len(left) == init_and_kernel + len(paused._kernel.saved())


async def test_a_state_is_there_though_another_came_meanwhile(session: Session) -> None:
    await run_cells(session, *(f"x = {n}" for n in range(12)))
    snapshots = session._process.snapshots
    assert snapshots is not None
    states = snapshots.states()
    state = states[_superfluous([*states, 13])]  # goes next, to make room
    await session.execute("x = 12")
    await asyncio.sleep(0.2)
    assert len(states) == KEPT
    assert await session._kernel.go_to(state) == "snapshot"
    assert (await session.execute("x")).value == state - 1


async def test_nothing_is_left_after_close(workspace: Path) -> None:
    own = psutil.Process()
    descriptors = own.num_fds()
    for _ in range(2):
        async with Session(workspace, Limits.quick()) as session:
            await run_cells(session, "x = 1", "x = 2", "x = 3")
            await session.undo()
            assert (await session.execute(SUICIDE)).restored == "snapshot"
            inside = [psutil.Process(pid) for pid in descendants(session._process.pid)]
            directory = session._process._directory
        _, alive = psutil.wait_procs(inside, timeout=3)
        assert not alive
        assert not directory.exists()
    assert own.num_fds() <= descriptors + 2  # the loop's own


async def test_a_cell_that_kills_its_snapshots_gets_a_fresh_kernel(
    paused: Session, unguarded: Wrap
) -> None:
    await run_cells(paused, "x = 1")
    kill = (
        "import os\nown = set(map(int, os.listdir('/proc/self/task')))\n"
        "for pid in range(2, 400):\n  if pid not in own:\n"
        "    try: os.kill(pid, 9)\n    except OSError: pass\nos.kill(os.getpid(), 9)"
    )
    started = time.monotonic()
    execution = await paused.execute(unguarded(kill))
    assert (execution.status, execution.restored) == ("killed", "fresh")
    assert execution.lost == ("x",)
    assert time.monotonic() - started < 15
    assert (await paused.execute("1 + 1")).value == 2


async def test_a_stopped_snapshot_is_woken(paused: Session, unguarded: Wrap) -> None:
    await run_cells(paused, "x = 1")
    stop = (
        "import os\nown = set(map(int, os.listdir('/proc/self/task')))\n"
        "for pid in range(2, 400):\n  if pid not in own:\n"
        "    try: os.kill(pid, 19)\n    except OSError: pass\nos.kill(os.getpid(), 9)"
    )
    assert (await paused.execute(unguarded(stop))).restored == "snapshot"
    assert (await paused.execute("x")).value == 1


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"{",
        b"[]",
        b'{"cells": "1"}',
        b'{"cells": 1e999}',
        b'{"cells": -5}',
        b'{"cells": 1}',
        b"[" * 64,
    ],
)
async def test_forged_messages_do_no_harm(paused: Session, unguarded: Wrap, forged: bytes) -> None:
    """A cell takes the wires meant for snapshots, and speaks for them."""
    await run_cells(paused, "x = 1")
    speak = f"""
import os, socket
for number in range(3, 200):
    try:
        control = socket.socket(fileno=os.dup(number))
        if control.type != socket.SOCK_SEQPACKET: continue
        while True:
            _, told, *_ = control.recvmsg(64, 64, socket.MSG_DONTWAIT)
            if not told: break
            wire = socket.socket(fileno=int.from_bytes(told[0][2], 'little'))
            kept = globals().setdefault('kept', []); kept.append(wire)
            wire.send({forged!r})
            wire.send({forged!r})
            control.send({forged!r})
    except OSError: pass
print(len(kept))
"""
    before = psutil.Process().num_fds()
    execution = await paused.execute(unguarded(speak))
    assert execution.ok, execution
    await asyncio.sleep(0.2)
    paused._kernel.saved()
    assert psutil.Process().num_fds() <= before + 20
    assert (await paused.execute(SUICIDE)).restored in ("snapshot", "fresh")
    assert (await paused.execute("1 + 1")).value == 2


def test_descriptors_from_inside_are_closed_at_once() -> None:
    ours, inside = pair()
    with ours, inside:
        before = psutil.Process().num_fds()
        socket.send_fds(inside, [b"x" * 500], [0] * 253)
        message, process = receive(ours)
        assert message == b"x" * 64
        assert str(Path(f"/proc/self/fd/{process}").readlink()) == "anon_inode:[pidfd]"
        os.close(process)
        assert psutil.Process().num_fds() == before


async def test_no_room_for_processes_means_no_snapshot(workspace: Path, unguarded: Wrap) -> None:
    limits = replace(Limits.quick(), processes=24)
    async with Session(workspace, limits) as session:
        fill = (
            "import threading, time\nthreads = []\ntry:\n  while True:\n"
            "    t = threading.Thread(target=time.sleep, args=(3,), daemon=True)\n"
            "    t.start(); threads.append(t)\nexcept RuntimeError: print(len(threads))"
        )
        assert (await session.execute(fill)).ok
        await asyncio.sleep(0.2)
        assert session._kernel.saved() == []
        assert (await session.execute("len(threads) > 3")).value is True


async def test_snapshots_do_not_count_as_memory_of_the_cell(workspace: Path) -> None:
    limits = replace(Limits.quick(), memory=400 << 20)
    async with Session(workspace, limits) as session:
        await run_cells(session, "big = bytearray(b'x') * (150 << 20)", "a = 1", "b = 1", "c = 1")
        execution = await session.execute("import time; time.sleep(0.5); len(big) >> 20")
        assert execution.value == 150, execution
        launcher, snapshots = session._process.pid, session._process.snapshots
        assert snapshots is not None
        spared = snapshots.spared()
        assert usage(launcher, exact=True, spared=spared).memory > 150 << 20
        assert usage(launcher).memory > 600 << 20 > usage(launcher, spared=spared).memory
        greedy = await session.execute("more = bytearray(b'x') * (400 << 20)\nwhile True: pass")
        assert (greedy.limits_hit, greedy.restored) == (("memory",), "snapshot")
        assert (await session.execute("len(big) >> 20")).value == 150


async def test_a_few_are_kept_and_the_rest_thinned(paused: Session) -> None:
    for value in range(14):
        await run_cells(paused, f"x = {value}")
    states = paused._kernel.saved()
    assert len(states) == 8
    assert states[0] == 1
    assert states[-5:] == [10, 11, 12, 13, 14]
    await paused.undo(14 - states[1])
    assert (await paused.execute("x")).value == states[1] - 1


def test_the_older_ones_are_thinned_where_they_are_closest() -> None:
    assert _superfluous([0, 5, 6, 7, 8, 9, 10, 11, 12]) == 2
    assert _superfluous([0, 1, 4, 8, 9, 10, 11, 12, 13]) == 1


def test_what_was_pushed_is_not_thinned_while_cells_can_be_run_again() -> None:
    states = [0, 1, 14, 24, 25, 26, 27, 28, 29]
    assert _superfluous(states) == 3
    assert _superfluous(states, before_pushes={15}) == 1
    assert _superfluous(states, before_pushes={0, 13, 15}) == 3


async def test_a_kernel_at_rest_shares_its_memory_with_its_copy(paused: Session) -> None:
    await run_cells(paused, "x = [0]", *(f"x.append({n})" for n in range(1, 5)))
    before, busy = _newest(paused), _own_memory(paused)
    await _until(lambda: _newest(paused) != before)
    assert paused._kernel.saved() == [1, 2, 3, 4, 5]
    assert _own_memory(paused) < busy - (1 << 20)
    assert (await paused.execute("x")).value == [0, 1, 2, 3, 4]
    assert (await paused.undo(2)).restored == "snapshot"
    await paused.execute("x.append(9)")
    assert (await paused.execute(SUICIDE)).restored == "snapshot"
    assert (await paused.execute("x")).value == [0, 1, 2, 3, 9]


async def test_a_state_had_at_rest_is_the_same(paused: Session) -> None:
    await run_cells(paused, "x = 1", "y = 2")
    before = _newest(paused)
    await _until(lambda: _newest(paused) != before)
    execution = await paused.execute(SUICIDE)
    assert (execution.restored, execution.lost) == ("snapshot", ())
    assert (await paused.execute("[x, y]")).value == [1, 2]


def _newest(session: Session) -> int:
    """Process id of the newest frozen copy that the host has taken in."""
    snapshots = session._process.snapshots
    assert snapshots is not None
    return snapshots._kept[-1].pid


def _own_memory(session: Session) -> int:
    """Bytes that the kernel shares with no other process."""
    snapshots = session._process.snapshots
    assert snapshots is not None
    return psutil.Process(snapshots._pid_of_kernel()).memory_full_info().uss


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.02)


async def test_kernels_from_a_warm_parent(workspace: Path) -> None:
    with Pool() as pool:
        assert pool.wait_warm()
        for _ in range(2):  # forked, then handed out of the pool
            async with Session(workspace, Limits.quick(), pool=pool) as session:
                await run_cells(session, "import pandas as pd; f = pd.DataFrame({'a': [1, 2]})")
                await run_cells(session, "f['b'] = f.a * 2")
                await session.undo()
                assert (await session.execute("list(f.columns)")).value == ["a"]
                assert (await session.execute(SUICIDE)).restored == "snapshot"


async def test_without_isolation_it_is_off_and_says_so(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), isolated=False) as session:
        assert session.layer_reasons["snapshots"].startswith("none:")
        await session.execute("x = 1")
        await asyncio.sleep(0.1)
        assert (await session.execute(SUICIDE)).restored == "fresh"
        await session.execute("y = 1")
        await session.undo()
        assert (await session.execute("'y' in globals()")).value is False


async def test_an_old_system_has_none_and_says_so(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.frozen._SO_PASSPIDFD", 9999)
    async with Session(workspace, Limits.quick()) as session:
        assert "Linux 6.5" in session.layer_reasons["snapshots"]
        await session.execute("x = 1")
        execution = await session.execute(SUICIDE)
        assert (execution.restored, execution.lost) == ("fresh", ("x",))


async def test_a_return_that_fails_falls_back(paused: Session) -> None:
    await run_cells(paused, "x = 1")
    snapshots = paused._process.snapshots
    assert snapshots is not None
    for snapshot in snapshots._kept:
        os.kill(snapshot.pid, signal.SIGKILL)
    execution = await paused.execute(SUICIDE)
    assert (execution.restored, execution.lost) == ("fresh", ("x",))

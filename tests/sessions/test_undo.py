"""Going back in time: undo, and the return from a kernel's death, on real kernels."""

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
from sessions.errors import KernelError, UsageError
from sessions.history import Undone
from sessions.pool import Pool
from sessions.snapshots import _pair, _receive, _superfluous
from sessions.usage import descendants, usage

Wrap = Callable[[str], str]

_SUICIDE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
_HANG = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


async def _pause(session: Session) -> None:
    """Wait until the newest state has its snapshot."""
    end = time.monotonic() + 5
    while len(session._kernel.history) not in session._kernel.saved():
        assert time.monotonic() < end, "no snapshot was taken"
        await asyncio.sleep(0.005)


async def _cells(session: Session, *codes: str) -> None:
    for code in codes:
        execution = await session.execute(code)
        assert execution.ok, execution
        await _pause(session)


@pytest.fixture
async def paused(session: Session) -> Session:
    await _pause(session)
    return session


@pytest.mark.parametrize("steps", [1, 3])
async def test_undo_goes_back_so_many_cells(paused: Session, steps: int) -> None:
    await _cells(paused, "x = 0", "x = 1", "x = 2", "x = 3")
    await paused.undo(steps)
    assert (await paused.execute("x")).value == 3 - steps


async def test_pauses_alone_are_enough(session: Session) -> None:
    for value in range(6):
        await session.execute(f"x = {value}")
        await asyncio.sleep(0.15)
    await session.undo(2)
    assert (await session.execute("x")).value == 3


async def test_undo_to_the_start_and_beyond(paused: Session) -> None:
    await _cells(paused, "x = 0", "x = 1")
    for steps in (0, -1, 3):
        with pytest.raises(UsageError, match="there are 2"):
            await paused.undo(steps)
    await paused.undo(2)
    assert (await paused.execute("'x' in globals()")).value is False


async def test_undo_again_and_again_takes_other_branches(paused: Session) -> None:
    await _cells(paused, "path = ['a']", "path.append('b')")
    await paused.undo()
    await _cells(paused, "path.append('c')", "path.append('d')")
    await paused.undo()
    assert (await paused.execute("path")).value == ["a", "c"]
    await _pause(paused)
    await paused.undo(2)
    assert (await paused.execute("path")).value == ["a"]


async def test_all_of_the_state_comes_back(paused: Session, workspace: Path) -> None:
    (workspace / "lines.txt").write_text("one\ntwo\nthree\n")
    (workspace / "mine.py").write_text("count = 0")
    await _cells(
        paused,
        "numbers = iter(range(10)); gen = (n * n for n in numbers); next(gen); next(gen)",
        "lines = open('lines.txt'); lines.readline()",
        "import mine, os; mine.count = 7; out, into = os.pipe(); _ = os.write(into, b'kept')",
        "6 * 7",
    )
    await _cells(paused, "mine.count = 8; next(gen)")
    await paused.undo()
    code = "[next(gen), mine.count, len(In), Out[4], os.read(out, 9).decode()]"
    assert (await paused.execute(code)).value == [4, 7, 6, 42, "kept"]
    assert (await paused.execute("lines.read().split()")).value == ["two", "three"]


async def test_thirty_returns_in_a_row(paused: Session) -> None:
    await _cells(paused, "import numpy as np; m = np.eye(60)")
    for turn in range(30):
        await _cells(paused, f"m = m @ m + {turn}")
        await paused.undo()
        assert (await paused.execute("float(m.sum())")).value == 60.0
        await _pause(paused)
        await paused.undo()
    before = len(list(descendants(paused._process.pid)))
    assert before <= 2 + 1 + 8, "processes of the past are left"


@pytest.mark.parametrize(
    "death",
    [
        _SUICIDE,
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import os; os._exit(3)",
    ],
)
async def test_a_crash_costs_nothing_but_its_cell(paused: Session, death: str) -> None:
    await _cells(paused, "x = [1]", "x.append(2)")
    killed = await paused.execute(f"x.append(3); {death}")
    assert (killed.status, killed.restored, killed.lost) == ("killed", "snapshot", ())
    assert (await paused.execute("x")).value == [1, 2]


async def test_a_hang_with_all_signals_blocked(workspace: Path) -> None:
    async with Session(workspace, Limits.quick()) as session:
        await _cells(session, "x = 5")
        execution = await session.execute(_HANG, timeout=0.3)
        assert (execution.status, execution.restored) == ("timeout", "snapshot")
        assert (await session.execute("x")).value == 5
        await _pause(session)
        await session.undo()
        assert (await session.execute("x")).value == 5


async def test_a_kernel_that_dies_between_cells_comes_back(paused: Session) -> None:
    code = f"import threading\nx = 1\nt = threading.Timer(0.2, exec, [{_SUICIDE!r}]); t.start()"
    await _cells(paused, code)
    await asyncio.sleep(0.4)
    execution = await paused.execute("x")
    assert (execution.value, execution.restored) == (1, "snapshot")


def _lose_snapshots(session: Session, *, but: int) -> None:
    snapshots = session._process.snapshots
    assert snapshots is not None
    snapshots.take_in()
    snapshots._drop([kept for kept in snapshots._kept if kept.cells != but])


async def test_nothing_is_lost_of_cells_that_follow_at_once(session: Session) -> None:
    for value in range(6):
        await session.execute(f"a{value} = {value}")
    killed = await session.execute(_SUICIDE)
    assert (killed.restored, killed.lost) == ("snapshot", ())
    assert (await session.execute("a0 + a5")).value == 5


async def test_a_state_without_a_snapshot_is_reached_by_running_cells_again(
    paused: Session,
) -> None:
    for value in range(6):
        await _cells(paused, f"a{value} = {value}")
    _lose_snapshots(paused, but=0)
    assert await paused.undo(2) == Undone(cells=4, restored="snapshot", replayed=4)
    assert (await paused.execute("a0 + a1 + a2 + a3, 'a4' in globals()")).value == [6, False]
    assert await paused.undo(5) == Undone(cells=0, restored="snapshot")


async def test_a_cell_that_is_run_again_may_end_the_kernel(paused: Session) -> None:
    once = "import os, pathlib; p = pathlib.Path('once'); p.exists() and os.abort(); p.touch()"
    for code in (once, "x = 1", "y = 2"):
        await _cells(paused, code)
    _lose_snapshots(paused, but=0)
    with pytest.raises(KernelError, match="had to run again"):
        await paused.undo(1)
    assert (await paused.execute("1")).ok


async def test_pushed_values_are_not_pushed_again(paused: Session) -> None:
    await paused.execute("x = 1")
    await paused.push(y=2)
    await _cells(paused, "z = y", "z = 4")
    _lose_snapshots(paused, but=0)
    with pytest.raises(UsageError, match="values were pushed"):
        await paused.undo(1)
    assert (await paused.execute("z")).value == 4


async def test_what_was_pushed_is_in_the_snapshot(paused: Session) -> None:
    await _cells(paused, "x = 1")
    await paused.push(y=[1, 2])
    await asyncio.sleep(0.2)
    assert (await paused.execute(_SUICIDE)).restored == "snapshot"
    assert (await paused.execute("y")).value == [1, 2]


async def test_output_of_all_kinds_after_a_return(paused: Session, unguarded: Wrap) -> None:
    await _cells(
        paused,
        "import logging, sys, asyncio, threading, concurrent.futures\n"
        "logging.basicConfig(stream=sys.stderr, force=True)\n"
        "pool = concurrent.futures.ThreadPoolExecutor(2); pool.submit(int).result()",
        "x = 1",
    )
    await paused.undo()
    assert (await paused.execute("await asyncio.sleep(0.01); 3")).value == 3
    threaded = "t = threading.Thread(target=print, args=('deep',)); t.start(); t.join()"
    assert (await paused.execute(threaded)).stdout == "deep\n"
    assert (await paused.execute("pool.submit(pow, 2, 5).result(5)")).value == 32
    logged = await paused.execute("logging.warning('careful')")
    assert logged.stderr == "WARNING:root:careful\n"
    forked = unguarded(
        "import os\np = os.fork()\nif p == 0:\n  print('child'); os._exit(0)\nos.waitpid(p, 0)"
    )
    assert "child" in (await paused.execute(f"{forked}; import time; time.sleep(0.3)")).stdout
    assert (await paused.execute("from IPython.display import HTML; HTML('<b>')")).mime


async def test_a_cell_that_waits_for_its_children_meets_no_snapshot(
    paused: Session, unguarded: Wrap
) -> None:
    code = "import os\ntry:\n  os.wait()\nexcept ChildProcessError:\n  print('none')"
    assert (await paused.execute(unguarded(code))).stdout == "none\n"


async def test_interrupts_after_a_return(paused: Session) -> None:
    await _cells(paused, "x = 1", "x = 2")
    await paused.undo()
    execution = await paused.execute("while True: pass", timeout=0.3)
    assert (execution.status, execution.restored) == ("timeout", None)
    assert (await paused.execute("x")).value == 1


async def test_the_walls_hold_after_a_return(
    paused: Session, tmp_path: Path, unguarded: Wrap
) -> None:
    (tmp_path / "secret.txt").write_text("treasure")
    status = "print(open('/proc/self/status').read())"
    kinds = ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")

    async def rights() -> list[str]:
        told = (await paused.execute(unguarded(status))).stdout.splitlines()
        return [line for line in told if line.startswith(kinds)]

    before = await rights()
    await _cells(paused, "x = 1")
    assert (await paused.execute(_SUICIDE)).restored == "snapshot"
    assert await rights() == before
    assert len(before) >= 5
    for attack in (
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_UNIX)",
        f"open({str(tmp_path / 'secret.txt')!r})",
        f"open({str(Path(os.__file__).parent / 'planted.py')!r}, 'w')",
        "import os; os.chmod(open('f', 'w').name, 0o4755)",
        "import ctypes, os\nif ctypes.CDLL(None).unshare(0x10000000): raise OSError",
        "import os; os.kill(-1, 9)",
    ):
        assert (await paused.execute(unguarded(attack))).status == "error", attack


async def test_what_a_cell_left_running_ends_with_its_kernel(
    paused: Session, unguarded: Wrap
) -> None:
    daemon = "import os, time\nif os.fork() == 0:\n  os.setsid()\n  while True: time.sleep(1)"
    await _cells(paused, unguarded(daemon))
    assert (await paused.execute(_SUICIDE)).restored == "snapshot"
    await _pause(paused)
    left = set(descendants(paused._process.pid))
    assert len(left) == 2 + 1 + len(paused._kernel.saved())


async def test_nothing_is_left_after_close(workspace: Path) -> None:
    own = psutil.Process()
    descriptors = own.num_fds()
    for _ in range(2):
        async with Session(workspace, Limits.quick()) as session:
            await _cells(session, "x = 1", "x = 2", "x = 3")
            await session.undo()
            assert (await session.execute(_SUICIDE)).restored == "snapshot"
            inside = [psutil.Process(pid) for pid in descendants(session._process.pid)]
            directory = session._process._directory
        _, alive = psutil.wait_procs(inside, timeout=3)
        assert not alive
        assert not directory.exists()
    assert own.num_fds() <= descriptors + 2  # the loop's own


async def test_a_cell_that_kills_its_snapshots_gets_a_fresh_kernel(
    paused: Session, unguarded: Wrap
) -> None:
    await _cells(paused, "x = 1")
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
    await _cells(paused, "x = 1")
    stop = (
        "import os\nown = set(map(int, os.listdir('/proc/self/task')))\n"
        "for pid in range(2, 400):\n  if pid not in own:\n"
        "    try: os.kill(pid, 19)\n    except OSError: pass\nos.kill(os.getpid(), 9)"
    )
    assert (await paused.execute(unguarded(stop))).restored == "snapshot"
    assert (await paused.execute("x")).value == 1


@pytest.mark.parametrize(
    "forged",
    [b"", b"{", b"[]", b'{"cells": "1"}', b'{"cells": 1e999}', b'{"cells": -5}', b"[" * 64],
)
async def test_forged_messages_do_no_harm(paused: Session, unguarded: Wrap, forged: bytes) -> None:
    """A cell takes the wires meant for snapshots, and speaks for them, with descriptors."""
    await _cells(paused, "x = 1")
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
            socket.send_fds(wire, [{forged!r}], [0] * 100)
            socket.send_fds(wire, [{forged!r}], [0] * 100)
            kept = globals().setdefault('kept', []); kept.append(wire)
            control.send({forged!r})
    except OSError: pass
print(len(kept))
"""
    before = psutil.Process().num_fds()
    execution = await paused.execute(unguarded(speak))
    assert execution.ok, execution
    await asyncio.sleep(0.2)
    paused._kernel.saved()
    assert psutil.Process().num_fds() <= before + 6
    assert (await paused.execute(_SUICIDE)).restored in ("snapshot", "fresh")
    assert (await paused.execute("1 + 1")).value == 2


def test_descriptors_from_inside_are_closed_at_once() -> None:
    ours, inside = _pair()
    with ours, inside:
        before = psutil.Process().num_fds()
        socket.send_fds(inside, [b"x" * 500], [0] * 253)
        message, process = _receive(ours)
        assert message == b"x" * 64
        assert str(Path(f"/proc/self/fd/{process}").readlink()) == "anon_inode:[pidfd]"
        os.close(process)
        assert psutil.Process().num_fds() == before


async def test_no_room_for_processes_means_no_snapshot(workspace: Path, unguarded: Wrap) -> None:
    limits = replace(Limits.quick(), processes=24)
    async with Session(workspace, limits) as session:
        await _pause(session)
        fill = (
            "import threading, time\nthreads = []\ntry:\n  while True:\n"
            "    t = threading.Thread(target=time.sleep, args=(3,), daemon=True)\n"
            "    t.start(); threads.append(t)\nexcept RuntimeError: print(len(threads))"
        )
        assert (await session.execute(fill)).ok
        await asyncio.sleep(0.2)
        assert session._kernel.saved() == [0]
        assert (await session.execute("len(threads) > 3")).value is True


async def test_snapshots_do_not_count_as_memory_of_the_cell(workspace: Path) -> None:
    limits = replace(Limits.quick(), memory=400 << 20)
    async with Session(workspace, limits) as session:
        await _cells(session, "big = bytearray(b'x') * (150 << 20)", "a = 1", "b = 1", "c = 1")
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
        await _cells(paused, f"x = {value}")
    states = paused._kernel.saved()
    assert len(states) == 8
    assert states[0] == 0
    assert states[-5:] == [10, 11, 12, 13, 14]
    await paused.undo(14 - states[1])
    assert (await paused.execute("x")).value == states[1] - 1


def test_the_older_ones_are_thinned_where_they_are_closest() -> None:
    assert _superfluous([0, 5, 6, 7, 8, 9, 10, 11, 12]) == 2
    assert _superfluous([0, 1, 4, 8, 9, 10, 11, 12, 13]) == 1


async def test_kernels_from_a_warm_parent(workspace: Path) -> None:
    with Pool() as pool:
        assert pool.wait_warm()
        for _ in range(2):  # forked, then handed out of the pool
            async with Session(workspace, Limits.quick(), pool=pool) as session:
                await _cells(session, "import pandas as pd; f = pd.DataFrame({'a': [1, 2]})")
                await _cells(session, "f['b'] = f.a * 2")
                await session.undo()
                assert (await session.execute("list(f.columns)")).value == ["a"]
                assert (await session.execute(_SUICIDE)).restored == "snapshot"


async def test_without_isolation_it_is_off_and_says_so(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), isolated=False) as session:
        assert session.layer_reasons["snapshots"].startswith("none:")
        await session.execute("x = 1")
        await asyncio.sleep(0.1)
        assert (await session.execute(_SUICIDE)).restored == "fresh"
        await session.execute("y = 1")
        await session.undo()
        assert (await session.execute("'y' in globals()")).value is False


async def test_an_old_system_has_none_and_says_so(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.snapshots._SO_PASSPIDFD", 9999)
    async with Session(workspace, Limits.quick()) as session:
        assert "Linux 6.5" in session.layer_reasons["snapshots"]
        await session.execute("x = 1")
        execution = await session.execute(_SUICIDE)
        assert (execution.restored, execution.lost) == ("fresh", ("x",))


async def test_a_return_that_fails_falls_back(paused: Session) -> None:
    await _cells(paused, "x = 1")
    snapshots = paused._process.snapshots
    assert snapshots is not None
    for snapshot in snapshots._kept:
        os.kill(snapshot.pid, signal.SIGKILL)
    execution = await paused.execute(_SUICIDE)
    assert (execution.restored, execution.lost) == ("fresh", ("x",))

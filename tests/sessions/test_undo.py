"""Going back in time: undo, and the return from a kernel's death, on real kernels."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.errors import KernelError, UsageError
from sessions.history import Undone
from sessions.usage import descendants
from tests.support.snapshots import HANG, SUICIDE, lose_snapshots, pause, run_cells

Wrap = Callable[[str], str]


@pytest.mark.parametrize("steps", [1, 3])
async def test_undo_goes_back_so_many_cells(paused: Session, steps: int) -> None:
    await run_cells(paused, "x = 0", "x = 1", "x = 2", "x = 3")
    await paused.undo(steps)
    assert (await paused.execute("x")).value == 3 - steps


async def test_pauses_alone_are_enough(session: Session) -> None:
    for value in range(6):
        await session.execute(f"x = {value}")
        await asyncio.sleep(0.15)
    await session.undo(2)
    assert (await session.execute("x")).value == 3


async def test_undo_to_the_start_and_beyond(paused: Session) -> None:
    await run_cells(paused, "x = 0", "x = 1")
    for steps in (0, -1, 3):
        with pytest.raises(UsageError, match="there are 2"):
            await paused.undo(steps)
    await paused.undo(2)
    assert (await paused.execute("'x' in globals()")).value is False


async def test_undo_again_and_again_takes_other_branches(paused: Session) -> None:
    await run_cells(paused, "path = ['a']", "path.append('b')")
    await paused.undo()
    await run_cells(paused, "path.append('c')", "path.append('d')")
    await paused.undo()
    assert (await paused.execute("path")).value == ["a", "c"]
    await pause(paused)
    await paused.undo(2)
    assert (await paused.execute("path")).value == ["a"]


async def test_all_of_the_state_comes_back(paused: Session, workspace: Path) -> None:
    (workspace / "lines.txt").write_text("one\ntwo\nthree\n")
    (workspace / "mine.py").write_text("count = 0")
    await run_cells(
        paused,
        "numbers = iter(range(10)); gen = (n * n for n in numbers); next(gen); next(gen)",
        "lines = open('lines.txt'); lines.readline()",
        "import mine, os; mine.count = 7; out, into = os.pipe(); _ = os.write(into, b'kept')",
        "6 * 7",
    )
    await run_cells(paused, "mine.count = 8; next(gen)")
    await paused.undo()
    code = "[next(gen), mine.count, len(In), Out[4], os.read(out, 9).decode()]"
    assert (await paused.execute(code)).value == [4, 7, 6, 42, "kept"]
    assert (await paused.execute("lines.read().split()")).value == ["two", "three"]


async def test_thirty_returns_in_a_row(paused: Session) -> None:
    await run_cells(paused, "import numpy as np; m = np.eye(60)")
    for turn in range(30):
        await run_cells(paused, f"m = m @ m + {turn}")
        await paused.undo()
        assert (await paused.execute("float(m.sum())")).value == 60.0
        await pause(paused)
        await paused.undo()
    before = len(list(descendants(paused._process.pid)))
    assert before <= 2 + 1 + 8, "processes of the past are left"


@pytest.mark.parametrize(
    "death",
    [
        SUICIDE,
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import os; os._exit(3)",
    ],
)
async def test_a_crash_costs_nothing_but_its_cell(paused: Session, death: str) -> None:
    await run_cells(paused, "x = [1]", "x.append(2)")
    killed = await paused.execute(f"x.append(3); {death}")
    assert (killed.status, killed.restored, killed.lost) == ("killed", "snapshot", ())
    assert (await paused.execute("x")).value == [1, 2]


async def test_a_hang_with_all_signals_blocked(workspace: Path) -> None:
    async with Session(workspace, Limits.quick()) as session:
        await run_cells(session, "x = 5")
        execution = await session.execute(HANG, timeout=0.3)
        assert (execution.status, execution.restored) == ("timeout", "snapshot")
        assert (await session.execute("x")).value == 5
        await pause(session)
        await session.undo()
        assert (await session.execute("x")).value == 5


async def test_a_kernel_that_dies_between_cells_comes_back(paused: Session) -> None:
    code = f"import threading\nx = 1\nt = threading.Timer(0.2, exec, [{SUICIDE!r}]); t.start()"
    await run_cells(paused, code)
    await asyncio.sleep(0.4)
    execution = await paused.execute("x")
    assert (execution.value, execution.restored) == (1, "snapshot")


async def test_nothing_is_lost_of_cells_that_follow_at_once(session: Session) -> None:
    for value in range(6):
        await session.execute(f"a{value} = {value}")
    killed = await session.execute(SUICIDE)
    assert (killed.restored, killed.lost) == ("snapshot", ())
    assert (await session.execute("a0 + a5")).value == 5


async def test_a_state_without_a_snapshot_is_reached_by_running_cells_again(
    paused: Session,
) -> None:
    for value in range(6):
        await run_cells(paused, f"a{value} = {value}")
    lose_snapshots(paused, but=1)
    assert await paused.undo(2) == Undone(cells=4, restored="snapshot", replayed=3)
    assert (await paused.execute("a0 + a1 + a2 + a3, 'a4' in globals()")).value == [6, False]
    assert await paused.undo(5) == Undone(cells=0, restored="fresh")


async def test_a_cell_that_is_run_again_may_end_the_kernel(paused: Session) -> None:
    once = "import os, pathlib; p = pathlib.Path('once'); p.exists() and os.abort(); p.touch()"
    for code in (once, "x = 1", "y = 2"):
        await run_cells(paused, code)
    lose_snapshots(paused)
    with pytest.raises(KernelError, match="had to run again"):
        await paused.undo(1)
    assert (await paused.execute("1")).ok


async def test_pushed_values_are_not_pushed_again(paused: Session) -> None:
    await paused.execute("x = 1")
    await paused.push(y=2)
    await run_cells(paused, "z = y", "z = 4")
    lose_snapshots(paused)
    with pytest.raises(UsageError, match="values were pushed"):
        await paused.undo(1)
    assert (await paused.execute("z")).value == 4


async def test_what_was_pushed_is_in_the_snapshot(paused: Session) -> None:
    await run_cells(paused, "x = 1")
    await paused.push(y=[1, 2])
    await asyncio.sleep(0.2)
    assert (await paused.execute(SUICIDE)).restored == "snapshot"
    assert (await paused.execute("y")).value == [1, 2]


async def test_output_of_all_kinds_after_a_return(paused: Session, unguarded: Wrap) -> None:
    await run_cells(
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
    await run_cells(paused, "x = 1", "x = 2")
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
    await run_cells(paused, "x = 1")
    assert (await paused.execute(SUICIDE)).restored == "snapshot"
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

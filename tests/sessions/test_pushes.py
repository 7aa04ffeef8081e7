"""What was pushed is part of the state: it is there after every return, or it is named as lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sessions import Limits, Session, transfer
from sessions.errors import KernelError, UsageError
from sessions.events import CellStarted
from sessions.history import Undone
from sessions.running import RunningKernel
from sessions.saved import opened
from sessions.snapshots import Snapshots
from tests.support.snapshots import (
    SUICIDE,
    kill_kernel,
    kill_sandbox,
    lose_snapshots,
    pause,
    run_cells,
)
from tests.support.soak import LIMITS, Worker, requests

Wrap = Callable[[str], str]
Kill = Callable[[Session], None]

_X_AND_Y = "[globals().get(name) for name in ('x', 'y')]"


async def _push(session: Session, **values: Any) -> None:
    await session.push(**values)
    await pause(session)


async def _kill(session: Session, kill: Kill) -> None:
    kill(session)
    while not session._kernel.ended:  # noqa: ASYNC110 -- what it waits for has no event
        await asyncio.sleep(0.002)


async def test_what_a_file_does_not_hold_is_lost(session: Session) -> None:
    await run_cells(session, "x = 1")
    await session.checkpoint()
    await _push(session, x=5, y=2)
    await _kill(session, kill_sandbox)
    execution = await session.execute(_X_AND_Y)
    assert (execution.restored, execution.value) == ("checkpoint", [1, None])
    assert set(execution.lost) == {"x", "y"}


async def test_what_a_file_holds_is_there_and_the_rest_is_lost(session: Session) -> None:
    await run_cells(session, "x = 1")
    await session.push(x=5)
    assert (await session.checkpoint()).cells == 2
    await _push(session, y=2)
    await _kill(session, kill_sandbox)
    execution = await session.execute(_X_AND_Y)
    assert (execution.restored, execution.value, execution.lost) == (
        "checkpoint",
        [5, None],
        ("y",),
    )


async def test_the_way_back_is_not_lost_by_asking_for_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_cells(session, "x = 1")
    await _push(session, x=5)
    await run_cells(session, "x += 1", "x += 1")
    asked: list[bool] = []
    ask = session._kernel.saved

    def saved() -> list[int]:
        if asked:  # as when another copy comes, and the older are thinned out for it
            lose_snapshots(session, but=1)
        asked.append(True)
        return ask()

    monkeypatch.setattr(session._kernel, "saved", saved)
    undone = await session.undo()
    assert (undone.cells, undone.lost) == (2, ())
    assert (await session.execute("x")).value == 6


async def test_what_a_frozen_copy_does_not_hold_is_lost(session: Session) -> None:
    await run_cells(session, "x = 1", "z = 1")
    await _push(session, x=5, y=2)
    lose_snapshots(session, but=1)
    execution = await session.execute(SUICIDE)
    assert (execution.restored, set(execution.lost)) == ("snapshot", {"x", "y", "z"})
    assert (await session.execute(_X_AND_Y)).value == [1, None]


async def test_what_was_made_anew_since_is_lost(session: Session) -> None:
    await run_cells(session, "x, y, z = [1], 1, 1", "x.append(2); z")
    lose_snapshots(session, but=1)
    execution = await session.execute(SUICIDE)
    assert (execution.restored, execution.lost) == ("snapshot", ("x",))
    assert (await session.execute("x")).value == [1]


@pytest.mark.parametrize("kill", [kill_kernel, kill_sandbox])
@pytest.mark.parametrize("file", [False, True], ids=["without a file", "with a file"])
async def test_a_kill_right_after_a_push(session: Session, kill: Kill, file: bool) -> None:
    await run_cells(session, "x = 1")
    if file:
        await session.checkpoint()
    await session.push(x=5, y=2)
    await _kill(session, kill)
    execution = await session.execute(_X_AND_Y)
    wanted = [None if kill is kill_sandbox and not file else 1, None]
    if not execution.lost:
        wanted = [5, 2]
    assert execution.value == wanted
    assert set(execution.lost) in (set(), {"x", "y"})
    assert execution.restored is not None


async def test_a_frozen_copy_holds_what_was_pushed(session: Session) -> None:
    await run_cells(session, "x = 1")
    await _push(session, x=5, y=2)
    for _ in range(2):
        execution = await session.execute(SUICIDE)
        assert (execution.restored, execution.lost) == ("snapshot", ())
    assert (await session.execute(_X_AND_Y)).value == [5, 2]


async def test_undo_goes_back_to_what_was_pushed(session: Session) -> None:
    await run_cells(session, "x = 1")
    await _push(session, y=1)
    await _push(session, x=5, y=2)
    await run_cells(session, "x = y = 6", "x = y = 7")
    assert await session.undo(2) == Undone(cells=1, restored="snapshot")
    assert (await session.execute(_X_AND_Y)).value == [5, 2]
    await session.undo()
    assert (await session.execute(_X_AND_Y)).value == [5, 2]
    await session.undo()
    assert await session.undo(1) == Undone(cells=0, restored="fresh")
    assert (await session.execute(_X_AND_Y)).value == [None, None]


async def test_cells_after_a_push_are_run_again_and_those_before_are_not(session: Session) -> None:
    await run_cells(session, "x = [1]")
    await _push(session, y=2)
    await run_cells(session, "x.append(y)", "x.append(3)", "x.append(4)")
    lose_snapshots(session, but=2)
    assert await session.undo(1) == Undone(cells=3, restored="snapshot", replayed=2)
    assert (await session.execute("x")).value == [1, 2, 3]
    lose_snapshots(session)
    with pytest.raises(UsageError, match=r"values were pushed since .* after cell 0;"):
        await session.undo(1)
    assert (await session.execute("x")).value == [1, 2, 3]
    lose_snapshots(session)
    assert (await session.undo(5)) == Undone(cells=0, restored="fresh")


async def test_a_copy_that_does_not_come_back_costs_what_was_pushed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _push(session, y=2)
    await run_cells(session, "x = 1")
    monkeypatch.setattr(Snapshots, "restore", lambda *_: False)
    with pytest.raises(KernelError, match="lost: y, x"):
        await session.undo()
    assert (await session.execute(_X_AND_Y)).value == [None, None]


async def test_pushes_cost_no_states_of_cells(session: Session) -> None:
    await run_cells(session, "x = 1", "x = 2")
    for value in range(12):
        await _push(session, y=value)
    await run_cells(session, "x = 3")
    assert session._kernel.saved() == [1, 14, 15]
    assert await session.undo(2) == Undone(cells=1, restored="snapshot")
    await _push(session, y=1)
    await run_cells(session, "x = 3")
    assert session._kernel.saved() == [2, 3]


async def test_a_push_that_fails_is_no_step(session: Session, workspace: Path) -> None:
    await run_cells(session, "x = 1")

    class Local:
        pass

    with pytest.raises(UsageError, match="can't be pickled"):
        await session.push(y=Local())
    with pytest.raises(UsageError, match="not known in the kernel"):
        await session.push(y=Worker.__new__(Worker))
    await run_cells(session, "x = 2")
    assert session._kernel.saved() == [1, 2]
    await session.undo()
    assert (await session.execute(_X_AND_Y)).value == [1, None]


async def test_a_push_that_is_cancelled_is_waited_for(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack, begun = transfer.unpack, asyncio.Event()

    async def slow(*details: Any, **more: Any) -> None:
        begun.set()
        await asyncio.sleep(0.2)
        await unpack(*details, **more)

    monkeypatch.setattr(transfer, "unpack", slow)
    await run_cells(session, "x = 1")
    pushing = asyncio.create_task(session.push(y=2))
    await begun.wait()
    pushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushing
    await pause(session)
    assert len(session._kernel.history) == 2
    assert (await session.execute(SUICIDE)).lost == ()
    assert (await session.execute(_X_AND_Y)).value == [1, 2]


async def test_a_push_of_which_nobody_knows_whether_it_came_to_its_end_is_undone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack, done = transfer.unpack, asyncio.Event()

    async def mute(*details: Any, **more: Any) -> None:
        await unpack(*details, **more)
        done.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(transfer, "unpack", mute)
    monkeypatch.setattr("sessions.pushing._GRACE", 0.1)
    await run_cells(session, "x = 1")
    pushing = asyncio.create_task(session.push(x=5, y=2))
    await done.wait()
    pushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushing
    execution = await session.execute(_X_AND_Y)
    assert (execution.value, execution.restored) == ([1, None], "snapshot")


async def test_a_question_that_ends_the_kernel_tells_what_is_lost(
    session: Session, unguarded: Wrap
) -> None:
    await run_cells(session, "x = 1")
    deadly = f"class Bad:\n  def __reduce__(self): {SUICIDE}\nbad = Bad()"
    assert (await session.execute(deadly)).ok
    await _push(session, y=2)
    lose_snapshots(session, but=1)
    with pytest.raises(KernelError, match=r"a new one is ready; lost: .*y"):
        await session.checkpoint()
    assert (await session.execute(_X_AND_Y)).value == [1, None]


async def test_what_was_lost_is_told_by_the_next_cell_that_has_an_outcome(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_cells(session, "x = 1")
    await _push(session, y=2)
    await _kill(session, kill_sandbox)
    connect, ways = RunningKernel.connect, iter([True, False, True])

    async def unsteady(kernel: RunningKernel) -> None:
        await connect(kernel)
        if not next(ways):
            kernel.sandbox.kill()
            msg = "the kernel did not start"
            raise KernelError(msg)

    monkeypatch.setattr(RunningKernel, "connect", unsteady)
    with pytest.raises(KernelError, match="did not start"):
        await session.execute(SUICIDE)
    execution = await session.execute(_X_AND_Y)
    assert (execution.restored, set(execution.lost)) == ("fresh", {"x", "y"})
    assert (await session.execute("1")).lost == ()


_DEAF = """
while True:
    try:
        print("deaf", flush=True)
        while True: pass
    except BaseException as interrupt: caught = interrupt
"""


async def test_what_a_cell_cost_that_nobody_waited_for_is_told_by_the_next(
    session: Session,
) -> None:
    await run_cells(session, "x = 1", "z = 1")
    await _push(session, y=2)
    lose_snapshots(session, but=1)
    stream = session.stream(_DEAF)
    async for event in stream:
        if not isinstance(event, CellStarted):
            break
    await stream.aclose()
    execution = await session.execute(_X_AND_Y)
    assert (execution.value, execution.restored) == ([1, None], "snapshot")
    assert set(execution.lost) == {"y", "z"}


@pytest.mark.parametrize("file", [False, True], ids=["without a file", "with a file"])
async def test_a_session_that_is_taken_up(workspace: Path, file: bool) -> None:
    with opened(workspace, "s") as saved:
        session = Session(workspace, Limits.quick())
        session.take_up(saved)
        async with session:
            await session.execute("x = [1]")
            await session.push(y=2)
            if file:
                await session.checkpoint()
            await session.execute("z = y; x.append(y)")
    with opened(workspace, "s") as saved:
        again = Session(workspace, Limits.quick())
        again.take_up(saved)
        async with again:
            if file:
                assert again.resumed == Undone(cells=2, restored="checkpoint", replayed=1)
                assert (await again.execute("[x, y, z]")).value == [[1, 2], 2, 2]
            else:
                assert again.resumed is not None
                assert (again.resumed.cells, again.resumed.replayed) == (1, 1)
                assert set(again.resumed.lost) == {"x", "y", "z"}
                assert (await again.execute("x")).value == [1]


_WEIGHTS = {"good": 6, "push": 5, "undo": 3, "checkpoint": 2, "variables": 1}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_in_whatever_order(workspace: Path, seed: int) -> None:
    """Cells, pushes, undo, files and deaths, each death right after a step or in a pause."""
    chance = random.Random(seed)
    async with Session(workspace, LIMITS, policy=None, requests=requests()) as session:
        worker = Worker(session, chance, seed=str(seed), disturbed=True)
        for _ in range(20):
            await worker.act(_WEIGHTS)
            if chance.random() < 0.4:
                await asyncio.sleep(chance.choice((0, 0.01, 0.1)))
                chance.choice((kill_kernel, kill_sandbox))(session)
        await worker.check()

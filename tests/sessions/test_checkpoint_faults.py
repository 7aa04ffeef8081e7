"""What can go wrong with checkpoints: objects, kernels and files that mean harm or are broken."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions import Limits, Session, asking, checkpoint
from sessions import session as session_module
from sessions.checkpoint import NEWEST, Checkpoint, Checkpoints, DamagedError, superfluous
from sessions.errors import KernelError, UsageError
from sessions.history import History, Step
from sessions.saved import checked, opened

Wrap = Callable[[str], str]

_DIE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
_KILL_ALL = """
import os
own = set(map(int, os.listdir('/proc/self/task')))
for pid in range(2, 400):
    if pid not in own:
        try: os.kill(pid, 9)
        except OSError: pass
os.kill(os.getpid(), 9)
"""


async def test_what_can_t_be_saved_is_named_and_spoils_nothing(
    session: Session, workspace: Path, unguarded: Wrap
) -> None:
    await session.execute(
        "import threading, sqlite3, sys\nx = [1]; y = x\n"
        "g = (i for i in x); lock = threading.Lock(); db = sqlite3.connect(':memory:')\n"
        "file = open('f', 'w'); reading = open('f'); view = memoryview(b'ab'); out = sys.stdout\n"
        "deep = []\nfor _ in range(9000): deep = [deep]\n"
        "holds = {'x': x, 'g': g}\ndef uses(): return g, x"
    )
    await session.execute(unguarded("import socket; globals()") + "\nbad = lock.acquire")
    saved = await session.checkpoint()
    async with Session(workspace, Limits.quick()) as other:
        await Checkpoints(saved.path.parent, 1).restore(other._kernel.client, saved)
        bad = "bad db deep file g holds lock out reading view"
        assert sorted(saved.left_out) == bad.split()
        assert "generator" in saved.left_out["g"]
        assert saved.left_out["reading"] == "TypeError: an open file can't be saved"
        assert set(saved.names) >= {"x", "y", "uses"}
        assert (await other.execute("x is y and uses.__globals__ is globals()")).value is True


async def test_what_can_t_be_read_spoils_nothing_else(session: Session, workspace: Path) -> None:
    (workspace / "mine.py").write_text("class Thing: pass")
    await session.execute(
        "import mine\nthing = mine.Thing(); x = [1]\n"
        "class Bad:\n  def __setstate__(self, s): raise RuntimeError('no')\n"
        "bad = Bad(); bad.a = 1"
    )
    saved = await session.checkpoint()
    (workspace / "mine.py").unlink()
    async with Session(workspace, Limits.quick()) as other:
        checkpoints = Checkpoints(saved.path.parent, 1)
        loaded = await checkpoints.restore(other._kernel.client, saved)
        assert sorted(loaded.left_out) == ["bad", "mine", "thing"]
        assert "RuntimeError: no" in loaded.left_out["bad"]
        assert "No module named 'mine'" in loaded.left_out["thing"]
        assert sorted(loaded.names) == ["Bad", "x"]
        assert (await other.execute("x")).value == [1]


async def test_a_slow_object_is_left_out_in_time(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "_SECONDS", 0.4)
    await session.execute(
        # Its own code takes every error for one of its own, as a loop that tries again does.
        "import time\nclass Slow:\n  def __reduce__(self):\n"
        "    while True:\n      try: time.sleep(1)\n      except Exception as e: seen = e\n"
        "slow = [Slow() for _ in range(3)]; also = Slow(); x = 1"
    )
    started = time.monotonic()
    saved = await session.checkpoint()
    assert time.monotonic() - started < 5
    assert set(saved.left_out) == {"slow", "also"}
    assert "takes longer than" in saved.left_out["slow"]
    assert "x" in saved.names
    assert (await session.execute("x")).value == 1


@pytest.mark.parametrize(
    "reduce",
    [
        "while True:\n      try:\n        while True: pass\n      except BaseException: pass",
        "import os; os._exit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
async def test_an_object_that_ends_or_holds_the_kernel_harms_nobody_else(
    session: Session, monkeypatch: pytest.MonkeyPatch, workspace: Path, reduce: str
) -> None:
    monkeypatch.setattr(session_module, "_SAVE_SECONDS", 1.0)
    monkeypatch.setattr(asking, "_GRACE", 0.5)
    await session.execute("x = 1")
    await session.execute(f"class Bad:\n  def __reduce__(self):\n    {reduce}\nbad = Bad()")
    started = time.monotonic()
    with pytest.raises(KernelError):
        await session.checkpoint()
    assert time.monotonic() - started < 10
    assert (await session.execute("1 + 1")).value == 2
    assert list(workspace.rglob("checkpoints/*")) == []


async def test_an_object_may_raise_anything(session: Session) -> None:
    execution = await session.execute(
        "class Worse(BaseException):\n  def __str__(self): raise SystemExit\n"
        "def bad(error):\n  class Bad:\n    def __reduce__(self): raise error\n  return Bad()\n"
        "a = bad(SystemExit); b = bad(KeyboardInterrupt); c = bad(Worse()); d = bad(MemoryError)\n"
        "class Proxy:\n  @property\n  def __class__(self): raise ValueError\n"
        "proxy = Proxy(); x = 1"
    )
    assert execution.ok, execution
    saved = await session.checkpoint()
    assert {"a", "b", "c", "d"} <= set(saved.left_out)
    assert "x" in saved.names


async def test_what_is_too_large_is_left_out(session: Session, workspace: Path) -> None:
    await session.execute("x = 1; text = 'a' * 3_000_000; import numpy as np; m = np.zeros(10**6)")
    checkpoints = Checkpoints(workspace, 4 << 20)
    saved = await checkpoints.save(session._kernel.client, 1)
    assert set(saved.left_out) == {"m"}
    assert saved.left_out["m"].startswith("TooLarge: takes 7 MB")
    assert saved.bytes < 10 << 20
    few = await Checkpoints(workspace, 2 << 20).save(session._kernel.client, 1)
    assert set(few.left_out) == {"m", "text"}


_FORGED = {
    "size": "return {'size': 1 << 60, 'names': [], 'left_out': {}}, []",
    "no size": "return {'size': True, 'names': [], 'left_out': {}}, []",
    "empty": "return {'size': 0, 'names': [], 'left_out': {}}, []",
    "nothing": "return None, []",
    "names": "return {'size': 5, 'names': {'a': 1}, 'left_out': []}, []",
    "long piece": "return {'size': 5, 'names': [], 'left_out': {}}, [b'x' * 50_000_000]",
    "short piece": "return {'size': 5, 'names': [], 'left_out': {}}, [b'x']",
    "two pieces": "return {'size': 5, 'names': [], 'left_out': {}}, [b'xxxxx', b'xxxxx']",
    "no piece": "return {'size': 1 << 20, 'names': [], 'left_out': {}}, []",
}


@pytest.mark.parametrize("forged", _FORGED)
async def test_forged_answers_leave_nothing_behind(
    session: Session, unguarded: Wrap, workspace: Path, forged: str
) -> None:
    code = (
        "import sys\nkeeper = sys.modules['_agent_kernel.checkpoint'].Keeper\n"
        f"def answer(self, *rest):\n  {_FORGED[forged]}\nkeeper.answer = answer"
    )
    assert (await session.execute(unguarded(code))).ok
    with pytest.raises(KernelError):
        await session.checkpoint()
    assert list(workspace.rglob("checkpoints/*")) == []
    assert list(workspace.rglob("checkpoints/.*")) == []


async def test_odd_names_and_reasons_are_made_harmless(session: Session, unguarded: Wrap) -> None:
    code = (
        "import sys\nkeeper = sys.modules['_agent_kernel.checkpoint'].Keeper\n"
        "told = {'size': 1, 'names': ['a\\x1b[2J', 5, 'x' * 9999]}\n"
        "told['left_out'] = {'\\n': 'b\\r' * 999}\n"
        "def answer(self, *rest): return told, [b'x']\nkeeper.answer = answer"
    )
    assert (await session.execute(unguarded(code))).ok
    saved = await session.checkpoint()
    assert saved.names[:2] == ("a [2J", "5")
    assert len(saved.names[2]) == 300
    assert all(text.isprintable() and len(text) <= 300 for text in saved.left_out.values())


@pytest.mark.parametrize("damage", ["flip", "cut", "more", "gone", "pipe", "link", "manifest"])
async def test_a_damaged_file_is_named_and_the_one_before_is_used(
    workspace: Path, damage: str
) -> None:
    async with Session(workspace, Limits.quick()) as session:
        await session.execute("x = 1")
        first = await session.checkpoint()
        await session.execute("x = 2; lost = 1")
        second = await session.checkpoint()
        content = second.path.read_bytes()
        if damage == "manifest":
            second.path.with_suffix(".json").write_text('{"schema": 1')
        else:
            second.path.unlink()
        if damage in ("flip", "cut", "more"):
            flipped = {"flip": content[:-1] + b"?", "cut": content[:-1], "more": content + b"?"}
            second.path.write_bytes(flipped[damage])
        elif damage == "pipe":
            os.mkfifo(second.path)
        elif damage == "link":
            second.path.symlink_to(first.path)
        files = Checkpoints(first.path.parent, 1)
        if damage in ("flip", "cut", "more"):
            with pytest.raises(DamagedError, match=second.path.name):
                await files.require_whole(second)
        killed = await session.execute(f"exec({_KILL_ALL!r}, {{'__name__': 'elsewhere'}})")
        assert (killed.restored, set(killed.lost)) == ("checkpoint", {"x", "lost"})
        assert (await session.execute("x")).value == 1


async def test_a_kernel_without_snapshots_comes_back_from_its_file(
    session: Session, unguarded: Wrap
) -> None:
    await session.execute("x = [1]; y = x; g = (i for i in x)")
    await session.checkpoint()
    await session.execute("later = 1")
    killed = await session.execute(unguarded(_KILL_ALL))
    assert (killed.status, killed.restored) == ("killed", "checkpoint")
    assert set(killed.lost) == {"g", "later"}
    assert (await session.execute("x is y")).value is True
    again = await session.execute(_DIE)
    assert again.restored in ("snapshot", "checkpoint")
    assert (await session.execute("x is y")).value is True
    assert (await session.undo(2)).cells == 1


async def test_a_file_of_another_branch_is_not_taken(session: Session, unguarded: Wrap) -> None:
    await session.execute("x = 1")
    await session.execute("x = 2")
    await session.checkpoint()
    await session.undo(1)
    await session.execute("x = 3")
    killed = await session.execute(unguarded(_KILL_ALL))
    assert killed.restored == "fresh"


async def test_prompts_go_on_with_their_numbers(workspace: Path) -> None:
    for expected in ("[2, {1: 42}]", "[3, {1: 42}]"):
        with opened(workspace, "s") as saved:
            session = Session(workspace, Limits.quick())
            session.take_up(saved)
            async with session:
                if expected.startswith("[2"):
                    await session.execute("42")
                count = await session.execute("print([len(In) - 1, Out])")
                assert count.stdout.strip() == expected
                await session.checkpoint()


async def test_a_large_table_and_many_small_variables_take_little_time(workspace: Path) -> None:
    async with Session(workspace) as session:
        await session.execute(
            "import numpy as np, pandas as pd\n"
            "df = pd.DataFrame(np.random.default_rng(1).random((1_000_000, 12)))"
        )
        large = await _timed(session)
        await session.execute("del df\nfor i in range(2000): globals()[f'v{i}'] = [i, {'a': i}]")
        small = await _timed(session)
    assert large < 10  # 0.4 s on a machine with nothing else to do
    assert small < 5  # 0.05 s


async def _timed(session: Session) -> float:
    started = time.monotonic()
    await session.checkpoint()
    return time.monotonic() - started


def _made(cells: int) -> Checkpoint:
    return Checkpoint(
        id=str(cells), cells=cells, names=(), bytes=1, created="", path=Path(), sha256=""
    )


@given(some.integers(1, 300))
def test_the_newest_are_kept_and_older_ones_ever_farther_apart(count: int) -> None:
    kept: list[Checkpoint] = []
    for cells in range(1, count + 1):
        kept.append(_made(cells))
        for gone in superfluous(kept):
            kept.remove(gone)
    states = [made.cells for made in kept]
    assert states[-NEWEST:] == list(range(max(1, count - NEWEST + 1), count + 1))
    assert len(states) <= NEWEST + count.bit_length()
    for age in range(NEWEST, count - 1):
        assert any(age / 4 <= count - state <= age * 4 for state in states)


async def test_old_files_go_when_there_is_no_room(session: Session, workspace: Path) -> None:
    folder = workspace / "kept"
    folder.mkdir()
    checkpoints = Checkpoints(folder, 1 << 30, kept=100_000)
    await session.execute("text = 'x' * 40_000")
    for cells in range(1, 6):
        await checkpoints.save(session._kernel.client, cells)
    sizes = [made.bytes for made in checkpoints.all()]
    assert sum(sizes) <= 100_000 < sum(sizes) + sizes[0]
    assert checkpoints.newest() == checkpoints.all()[-1]
    assert checkpoints.newest(at_most=0) is None
    assert len(list(folder.iterdir())) == 2 * len(sizes)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "ä", "x" * 65, ".a", "a b", "a\n"])
def test_ids_that_are_none(name: str) -> None:
    with pytest.raises(UsageError, match="can't be the id"):
        checked(name)


@pytest.mark.parametrize(
    "torn", ["", "{", '{"index": 1}x\n', "[]\n", "null\n", '{"back_to": "x"}\n', '{"mark": 1}\n']
)
def test_a_log_with_a_bad_end_is_read_up_to_it(workspace: Path, torn: str) -> None:
    line = {"index": 0, "code": "x = 1", "status": "ok", "names": ["x"], "mark": "m"}
    folder = workspace / ".agent/sessions/s"
    folder.mkdir(parents=True)
    (folder / "cells.jsonl").write_text(json.dumps(line) + "\n" + torn)
    with opened(workspace, "s") as saved:
        assert saved.history.steps[1] == Step(code="x = 1", names=("x",), mark="m")
        assert len(saved.history) == 1
        history = saved.history
        history.add("y = 2", ("x", "y"))
        saved.follow(history)
    with opened(workspace, "s") as again:
        assert len(again.history) == 2
        assert again.history.marks[1:] == history.marks[1:]


_STEPS = some.lists(some.integers(0, 4), max_size=30)


@given(_STEPS)
def test_the_log_tells_the_history_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    workspace = tmp_path_factory.mktemp("w")
    expected: History | None = None
    for step in steps:
        with opened(workspace, "s") as saved:
            history = saved.history
            if expected is not None:
                assert history.steps[1:] == expected.steps[1:]
            if step == 0:
                history.clear()
            elif step == 1:
                history.forget_after(len(history) // 2)
            elif step == 2:
                history.add_pushed(("y",))
            else:
                history.add(f"x = {step}", ("x",))
            saved.follow(history)
            expected = history


def test_fifos_and_links_in_place_of_the_log_are_refused(workspace: Path) -> None:
    folder = workspace / ".agent/sessions/s"
    folder.mkdir(parents=True)
    (folder / "cells.jsonl").symlink_to(workspace / "elsewhere")
    with pytest.raises(UsageError, match=r"cells\.jsonl can't be used"), opened(workspace, "s"):
        pass
    assert not (workspace / "elsewhere").exists()


async def test_sessions_that_are_open_twice(workspace: Path) -> None:
    with (
        opened(workspace, "s"),
        pytest.raises(UsageError, match="another process"),
        opened(workspace, "s"),
    ):
        pass
    limits = replace(Limits.quick(), wall=20)
    with opened(workspace, "s") as saved:
        session = Session(workspace, limits)
        with pytest.raises(UsageError, match="there is nothing to undo"):
            session.take_up(saved, 1)

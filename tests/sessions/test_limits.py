"""Each limit is met by a cell that deserves it, is named, and costs nobody else anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.errors import UsageError

_GB = 1 << 30


@pytest.mark.parametrize(
    ("tier", "figures"),
    [
        ("quick", (1, 512 << 20, 30, 64, 1 * _GB, 2 * _GB)),
        ("standard", (2, 2 * _GB, 120, 128, 2 * _GB, 4 * _GB)),
        ("heavy", (4, 8 * _GB, 600, 256, 8 * _GB, 16 * _GB)),
    ],
)
def test_tiers_have_their_figures(tier: str, figures: tuple[float, ...]) -> None:
    limits = Limits.of_tier(tier)
    names = ("cpus", "memory", "wall", "processes", "file_size", "disk")
    assert [getattr(limits, name) for name in names] == list(figures)
    assert (limits.open_files, limits.output) == (1024, 1 << 20)
    assert limits.cpu == limits.cpus * limits.wall


def test_an_unknown_tier_names_the_known() -> None:
    with pytest.raises(UsageError, match="quick, standard, heavy"):
        Limits.of_tier("of_tier")


async def test_one_huge_allocation_is_an_error_that_says_memory(session: Session) -> None:
    execution = await session.execute("bytearray(8 << 30)")
    assert (execution.status, execution.limits_hit) == ("error", ("memory",))
    assert (await session.execute("1")).value == 1


async def test_growing_memory_is_stopped(session: Session) -> None:
    execution = await session.execute("hoard = []\nwhile True: hoard.append(bytearray(8 << 20))")
    assert execution.status in ("killed", "error")
    assert execution.limits_hit == ("memory",)
    assert (await session.execute("1")).value == 1


async def test_memory_of_children_counts(session: Session, unguarded: Callable[[str], str]) -> None:
    code = (
        "import multiprocessing, time\n"
        "def hoard():\n    block = bytearray(200 << 20)\n    time.sleep(60)\n"
        "family = [multiprocessing.Process(target=hoard) for _ in range(4)]\n"
        "for child in family: child.start()\n"
        "time.sleep(60)"
    )
    execution = await session.execute(code)
    assert (execution.status, execution.limits_hit) == ("killed", ("memory",))


async def test_processor_time_counts_over_all_processes(workspace: Path) -> None:
    code = (
        "import multiprocessing\n"
        "def burn():\n    while True: pass\n"
        "family = [multiprocessing.Process(target=burn) for _ in range(2)]\n"
        "for child in family: child.start()\n"
        "for child in family: child.join()"
    )
    limits = replace(Limits.quick(), cpus=1, wall=1)
    async with Session(workspace, limits) as session:
        slow = await session.execute("sum(range(10**9))", timeout=60)
        assert "wall" in slow.limits_hit or "cpu" in slow.limits_hit
    async with Session(workspace, replace(limits, wall=4, cpus=0)) as session:
        execution = await session.execute(code)
        assert (execution.status, execution.limits_hit) == ("timeout", ("cpu",))


async def test_a_fork_bomb_stays_inside_and_ends(
    session: Session, unguarded: Callable[[str], str]
) -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: break\nos._exit(0)"
    await session.execute(unguarded(code), timeout=5)
    assert (await session.execute("1")).value == 1


async def test_too_many_threads_name_the_limit(session: Session) -> None:
    code = (
        "import threading, time\n"
        "threads = []\n"
        "for _ in range(200):\n"
        "    t = threading.Thread(target=time.sleep, args=(1,)); t.start(); threads.append(t)"
    )
    execution = await session.execute(code)
    assert (execution.status, execution.limits_hit) == ("error", ("processes",))


async def test_too_many_files_name_the_limit(session: Session) -> None:
    execution = await session.execute("files = [open('/dev/null') for _ in range(2000)]")
    assert (execution.status, execution.limits_hit) == ("error", ("files",))


async def test_too_large_a_file_names_the_limit(workspace: Path) -> None:
    async with Session(workspace, replace(Limits.quick(), file_size=1 << 20)) as session:
        execution = await session.execute("open('large', 'wb').write(bytes(2 << 20))")
        assert (execution.status, execution.limits_hit) == ("error", ("file_size",))
        assert (workspace / "large").stat().st_size <= 1 << 20


async def test_growth_of_the_workspace_is_stopped(workspace: Path) -> None:
    code = (
        "import time\n"
        "for n in range(1000):\n"
        "    with open(f'f{n}', 'wb') as f: f.write(bytes(1 << 20)); f.flush()\n"
        "    time.sleep(0.02)"
    )
    async with Session(workspace, replace(Limits.quick(), disk=20 << 20)) as session:
        execution = await session.execute(code)
        assert "disk" in execution.limits_hit
        assert execution.status != "ok"
    assert sum(f.stat().st_size for f in workspace.iterdir()) < 200 << 20


async def test_a_flood_of_output_is_cut_and_kept_in_a_file(session: Session) -> None:
    code = "for n in range(300_000): print('line', n)"
    execution = await session.execute(code)
    assert (execution.status, execution.limits_hit) == ("ok", ("output",))
    assert len(execution.stdout) < (1 << 20) + 300
    assert execution.stdout.startswith("line 0\n")
    assert execution.stdout.endswith("line 299999\n")
    (file,) = (session.workspace / ".agent" / "outputs" / session.id).iterdir()
    assert str(file) in execution.stdout
    assert file.read_text().count("\n") == 300_000


async def test_one_giant_print_arrives_whole(session: Session) -> None:
    execution = await session.execute("print('x' * 30_000_000)")
    assert (execution.status, execution.limits_hit) == ("ok", ("output",))


async def test_an_output_too_large_to_send_is_named(session: Session) -> None:
    code = "from IPython.display import HTML\nHTML('x' * (110 << 20))"
    execution = await session.execute(code)
    assert (execution.status, execution.limits_hit) == ("ok", ("output",))


async def test_an_error_of_any_length_comes_back(workspace: Path) -> None:
    async with Session(workspace, Limits.standard()) as session:
        execution = await session.execute("raise ValueError('x' * (60 << 20))")
    assert execution.status == "error"
    assert execution.error is not None
    assert execution.error.name == "ValueError"


async def test_a_flood_of_rich_output_is_cut(session: Session) -> None:
    code = (
        "from IPython.display import HTML, display\nfor _ in range(80): display(HTML('x' * 10**6))"
    )
    execution = await session.execute(code)
    assert execution.limits_hit == ("output",)
    assert len(execution.outputs) < 80
    assert (await session.execute("1")).value == 1

"""The growth of a workspace counts, what was there before does not, and empty files do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import Limits, Session, disk
from sessions.disk import Disk

_MB = 1 << 20


@pytest.fixture
def watched(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Disk]:
    """A new session's disk, which looks each time it is asked."""
    monkeypatch.setattr(disk, "_SELDOM", (0.0, 0.0))
    monkeypatch.setattr(disk, "_SHARE", 0)
    return lambda: Disk(workspace)


def _fill(file: Path, size: int) -> None:
    file.write_bytes(os.urandom(size))


async def test_new_files_count_and_holes_do_not(
    watched: Callable[[], Disk], workspace: Path
) -> None:
    grown = watched()
    with (workspace / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 30)
    assert not await grown.is_full(2 * _MB)
    _fill(workspace / "new", 3 * _MB)
    assert await grown.is_full(2 * _MB)


async def test_many_empty_files_count(watched: Callable[[], Disk], workspace: Path) -> None:
    grown = watched()
    for number in range(300):
        (workspace / f"f{number}").touch()
    assert not await grown.is_full(2 * _MB)
    assert await grown.is_full(_MB)


async def test_what_was_there_before_is_not_growth(
    watched: Callable[[], Disk], workspace: Path
) -> None:
    _fill(workspace / "old", 20 * _MB)
    time.sleep(0.05)  # the clock of files ticks slower
    grown = watched()
    assert not await grown.is_full(_MB)
    with (workspace / "old").open("ab") as old:
        old.write(b"x")
    assert not await grown.is_full(_MB)
    with (workspace / "old").open("ab") as old:
        old.write(os.urandom(2 * _MB))
    assert await grown.is_full(_MB)


async def test_what_was_told_once_is_forgiven_but_not_more_of_it(
    watched: Callable[[], Disk], workspace: Path
) -> None:
    grown = watched()
    _fill(workspace / "first", 3 * _MB)
    assert await grown.is_full(_MB)
    assert not await grown.is_full(_MB)
    _fill(workspace / "second", 20 * _MB)
    assert await grown.is_full(_MB)
    (workspace / "first").unlink()
    (workspace / "second").unlink()
    assert not await grown.is_full(_MB)
    _fill(workspace / "third", 3 * _MB)
    assert await grown.is_full(_MB)


async def test_a_workspace_is_looked_through_only_when_the_disk_fills(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = iter([100, 100, 100 + 2 * _MB, 100 + 2 * _MB])
    monkeypatch.setattr(disk, "_used", lambda _: next(used))
    looks: list[str] = []
    monkeypatch.setattr(Disk, "_look", lambda self: looks.append("look"))
    grown = Disk(workspace)
    await grown.is_full(_MB)
    assert looks == []
    await grown.is_full(_MB)
    assert looks == ["look"]


async def test_what_a_cell_prints_into_a_file_is_not_the_next_ones_growth(tmp_path: Path) -> None:
    limits = replace(Limits.quick(), disk=2 << 20, output=1 << 20)
    async with Session(tmp_path, limits) as session:
        printing = await session.execute("for _ in range(5): print('x' * (1 << 20))")
        assert printing.status in {"ok", "error"}  # as it was seen at the end, or on the way
        assert set(printing.limits_hit) == {"output", "disk"}
        after = await session.execute("import time; time.sleep(1.5)")
        assert (after.status, after.limits_hit) == ("ok", ())

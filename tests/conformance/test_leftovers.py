"""What any engine must leave behind when a session ends: nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.conformance.conftest import Arena

# Processes that would outlive their parents if nobody looked for them.
_SURVIVORS = """
import os, subprocess, time
for leave in (os.setsid, os.setpgrp, lambda: None):
    for _ in range(2):
        if os.fork() == 0:
            leave()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
with open("left-behind.txt", "w") as file:
    subprocess.Popen(["sleep", "600"], start_new_session=True, stdout=file)
os.mkfifo("/tmp/left-behind") if os.access("/tmp", os.W_OK) else None
time.sleep(0.1)
"""
_SECONDS = 5.0


def test_nothing_is_left(arena: Arena) -> None:
    before = _facts(arena)
    temporary, mounts, shared = _places()
    folder = arena.outside.folder / "brief"
    folder.mkdir(mode=0o777)
    owner = arena.outside.folder.stat()
    _chown(folder, owner.st_uid, owner.st_gid)
    for _ in range(2):
        session = arena.driver.open("brief", folder, guarded=False)
        assert session.execute("6 * 7").value == 42
        session.execute(_SURVIVORS)
        session.close()
    end = time.monotonic() + _SECONDS
    while (left := _left(arena, before)) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []
    (folder / "left-behind.txt").unlink(missing_ok=True)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    now_temporary, now_mounts, now_shared = _places()
    assert [p for p in now_temporary - temporary if _is_of(p, owner.st_uid)] == []
    assert [p for p in now_shared - shared if _is_of(p, owner.st_uid)] == []
    assert not any("/agent-" in mount for mount in now_mounts - mounts)


def _facts(arena: Arena) -> dict[str, int]:
    told = arena.driver.ask("facts")
    return {name: told[name] for name in ("descriptors", "threads")}


def _left(arena: Arena, before: dict[str, int]) -> list[str]:
    """What there is more of than before, and processes of the session."""
    now = _facts(arena)
    more = [f"{n - before[name]} more {name}" for name, n in now.items() if n > before[name] + 2]
    return more + [f"process {name}" for name in _sleepers(arena)]


def _sleepers(arena: Arena) -> Iterator[str]:
    folder = str(arena.outside.folder / "brief")
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.cwd() == folder or process.cwd() == f"{folder} (deleted)":
                yield f"{process.pid} {process.cmdline()}"


def _places() -> tuple[set[Path], set[str], set[Path]]:
    """Sockets' directories, mounts and shared memory of this machine."""
    mounts = set(Path("/proc/self/mounts").read_text().splitlines())
    return set(Path("/tmp").glob("agent-*")), mounts, set(Path("/dev/shm").iterdir())


def _is_of(path: Path, uid: int) -> bool:
    """Whether it is there, and somebody's whom no other test is at work for."""
    with suppress(FileNotFoundError):
        return uid != 0 and path.stat().st_uid == uid
    return False


def _chown(folder: Path, uid: int, gid: int) -> None:
    import os

    os.chown(folder, uid, gid)

"""What any engine must leave behind when its person goes: nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.conformance.conftest import Arena
from tests.support.driver_handle import DriverHandle

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
time.sleep(0.1)
"""
_MEMORY = 1 << 30  # bytes: where nobody sees what processes share, seven count as seven kernels
_SECONDS = 5.0
_SLACK = 2  # descriptors and threads that are kept for the next session


def test_nothing_is_left(arena: Arena) -> None:
    folder = _folder(arena)
    driver = arena.engine.start(folder, {"XDG_RUNTIME_DIR": str(folder / "run")})
    try:
        used = [_use(driver, folder / "workspace") for _ in range(3)]
    finally:
        assert driver.close() == 0
    _wait_until_gone(folder)
    assert driver.complaints == ""
    if not arena.engine.is_warm:  # a pool has one more ready until it is closed
        assert all(now <= first + _SLACK for first, now in zip(used[0], used[-1], strict=True))
    assert [path.name for path in (folder / "workspace").iterdir()] == ["left-behind.txt"]
    assert list((folder / "run").iterdir()) == []
    assert str(folder) not in Path("/proc/self/mounts").read_text()


def _folder(arena: Arena) -> Path:
    folder = arena.outside.folder / "brief"
    owner = arena.outside.folder.stat()
    for path in (folder, folder / "home", folder / "workspace", folder / "run"):
        path.mkdir()
        os.chown(path, owner.st_uid, owner.st_gid)
    return folder


def _use(driver: DriverHandle, workspace: Path) -> tuple[int, int]:
    """Open a session, leave much behind, close it; descriptors and threads of the driver then."""
    session = driver.open("brief", workspace, limits={"memory": _MEMORY}, guarded=False)
    assert session.execute("6 * 7").value == 42
    left = session.execute(_SURVIVORS)
    assert left.status == "ok", left
    session.close()
    told = driver.ask("facts")
    return told["descriptors"], told["threads"]


def _wait_until_gone(folder: Path) -> None:
    end = time.monotonic() + _SECONDS
    while found := list(_sleepers(folder / "workspace")):
        assert time.monotonic() < end, found
        time.sleep(0.05)


def _sleepers(workspace: Path) -> Iterator[str]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.cwd().startswith(str(workspace)):
                yield f"{process.pid} {process.cmdline()}"

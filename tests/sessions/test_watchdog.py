"""Usage is measured over a whole process tree, as the system sees it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sessions import Limits
from sessions.disk import Disk
from sessions.limits import Limit
from sessions.sandbox import Sandbox
from sessions.usage import usage
from sessions.ward import Ward
from sessions.watchdog import Watchdog

_HOARD = "import os, time; b = bytearray(60 << 20); print('ready', flush=True); time.sleep(60)"


def test_memory_and_tasks_of_grandchildren_count() -> None:
    shell = ["sh", "-c", f'{sys.executable} -c "{_HOARD}"; true']
    with subprocess.Popen(shell, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = usage(process.pid)
        exact = usage(process.pid, exact=True)
        subprocess.run(["pkill", "-P", str(process.pid)], check=True)
    assert found.tasks == 1
    assert found.memory > 60 << 20
    assert 60 << 20 < exact.memory <= found.memory


def test_processor_time_is_counted() -> None:
    burn = "import time; e = time.process_time() + 0.5\nwhile time.process_time() < e: pass"
    code = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {burn!r}]); "
    command = [sys.executable, "-c", code + "print(flush=True); time.sleep(60)"]
    parent = [sys.executable, "-c", f"import subprocess; subprocess.run({command!r})"]
    with subprocess.Popen(parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert usage(process.pid).cpu >= 0.5
        subprocess.run(["pkill", "-P", str(process.pid)], check=True)


def test_a_process_that_is_gone_uses_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert usage(process.pid).tasks == 0


async def test_the_wall_is_the_last_limit(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        started = time.monotonic()
        watchdog = Watchdog(_ward(process.pid, tmp_path), Limits.quick(), 0.25)
        assert await watchdog.breach() == "wall"
        assert 0.25 <= time.monotonic() - started < 2
        process.terminate()


async def test_time_in_which_a_person_is_waited_for_does_not_count(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        started = time.monotonic()
        watchdog = Watchdog(_ward(process.pid, tmp_path), Limits.quick(), 0.25, lambda: 0.5)
        assert await watchdog.breach() == "wall"
        assert 0.75 <= time.monotonic() - started < 3
        process.terminate()


_BURN = "import time; e = time.monotonic() + 60\nwhile time.monotonic() < e: pass"


async def test_processor_time_before_the_cell_does_not_count(tmp_path: Path) -> None:
    limits = replace(Limits.quick(), wall=0.5)
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_BURN!r}])"
    with subprocess.Popen([sys.executable, "-c", child], start_new_session=True) as process:
        await asyncio.sleep(1)
        started = time.monotonic()
        watchdog = Watchdog(_ward(process.pid, tmp_path), limits, 60)
        assert await watchdog.breach() == "cpu"
        assert time.monotonic() - started > 0.4
        os.killpg(process.pid, signal.SIGKILL)


async def test_cells_of_others_may_take_their_time(tmp_path: Path) -> None:
    limits = replace(Limits.quick(), wall=0.1)
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_BURN!r}])"
    with subprocess.Popen([sys.executable, "-c", child], start_new_session=True) as process:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await Watchdog(_ward(process.pid, tmp_path), limits).breach()
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(("most", "met"), [(12, ["processes"]), (13, [])])
async def test_a_crowd_is_noted_though_it_ends_nothing(
    tmp_path: Path, most: int, met: list[Limit]
) -> None:
    crowd = "sleep 60 & " * 12 + "wait"
    limits = replace(Limits.quick(), processes=most)
    with subprocess.Popen(["sh", "-c", crowd], start_new_session=True) as process:
        watchdog = Watchdog(_ward(process.pid, tmp_path), limits, 0.5)
        assert await watchdog.breach() == "wall"
        assert watchdog.met() == met
        os.killpg(process.pid, signal.SIGKILL)


def _ward(pid: int, workspace: Path) -> Ward:
    """A ward of ordinary processes."""
    sandbox = SimpleNamespace(
        pid=pid, snapshots=None, group=None, lacked_memory=False, scratch=workspace
    )
    return Ward(cast("Sandbox", sandbox), Disk(workspace))

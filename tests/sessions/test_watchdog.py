"""Usage is measured over a whole process tree, as the system sees it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sessions import Limits
from sessions.watchdog import Watchdog, usage

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
        watchdog = Watchdog(process.pid, Limits.quick(), tmp_path, 0.25)
        assert await watchdog.breach() == "wall"
        assert 0.25 <= time.monotonic() - started < 2
        process.terminate()

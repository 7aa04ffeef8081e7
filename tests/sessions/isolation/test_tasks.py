"""Processes and threads below one process, counted as they come and go."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.isolation.tasks import Ceiling, room
from sessions.limits import Limits
from tests.support.cells import run_cells
from tests.support.identities import ORDINARY

_FAMILY = """
import os, sys, threading
ended = threading.Event()
for _ in range(3): threading.Thread(target=ended.wait, daemon=True).start()
reading, _ = os.pipe()
if (child := os.fork()) == 0:
    if os.fork() == 0: print("there", flush=True)
    os.read(reading, 1)
print(child, flush=True)
sys.stdin.read()
os.killpg(0, 9)
"""


@pytest.fixture
def family() -> Iterator[int]:
    """A process with four threads, a child and a grandchild."""
    line = [sys.executable, "-c", _FAMILY]
    with subprocess.Popen(
        line, start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline(), process.stdout.readline()
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


def test_all_that_is_below_a_process_counts_and_itself_does_not(family: int) -> None:
    assert Ceiling(family, 2).reached
    assert not Ceiling(family, 3).reached
    assert Ceiling(os.getpid(), 6).reached


def test_below_a_process_that_has_ended_there_is_nothing() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert not Ceiling(ended.pid, 1).reached


def test_there_is_room_beyond_what_the_user_has_already(family: int) -> None:
    wanted = 1000
    assert room(wanted) >= wanted + 6
    assert room(1) >= 200


_FLOOD = """
import threading
ended, started = threading.Event(), 0
try:
    while started < 999:
        threading.Thread(target=ended.wait, daemon=True).start()
        started += 1
finally:
    print(started)
"""


def test_a_tier_allows_as_many_threads_wherever_it_is(tmp_path: Path) -> None:
    for who in ORDINARY:
        workspace = tmp_path / who / "workspace"
        workspace.mkdir(parents=True)
        flood, after = run_cells(who, [_FLOOD, "6 * 7"], workspace)
        assert (flood.status, flood.limits_hit) == ("error", ("processes",)), who
        assert 40 < int(flood.text.split()[0]) < Limits.quick().processes, who
        assert after.value == 42

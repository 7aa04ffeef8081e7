"""What cells left running is ended, whatever it does meanwhile; what is known stays."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sessions.sweep import swept
from sessions.usage import descendants

_FAMILY = """
reading, writing = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        os.write(writing, b"x")
        pause()
    pause()
os.read(reading, 1)
"""
_RUNNERS = """
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        while True:
            if os.fork(): os._exit(0)
            time.sleep(0.002)
"""
_ZOMBIE = """
if os.fork() == 0: os._exit(0)
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
"""
_REAPS = """
while True:
    time.sleep(0.001)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
"""


@contextmanager
def root(grow: str, then: str = _REAPS) -> Iterator[tuple[int, int]]:
    """A process that adopts orphans, and one child of it that pauses; their ids."""
    pause = "def pause():\n    while True: time.sleep(60)\n"
    begin = "import os, time\nfrom sessions.isolation.syscalls import adopt_orphans\n"
    begin += f"{pause}adopt_orphans()\nif (kept := os.fork()) == 0: pause()\n"
    code = f"{begin}{grow}print(kept, flush=True)\n{then}"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            swept(process.pid, tuple)
            process.kill()


def test_all_but_the_known_are_ended_grandchildren_too() -> None:
    with root(_FAMILY) as (pid, kept):
        assert len(list(descendants(pid))) == 3
        assert swept(pid, lambda: [kept])
        assert list(descendants(pid)) == [kept]


def test_what_forks_away_time_and_again_is_ended() -> None:
    with root(_RUNNERS) as (pid, kept):
        assert swept(pid, lambda: [kept])
        time.sleep(0.05)
        assert list(descendants(pid)) == [kept]


def test_what_has_ended_is_not_waited_for_though_nobody_took_it_in() -> None:
    with root(_ZOMBIE, "pause()") as (pid, kept):
        assert len(list(descendants(pid))) == 2
        assert swept(pid, lambda: [kept])


def test_what_goes_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions.sweep._SECONDS", 0.1)
    monkeypatch.setattr("signal.pidfd_send_signal", lambda *_: None)
    with root(_FAMILY) as (pid, kept):
        assert not swept(pid, lambda: [kept])
        monkeypatch.undo()

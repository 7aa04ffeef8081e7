"""What any engine must do when a cell goes wrong: stop it, name the limit, and be there again."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from sessions.execution import Execution
from tests.conformance.conftest import Arena, shown, status_of
from tests.support.driver_handle import RemoteSession, execution

_MB = 1 << 20
_LIMITS = {"wall": 1.0, "memory": 400 * _MB, "disk": 40 * _MB, "file_size": 20 * _MB}

# The longest a cell may take: its wall time, two seconds of grace, and the rest for a busy machine.
_LONGEST = 30.0
_LASTING = ("threads", "blocked signals", "a full disk", "memory in files")  # in the kernel itself
_MORE = 30  # processes that a new kernel and its snapshots are

_HELD: dict[str, tuple[str, set[str], set[str]]] = {
    # name: code, limits of which one is named, states of which one is told
    "a loop": ("while True: pass", {"wall", "cpu"}, {"timeout"}),
    "sleep": ("import time; time.sleep(60)", {"wall"}, {"timeout"}),
    "a loop in C": ("sum(range(10**18))", {"wall", "cpu"}, {"timeout"}),
    "a huge integer": ("9 ** 9 ** 9", {"wall", "cpu", "memory"}, {"timeout", "killed", "error"}),
    "a huge string": ("'x' * (1 << 40)", {"memory"}, {"error", "killed"}),
    "memory": (
        "kept = []\nwhile True: kept.append(bytearray(1 << 22))",
        {"memory", "wall"},
        {"error", "killed", "timeout"},
    ),
    "memory in files": (
        """
        import tempfile
        n = 0
        while True:
            n += 1
            with open(f"{tempfile.gettempdir()}/flood{n}", "wb") as file:
                file.write(bytes(1 << 22))
        """,
        {"memory", "disk", "file_size", "files", "wall"},
        {"error", "killed", "timeout"},
    ),
    "a pattern": (
        "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        {"wall", "cpu"},
        {"timeout"},
    ),
    "a swallowed interrupt": (
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
        {"wall", "cpu"},
        {"timeout"},
    ),
    "blocked signals": (
        """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True: pass
        """,
        {"wall", "cpu"},
        {"timeout"},
    ),
    "a fork bomb": (
        """
        import os, time
        end = time.time() + 60
        while time.time() < end:
            try: os.fork()
            except OSError: time.sleep(0.01)
        """,
        {"processes", "wall", "cpu", "memory"},
        {"error", "timeout", "killed"},
    ),
    "threads": (
        """
        import threading, time
        for _ in range(2000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        """,
        {"processes", "wall", "memory"},
        {"error", "timeout", "killed"},
    ),
    "descriptors": (
        "kept = []\nwhile True: kept.append(open('/dev/null'))",
        {"files"},
        {"error"},
    ),
    "a large file": (
        "with open('flood', 'wb') as file:\n    while True: file.write(bytes(1 << 20))",
        {"file_size", "disk"},
        {"error", "timeout", "killed"},
    ),
    "a full disk": (
        """
        for n in range(10_000):
            with open(f"flood{n}", "wb") as file: file.write(bytes(1 << 20))
            if n > 100: import time; time.sleep(0.05)
        """,
        {"disk", "wall", "file_size"},
        {"error", "timeout", "killed"},
    ),
    "recursion": ("def deeper(): return deeper() + 1\ndeeper()", set(), {"error", "timeout"}),
    "deep recursion": (
        """
        import sys, threading
        sys.setrecursionlimit(10**9)
        class Deep:
            def __repr__(self): return repr(self)
        repr(Deep())
        """,
        set(),
        {"error", "killed", "timeout"},
    ),
    "much output": (
        "for n in range(3_000_000): print('flood', n)",
        {"output", "wall", "cpu"},
        {"ok", "timeout"},
    ),
    "output without end": ("while True: print('flood' * 1000)", {"output"}, {"timeout", "error"}),
}


@pytest.fixture(scope="session")
def stress(arena: Arena) -> Iterator[RemoteSession]:
    """A kernel with small limits and no guard."""
    folder = arena.outside.workspace("unguarded")
    with closing(arena.driver.open("stress", folder, limits=_LIMITS, guarded=False)) as opened:
        yield opened


@pytest.mark.parametrize("name", _HELD)
def test_a_limit_holds_and_is_named(arena: Arena, stress: RemoteSession, name: str) -> None:
    code, limits, states = _HELD[name]
    before = arena.driver.ask("facts")
    began = time.monotonic()
    told = stress.execute(textwrap.dedent(code))
    took = time.monotonic() - began
    after = stress.execute("kept = None; 6 * 7")
    assert (after.value, after.limits_hit) == (42, () if name not in _LASTING else after.limits_hit)
    assert _settles(arena, len(before["below"])), "what it started is still there"
    if name in _LASTING:
        stress.restart()
    _remove_floods(stress)
    assert told.status in states, told
    assert not limits or limits & set(told.limits_hit), told
    assert took < _LONGEST
    assert arena.driver.ask("facts")["rss"] - before["rss"] < 200 * _MB
    assert arena.harm(shown(told), "unguarded") == []


def _settles(arena: Arena, before: int) -> bool:
    """Whether there are soon about as many processes as before."""
    end = time.monotonic() + 5
    while len(arena.driver.ask("facts")["below"]) > before + _MORE:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _remove_floods(kernel: RemoteSession) -> None:
    for path in kernel.workspace.glob("flood*"):
        path.unlink()


def test_an_interrupt_ends_the_cell_and_keeps_the_state(stress: RemoteSession) -> None:
    stress.execute("kept = 5")
    running = stress.begin("import time\nfor _ in range(100): time.sleep(0.1)", 30)
    time.sleep(0.3)
    stress.interrupt()
    told: Execution = execution(running.result(20))
    assert told.status == "error"
    assert told.error is not None
    assert told.error.name == "KeyboardInterrupt"
    assert stress.execute("kept").value == 5


@pytest.mark.parametrize(
    "death",
    [
        "import os; os._exit(7)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
    ],
    ids=["exit", "kill", "crash", "abort"],
)
def test_a_death_is_told_and_the_next_cell_works(arena: Arena, death: str) -> None:
    kernel = arena.kernels["unguarded"]
    layers = set(kernel.execute("survivor = 1").layers)
    told = kernel.execute(death)
    assert told.status == "killed"
    assert told.restored in ("snapshot", "checkpoint", "fresh")
    after = kernel.execute("'survivor' in globals()")
    assert after.value is (told.restored != "fresh" and "survivor" not in told.lost)
    assert set(after.layers) == layers


def test_the_guard_and_the_walls_come_back_with_the_kernel(arena: Arena) -> None:
    kernel = arena.kernels["guarded"]
    for end in ("import os; getattr(os, '_ex' + 'it')(1)", None):
        if end is None:
            kernel.restart()
        else:
            assert kernel.execute(end).status == "killed"
        assert kernel.execute("import subprocess").status == "refused"
        status = status_of(kernel)
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
        assert status["CapEff"] == "0" * 16


def test_what_went_before_can_be_had_again(arena: Arena) -> None:
    kernel = arena.kernels["guarded"]
    kernel.execute("path = ['a']")
    kernel.execute("path.append('b')")
    kernel.undo()
    assert kernel.execute("path").value == ["a"]
    assert kernel.execute("import subprocess").status == "refused"

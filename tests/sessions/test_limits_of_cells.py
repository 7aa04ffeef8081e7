"""Cells that ask for too much: each says which limit it met, and the next one works."""

from __future__ import annotations

import errno
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import Execution, Limits, Session
from sessions.isolation.cgroup import places
from sessions.kernel.limits import limit_of

Wrap = Callable[[str], str]

_QUICK = Limits.quick()

needs_groups = pytest.mark.skipif(
    not any("memory" in place.controllers for place in places()),
    reason="only a control group counts files in memory, and this user can make none here",
)


async def _met(session: Session, code: str, timeout: float | None = None) -> Execution:
    """Run a cell, and see that the next one works."""
    execution = await session.execute(code, timeout)
    following = await session.execute("6 * 7")
    assert following.value == 42, (execution, following)
    assert following.limits_hit == (), (execution, following)
    return execution


@pytest.mark.parametrize(
    "code",
    [
        "import re; re.match(r'(a+)+$', 'a' * 40 + 'b')",
        "10 ** 10 ** 8",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import threading\nthreading.Event().wait()",
        "class Sticky:\n    def __del__(self):\n        while True: pass\nx = Sticky(); del x",
    ],
    ids=["regex", "power", "ignored", "stopped", "await", "lock", "destructor"],
)
async def test_no_cell_takes_longer_than_it_may(session: Session, code: str) -> None:
    execution = await _met(session, code, 0.7)
    assert (execution.status, execution.limits_hit) == ("timeout", ("wall",))
    assert execution.duration_s < 0.7 + 2.0 + 3.0  # the limit, two seconds of grace, a new kernel


@pytest.mark.parametrize(
    "code",
    [
        "import re; re.match(r'(a+)+$', 'a' * 40 + 'b')",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import threading\nthreading.Event().wait()",
    ],
    ids=["regex", "await", "lock"],
)
async def test_what_can_be_interrupted_keeps_its_kernel(session: Session, code: str) -> None:
    execution = await _met(session, code, 0.5)
    assert (execution.status, execution.restored) == ("timeout", None)
    assert execution.error is not None


@pytest.mark.parametrize("prelude", ["", "import sys; sys.setrecursionlimit(10**9)\n"])
async def test_a_recursion_without_end_costs_no_more_than_the_kernel(
    session: Session, prelude: str
) -> None:
    execution = await _met(session, f"{prelude}def f(n): return f(n + 1)\nf(0)")
    assert execution.status in ("error", "killed", "timeout")
    assert execution.status != "error" or execution.error is not None


_FORK_QUIETLY = """
import os, time
end = time.monotonic() + 2
while time.monotonic() < end:
    try:
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
    except OSError:
        time.sleep(0.05)
"""
_THREADS_QUIETLY = """
import threading, time
for _ in range(200):
    try: threading.Thread(target=time.sleep, args=(1.5,)).start()
    except RuntimeError: pass
time.sleep(0.5)
"""
_FORK_ALOUD = (
    "import os, time\nfor _ in range(200):\n    if os.fork() == 0: time.sleep(9); os._exit(0)"
)


@pytest.mark.parametrize(
    ("code", "status"),
    [(_FORK_QUIETLY, "ok"), (_THREADS_QUIETLY, "ok"), (_FORK_ALOUD, "error")],
    ids=["forks", "threads", "forks aloud"],
)
async def test_too_many_processes_are_told_even_if_the_cell_goes_on(
    session: Session, unguarded: Wrap, code: str, status: str
) -> None:
    execution = await session.execute(unguarded(code))
    assert (execution.status, execution.limits_hit) == (status, ("processes",)), execution.error
    assert (await session.execute("6 * 7")).value == 42


async def test_a_bomb_of_forks_that_fork_ends(session: Session, unguarded: Wrap) -> None:
    code = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"
    execution = await session.execute(unguarded(code), 1.5)
    assert "processes" in execution.limits_hit
    assert execution.status == "timeout"
    assert (await session.execute("6 * 7")).value == 42


async def test_leaked_descriptors_are_told_and_the_kernel_goes_on(session: Session) -> None:
    code = "import os\nleak = []\nwhile True: leak.append(os.open('/dev/null', os.O_RDONLY))"
    execution = await _met(session, code)
    assert (execution.status, execution.limits_hit) == ("error", ("files",))


_MANY = "for n in range(10**6): open(f'f{n}', 'w').close()"
_LARGE = (
    "import os, time\n"
    "with open('large', 'wb') as f: os.posix_fallocate(f.fileno(), 0, 200 << 20)\n"
    "time.sleep(30)"
)
_PIECES = (
    "import time\n"
    "with open('pieces', 'wb') as f:\n"
    "    while True: f.write(bytes(1 << 20)); f.flush(); time.sleep(0.002)"
)


@pytest.mark.parametrize("code", [_MANY, _LARGE, _PIECES], ids=["many", "large", "pieces"])
async def test_a_workspace_that_grows_too_much_is_told_and_can_be_tidied(
    workspace: Path, code: str
) -> None:
    async with Session(workspace, replace(_QUICK, disk=20 << 20)) as session:
        execution = await _met(session, code)
        assert execution.limits_hit == ("disk",)
        assert execution.status in ("error", "killed")
        tidied = await session.execute(
            "import os, time\n"
            "for name in os.listdir():\n    if os.path.isfile(name) and name != 'agent.toml':"
            " os.remove(name)\n"
            "time.sleep(0.5)"
        )
        assert (tidied.status, tidied.limits_hit) == ("ok", ()), tidied.error


async def test_holes_in_files_are_free(workspace: Path) -> None:
    async with Session(workspace, replace(_QUICK, disk=20 << 20)) as session:
        execution = await _met(
            session,
            "import time\nwith open('sparse', 'wb') as f: f.truncate(900 << 20)\ntime.sleep(0.5)",
        )
    assert (execution.status, execution.limits_hit) == ("ok", ())


@pytest.mark.parametrize(
    "code",
    [
        "import os\nfor _ in range(3000): os.write(1, b'x' * 1000)",
        "import sys\nfor _ in range(3000): sys.stderr.write('x' * 1000)",
        "import os\nif (child := os.fork()) == 0:\n"
        "    for _ in range(3000): os.write(1, b'x' * 1000)\n"
        "    os._exit(0)\nos.waitpid(child, 0)",
        "raise ValueError('x' * (3 << 20))",
    ],
    ids=["descriptor 1", "stderr", "child", "error"],
)
async def test_floods_of_text_are_cut(session: Session, unguarded: Wrap, code: str) -> None:
    execution = await _met(session, unguarded(code + "\nimport time; time.sleep(0.3)"))
    said = [execution.stdout, execution.stderr]
    said += [execution.error.message, execution.error.traceback] if execution.error else []
    assert all(len(text) < (1 << 20) + 300 for text in said)
    if execution.error is None:
        assert execution.limits_hit == ("output",)


@pytest.mark.parametrize(
    "code",
    [
        "hoard = []\nwhile True: hoard.append(b'x' * (4 << 20))",
        "import numpy\nhoard = []\nwhile True: hoard.append(numpy.ones(1 << 19))",
        "text = 'x'\nwhile True: text += text",
        "hoard = []\nwhile True: hoard.append({n: str(n) for n in range(1000)})",
    ],
    ids=["bytes", "numpy", "text", "dicts"],
)
async def test_memory_of_all_kinds_is_told(session: Session, code: str) -> None:
    execution = await _met(session, code)
    assert execution.status in ("error", "killed")
    assert execution.limits_hit == ("memory",)


_BESIDE = """
import time
for place, size in (('/dev/shm/a', 240), ('/tmp/b', 90)):
    with open(place, 'wb') as f:
        for _ in range(size): f.write(bytes(1 << 20))
hoard = bytearray(b'x') * (300 << 20)
time.sleep(30)
"""


@needs_groups
async def test_files_in_memory_count_as_memory(session: Session) -> None:
    execution = await _met(session, _BESIDE)
    assert execution.limits_hit == ("memory",)
    assert execution.status in ("error", "killed")


@pytest.mark.parametrize("place", ["/tmp/full", "/dev/shm/full"])
async def test_a_full_file_system_in_memory_is_told(session: Session, place: str) -> None:
    code = (
        f"import os\nwith open({place!r}, 'wb') as f: os.posix_fallocate(f.fileno(), 0, 300 << 20)"
    )
    execution = await _met(session, f"try:\n    exec({code!r})\nfinally: os.remove({place!r})")
    assert (execution.status, execution.limits_hit) == ("error", ("disk",))


async def test_what_is_no_limit_is_not_told_as_one(session: Session) -> None:
    code = "import os\nr, w = os.pipe()\nos.set_blocking(r, False)\nos.read(r, 1)"
    execution = await _met(session, code)
    assert (execution.status, execution.limits_hit) == ("error", ())


def _raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as raised:
        return raised


def test_limits_are_told_by_what_led_to_an_error() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert limit_of(None) is None
    assert limit_of(_raised(ValueError("table"), full)) == "disk"
    assert limit_of(ExceptionGroup("two", [KeyError("a"), MemoryError()])) == "memory"
    failed = subprocess.CalledProcessError(-signal.SIGXFSZ, "dd")
    assert limit_of(failed) == "file_size"
    assert limit_of(subprocess.CalledProcessError(1, "dd")) is None
    assert limit_of(_raised(BlockingIOError(errno.EAGAIN, "again"))) is None


def test_a_full_database_is_a_full_disk(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.db")
    connection.execute("pragma max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("create table t as select randomblob(100000) as x")
    connection.close()
    assert limit_of(caught.value) == "disk"


def test_an_error_that_leads_to_itself_is_looked_at_once() -> None:
    error = ValueError("round")
    error.__context__ = KeyError("and")
    error.__context__.__context__ = error
    assert limit_of(error) is None


async def test_a_tier_can_not_be_stretched_beyond_what_any_cell_may_take() -> None:
    from sessions.errors import UsageError

    with pytest.raises(UsageError, match="600 s at most"):
        replace(Limits.heavy(), wall=601)

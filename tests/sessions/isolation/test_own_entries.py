"""What is opened of a process's own entries in /proc, and of nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.isolation.own_entries import opened

_THREAD = """
import sys, threading
def wait():
    print(threading.get_native_id(), flush=True)
    sys.stdin.read()
threading.Thread(target=wait).start()
"""


@pytest.fixture
def other() -> Iterator[tuple[int, int]]:
    """A process, and a thread of it that is not its first."""
    pipes = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _THREAD], stdin=pipes, stdout=pipes) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.kill()


def _read(path: str, thread: int) -> str | None:
    descriptor = opened(path, thread, os.O_RDONLY)
    if descriptor is None:
        return None
    with os.fdopen(descriptor) as file:
        return file.read()


def test_each_thread_gets_the_entries_of_its_own_process(other: tuple[int, int]) -> None:
    process, thread = other
    assert process != thread
    for path in ("/proc/self/stat", f"/proc/{process}/stat"):
        found = _read(path, thread)
        assert found is not None
        assert found.startswith(f"{process} (")
    assert _read("/proc/self/cmdline", os.getpid()) == Path("/proc/self/cmdline").read_text()


@pytest.mark.parametrize("name", ["stat", "maps", "cmdline", "fd"])
def test_entries_of_others_are_left_to_the_system(other: tuple[int, int], name: str) -> None:
    process, thread = other
    assert opened(f"/proc/{os.getpid()}/{name}", thread, os.O_RDONLY) is None
    assert opened(f"/proc/{process}/{name}", os.getpid(), os.O_RDONLY) is None
    assert opened("/proc/1/stat", thread, os.O_RDONLY) is None


@pytest.mark.parametrize(
    "path",
    [
        *("/proc/self/environ", "/proc/self/mem", "/proc/self/exe", "/proc/self/root"),
        *("/proc/self/cwd", "/proc/self/fd/0", "/proc/self/task", "/proc/self/fd/../environ"),
        *("/proc/self/stat\n", "/proc/self", "/proc/meminfo", "proc/self/stat", "/proc/self/stat/"),
    ],
)
def test_what_leads_elsewhere_or_tells_more_is_left_to_the_system(path: str) -> None:
    assert opened(path, os.getpid(), os.O_RDONLY) is None


def test_descriptors_are_told_by_number_and_none_goes_on_to_programs() -> None:
    with Path(os.devnull).open() as file:
        descriptor = opened("/proc/self/fd", os.getpid(), os.O_RDONLY | os.O_DIRECTORY)
        assert descriptor is not None
        try:
            assert str(file.fileno()) in os.listdir(descriptor)  # noqa: PTH208 -- no path
            assert not os.get_inheritable(descriptor)
        finally:
            os.close(descriptor)

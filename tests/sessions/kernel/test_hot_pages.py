"""Pages that are written after each fork, found and copied ahead; in processes of their own."""

from __future__ import annotations

import subprocess
import sys

_PRELUDE = """
import mmap, os, resource, signal, sys
from sessions.kernel.hot_pages import HotPages, exclusive_pages, joined
PAGE, PAGES = mmap.PAGESIZE, 400
area = mmap.mmap(-1, PAGES * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
def write():
    for page in range(0, PAGES, 2):
        area[page * PAGE] = 1
def in_a_fork(work):
    "Run in a child whose parent lives, so that all pages are shared at first."
    if os.fork() == 0:
        work()
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def pagemap():
    return os.open("/proc/self/pagemap", os.O_RDONLY)
write()
"""


def _run(code: str) -> None:
    command = [sys.executable, "-c", _PRELUDE + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_written_after_a_fork_is_found() -> None:
    _run("""
def work():
    here = pagemap()
    before = exclusive_pages(here)
    write()
    assert PAGES // 2 <= len(exclusive_pages(here) - before) < PAGES
in_a_fork(work)
""")


def test_pages_that_were_populated_are_written_without_a_fault() -> None:
    _run("""
def work():
    here = pagemap()
    before = exclusive_pages(here)
    write()
    ranges = [*joined(exclusive_pages(here) - before)]
    def again():
        HotPages(ranges=ranges).populate()
        start = faults()
        write()
        assert faults() - start < PAGES // 10, faults() - start
    in_a_fork(again)
in_a_fork(work)
""")


def test_only_what_is_written_each_time_is_learnt() -> None:
    _run("""
hot, once = HotPages(pagemap()), mmap.mmap(-1, 64 * PAGE, flags=mmap.MAP_PRIVATE)
sleepers = []
for lesson in range(3):
    if (child := os.fork()) == 0:
        signal.pause()
        os._exit(0)
    sleepers.append(child)
    write()
    once[lesson * PAGE * 8] = 1
    hot.learn()
import ctypes
first = ctypes.addressof(ctypes.c_char.from_buffer(once))
learnt = {page for start, length in hot._ranges for page in range(start, start + length, PAGE)}
missed = [n for n in range(2) if first + n * PAGE * 8 in learnt]
for child in sleepers:
    os.kill(child, 9)
assert len(learnt) >= PAGES // 2 and not missed, (len(learnt), missed)
""")


def test_without_a_page_map_nothing_is_learnt_and_nothing_fails() -> None:
    _run("""
hot = HotPages(-1)
for _ in range(4):
    hot.learn()
hot.populate()
hot.forget_process()
assert hot._ranges == ()
HotPages(ranges=[(1 << 46, PAGE)]).populate()
""")

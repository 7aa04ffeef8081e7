"""Pages that are written after each fork, found and copied ahead; in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_PRELUDE = """
import ctypes, json, mmap, os, resource, signal, sys
from sessions.kernel.hot_pages import HotPages, exclusive_pages, joined
PAGE, PAGES = mmap.PAGESIZE, 400
area = mmap.mmap(-1, PAGES * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
def write():
    for page in range(0, PAGES, 2):
        area[page * PAGE] = 1
def in_a_fork(work):
    "Run in a child whose parent lives, so that all pages are shared at first."
    if (child := os.fork()) == 0:
        work()
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def pagemap():
    return os.open("/proc/self/pagemap", os.O_RDONLY)
def tell(value):
    print(json.dumps(value), flush=True)
write()
"""
_PAGES = 400
_WRITTEN = _PAGES // 2


def _told(code: str) -> Any:
    """What a program tells."""
    command = [sys.executable, "-c", _PRELUDE + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_written_after_a_fork_is_found() -> None:
    found = _told("""
def work():
    here = pagemap()
    before = exclusive_pages(here)
    write()
    tell(len(exclusive_pages(here) - before))
in_a_fork(work)
""")
    assert _WRITTEN <= found < _PAGES


def test_pages_that_were_populated_are_written_without_a_fault() -> None:
    taken = _told("""
def work():
    here = pagemap()
    before = exclusive_pages(here)
    write()
    ranges = [*joined(exclusive_pages(here) - before)]
    def again():
        HotPages(ranges=ranges).populate()
        start = faults()
        write()
        tell(faults() - start)
    in_a_fork(again)
in_a_fork(work)
""")
    assert taken < _PAGES // 10


def test_only_what_is_written_each_time_is_learnt() -> None:
    told = _told("""
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
first = ctypes.addressof(ctypes.c_char.from_buffer(once))
learnt = {page for start, length in hot._ranges for page in range(start, start + length, PAGE)}
for child in sleepers:
    os.kill(child, 9)
tell({"learnt": len(learnt), "of one": [n for n in range(2) if first + n * PAGE * 8 in learnt]})
""")
    assert told["learnt"] >= _WRITTEN
    assert told["of one"] == []


def test_without_a_page_map_nothing_is_learnt_and_nothing_fails() -> None:
    learnt = _told("""
hot = HotPages(-1)
for _ in range(4):
    hot.learn()
hot.populate()
hot.forget_process()
HotPages(ranges=[(1 << 46, PAGE)]).populate()
tell(hot._ranges)
""")
    assert learnt == []

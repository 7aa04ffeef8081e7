"""Memory that every cell writes to, copied at once after a fork rather than one fault at a time.

After a fork, parent and child share all pages until one of them writes. An interpreter writes to
some thousand pages whatever it runs, and takes a fault for each: several milliseconds in the middle
of the next cell, which `MADV_POPULATE_WRITE` (Linux 5.14) saves.
"""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_POPULATE_WRITE = 23
_PAGE = os.sysconf("SC_PAGE_SIZE")
_ENTRY = 8  # bytes of the page map for each page
_PRESENT, _FILE, _EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56
_LESSONS = 3  # what was written each time is written always
_MOST = 8192  # pages; a cell that wrote more was not an ordinary one

Range = tuple[int, int]
"""Address and length in bytes."""


class HotPages:
    """What this process wrote after an earlier fork, and will write after the next.

    Args:
        pagemap: Descriptor of the process's own `/proc/self/pagemap`, which it may not be allowed
            to open; -1 if there is none.
        ranges: What is known already; it is learnt besides what is written beyond that.
    """

    def __init__(self, pagemap: int = -1, ranges: Sequence[Range] = ()) -> None:
        self._pagemap = pagemap
        self._ranges = tuple(ranges)
        self._lessons: list[set[int]] = []
        self._has_learnt = False
        self._advise = _madvise()

    def learn(self) -> None:
        """Note the pages that are this process's alone: a fork, some cells ago, left it none.

        Does nothing once enough was learnt.
        """
        if self._pagemap < 0 or self._has_learnt:
            return
        with suppress(OSError, ValueError):
            pages = exclusive_pages(self._pagemap)
            if len(pages) <= _MOST:
                self._lessons.append(pages)
        if len(self._lessons) == _LESSONS:
            self._ranges = tuple(joined(set.intersection(*self._lessons)))
            self._lessons.clear()
            self._has_learnt = True

    def populate(self) -> None:
        """Copy the pages known to be written soon."""
        for address, length in self._ranges:
            self._advise(address, length, _POPULATE_WRITE)  # what is not mapped any more is no loss

    def forget_process(self) -> None:
        """This process is a copy of the one that learnt: the addresses hold, the page map not."""
        if self._pagemap >= 0:
            os.close(self._pagemap)
            self._pagemap = -1


def exclusive_pages(pagemap: int) -> set[int]:
    """Numbers of the pages that a process shares with no other, written since it was forked."""
    return {page for area in _areas() for page in _exclusive(pagemap, *area)}


def joined(pages: Iterable[int]) -> Iterator[Range]:
    """Neighbouring pages as one range."""
    start = end = -1
    for page in sorted(pages):
        if page != end:
            if end > start:
                yield start * _PAGE, (end - start) * _PAGE
            start = page
        end = page + 1
    if end > start:
        yield start * _PAGE, (end - start) * _PAGE


def _exclusive(pagemap: int, first: int, last: int) -> Iterator[int]:
    entries = array("Q")
    entries.frombytes(os.pread(pagemap, (last - first) * _ENTRY, first * _ENTRY))
    wanted, mask = _PRESENT | _EXCLUSIVE, _PRESENT | _EXCLUSIVE | _FILE
    return (first + i for i, entry in enumerate(entries) if entry & mask == wanted)


def _areas() -> Iterator[Range]:
    """First page, and the one after the last, of each private writable mapping."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *_ = line.split(maxsplit=2)
        if rights == "rw-p":
            first, last = (int(address, 16) // _PAGE for address in addresses.split("-"))
            yield first, last


def _madvise() -> ctypes._NamedFuncPointer:
    function = ctypes.CDLL(None).madvise
    function.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return function

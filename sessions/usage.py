"""What processes use, as the system tells it from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a process and all its descendants use.

    Attributes:
        memory: Resident bytes; pages that forked processes share count once for each.
        cpu: Seconds of processor time, with that of ended children.
        tasks: Processes and threads.
    """

    memory: int = 0
    cpu: float = 0.0
    tasks: int = 0


def usage(root: int, *, exact: bool = False, spared: Mapping[int, int] | None = None) -> Usage:
    """Measure the descendants of a process; those that end meanwhile are passed over.

    Args:
        root: Process id; itself not counted.
        exact: Count shared pages once, where the host lets us read that.
        spared: Process id → bytes that do not count: frozen processes, and ours.
    """
    spared = spared or {}
    memory, largest, cpu, tasks = 0, 0, 0.0, 0
    for pid in descendants(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        cpu += sum(map(int, fields[11:15])) / _TICKS
        tasks += int(fields[17])
        whole = int(fields[21]) * _PAGE
        if pid in spared:
            memory += max(0, whole - spared[pid])
            continue
        # What is shared with a frozen process still is the running one's.
        largest = max(largest, whole) if spared else 0
        memory += proportional(pid) if exact else whole
    return Usage(memory=max(memory, largest), cpu=cpu, tasks=tasks)


def descendants(root: int) -> Iterator[int]:
    """Process ids below a process, each before its own children."""
    todo = [root]
    while todo:
        pid = todo.pop()
        try:
            threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 -- names are all we need
            children = [Path(f"/proc/{pid}/task/{t}/children").read_text() for t in threads]
        except OSError:
            continue
        found = [int(child) for line in children for child in line.split()]
        yield from found
        todo += found


def resident(pid: int) -> int:
    """Resident bytes of a process, 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def proportional(pid: int) -> int:
    """Resident bytes of a process, its share of pages it shares; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.partition("Pss:")[2].split()[0]) << 10
    except (OSError, IndexError):
        return resident(pid)


def mapped_files_in_memory(pid: int) -> int:
    """Resident bytes of a process that are shared memory or files in memory, 0 if unknown."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
        return int(text.partition("RssShmem:")[2].split()[0]) << 10
    except (OSError, IndexError):
        return 0

"""Watches what a running cell uses, from outside, and says which limit it met."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessions.limits import Limit, Limits

_INTERVAL = 0.1  # seconds
_WALK_SECONDS = 1.0  # between looks at the size of the workspace
_WALK_SHARE = 20  # times longer than the look took
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
        spared: Process id → bytes that do not count, for frozen processes.
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


class Watchdog:
    """Compares a sandbox with its limits until one is met.

    Args:
        launcher: Process whose descendants count.
        limits: What they are compared with.
        workspace: Directory whose growth counts.
        seconds: Wall-clock time.
        spared: Tells what does not count, see `usage`.
        waited: Seconds so far in which the cell waited for a person; they do not count.
    """

    def __init__(
        self,
        launcher: int,
        limits: Limits,
        workspace: Path,
        seconds: float,
        spared: Callable[[], Mapping[int, int]] = dict,
        waited: Callable[[], float] = float,
    ) -> None:
        self._launcher = launcher
        self._spared = spared
        self._waited = waited
        self._limits = limits
        self._workspace = workspace
        self._end = time.monotonic() + seconds
        self._cpu = usage(launcher).cpu
        self._since = time.time()
        self._next_walk = time.monotonic() + _WALK_SECONDS

    async def breach(self) -> Limit:
        """Wait for a limit to be met, and name it."""
        while True:
            left = self._end + self._waited() - time.monotonic()
            if left <= 0:
                return "wall"
            await asyncio.sleep(min(_INTERVAL, left))
            if (limit := self._check()) is not None:
                return limit
            if await self._is_full():
                return "disk"

    def _check(self) -> Limit | None:
        spared = self._spared()
        now = usage(self._launcher, spared=spared)
        if now.cpu - self._cpu > self._limits.cpu:
            return "cpu"
        budget = self._limits.memory
        if now.memory <= budget:
            return None
        exact = usage(self._launcher, exact=True, spared=spared)
        return "memory" if exact.memory > budget else None

    async def _is_full(self) -> bool:
        """Whether the cell wrote more than it may; looks seldom where looking takes long."""
        started = time.monotonic()
        if started < self._next_walk:
            return False
        written = await asyncio.to_thread(_written, self._workspace, self._since)
        ended = time.monotonic()
        self._next_walk = ended + max(_WALK_SECONDS, _WALK_SHARE * (ended - started))
        return written > self._limits.disk


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


def _written(workspace: Path, since: float) -> int:
    """Bytes in files that changed since a time; cells can't set the change time of a file."""
    total = 0
    for folder, _, files in os.walk(workspace):
        for name in files:
            try:
                state = os.lstat(os.path.join(folder, name))  # noqa: PTH118 -- many files
            except OSError:
                continue
            total += state.st_blocks * 512 if state.st_ctime >= since else 0
    return total

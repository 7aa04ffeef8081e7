"""Watches what a running cell uses, from outside, and says which limit it met."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from sessions.limits import Limit, Limits
from sessions.ward import Ward

_INTERVAL = 0.1  # seconds
_FIRST = 0.01  # seconds before the first look: some kernels die of a limit within a tenth
_GROWTH = 1.6


class Watchdog:
    """Compares a sandbox with its limits until one is met.

    Args:
        ward: What it watches.
        limits: What that is compared with.
        seconds: Wall-clock time; infinite for kernels whose cells others start, and who may let
            them run as long as they like: their processor time is not limited either.
        waited: Seconds so far in which the cell waited for a person; they do not count.
    """

    def __init__(
        self,
        ward: Ward,
        limits: Limits,
        seconds: float = math.inf,
        waited: Callable[[], float] = float,
    ) -> None:
        self._ward = ward
        self._waited = waited
        self._limits = limits
        self._end = time.monotonic() + seconds
        self._cpu_end = math.inf  # known at the first look: a short cell need not pay for one
        self._crowded = False
        self._full = False

    async def breach(self) -> Limit:
        """Wait for a limit to be met, and name it."""
        pause = _FIRST
        while True:
            left = self._end + self._waited() - time.monotonic()
            if left <= 0:
                return "wall"
            await asyncio.sleep(min(pause, left))
            pause = min(pause * _GROWTH, _INTERVAL)
            if (limit := self._check()) is not None:
                return limit
            if await self._ward.is_full(self._limits.disk):
                return "disk"

    async def look_back(self) -> None:
        """Look once more, when the cell is over: what it has filled is not the next one's doing."""
        self._full |= await self._ward.is_full(self._limits.disk, now=True)

    def met(self) -> list[Limit]:
        """Limits that stopped a part of the cell, which itself went on."""
        found = self._ward.met()
        if self._crowded and "processes" not in found:
            found.append("processes")
        if self._full:
            found.append("disk")
        return found

    def _check(self) -> Limit | None:
        now = self._ward.usage()
        # The first process is one of them where it belongs to the kernel's user.
        self._crowded |= now.tasks >= self._limits.processes
        if self._cpu_end == math.inf and self._end < math.inf:
            self._cpu_end = now.cpu + self._limits.cpu
        if now.cpu > self._cpu_end:
            return "cpu"
        budget = self._limits.memory - self._ward.files_in_memory()
        if now.memory <= budget:
            return None
        return "memory" if self._ward.usage(exact=True).memory > budget else None

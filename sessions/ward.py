"""A sandbox under watch: what it uses, and which limits the system held it to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sessions.disk import Disk
from sessions.isolation.cgroup import Counts
from sessions.limits import Limit
from sessions.sandbox import Sandbox
from sessions.usage import Usage, descendants, mapped_files_in_memory, resident, usage

_TEMPORARY = 100 << 20  # bytes; as much as a file system for them has where there is one


class Ward:
    """One sandbox and the workspace it may fill; kept from cell to cell.

    Args:
        sandbox: The sandbox, which is up.
        disk: The growth of its workspace.
    """

    def __init__(self, sandbox: Sandbox, disk: Disk) -> None:
        self.sandbox = sandbox
        self.disk = disk
        self._scratch = Disk(sandbox.scratch)
        self._known = Counts()

    def usage(self, *, exact: bool = False) -> Usage:
        """What its processes use, files in memory that no process has mapped left out.

        Args:
            exact: Count shared pages once. An ordinary user can't see them in a guarded kernel or
                one from a warm parent; each process that a cell forks then counts whole.
        """
        return usage(self.sandbox.pid, exact=exact, spared=self._spared())

    def files_in_memory(self) -> int:
        """Bytes of files in memory that are mapped nowhere; 0 where no control group counts them.

        The file systems in memory are of a fixed size, so that what is not counted is not much.
        """
        whole = self.sandbox.group.files_in_memory() if self.sandbox.group else 0
        if whole == 0:
            return 0
        mapped = [mapped_files_in_memory(pid) for pid in descendants(self.sandbox.pid)]
        return max(0, whole - max(mapped, default=0))

    async def is_full(self, limit: int, *, now: bool = False) -> bool:
        """Whether workspace or temporary files grew by more than they may.

        Args:
            limit: Bytes in the workspace.
            now: Whether to look in any case, however long it takes.
        """
        if await self.disk.is_full(limit, now=now):
            return True
        return await self._scratch.is_full(_TEMPORARY, now=now)

    def met(self) -> list[Limit]:
        """Limits that the system held it to since this was asked last."""
        before, now = self._known, self.sandbox.group.counts() if self.sandbox.group else Counts()
        self._known = now
        found: list[Limit] = []
        if now.memory_kills > before.memory_kills or self.sandbox.lacked_memory:
            found.append("memory")
        if now.refused_tasks > before.refused_tasks:
            found.append("processes")
        return found

    @cached_property
    def _first(self) -> Mapping[int, int]:
        """Our first process: it runs our code alone, and shares its parent's pages."""
        first = next(descendants(self.sandbox.pid), 0)
        return {first: resident(first)}

    def _spared(self) -> Mapping[int, int]:
        snapshots = self.sandbox.snapshots
        return {**self._first, **(snapshots.spared() if snapshots is not None else {})}

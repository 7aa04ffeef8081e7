"""How much a workspace has grown since a session began."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

_LEAST = 4096  # bytes that any file counts as: a flood of empty ones fills a disk as well
_LARGE = 16 << 20  # bytes; what smaller files held before they were changed is not subtracted
_SLACK = 16 << 20  # bytes that a cell may add where the limit was passed before it
_SHARE = 5  # times longer than a look took, until the next one
_SELDOM_SHARE = 50  # the same for one that nothing calls for: others may free what cells fill
_SELDOM = (1.0, 10.0)  # seconds until that, at least and at most
_TICK = 0.02  # seconds by which the times of files may lag behind the clock
_FIRST_SECONDS = 2.0  # for the look at what was there before


class Disk:
    """The growth of a workspace: bytes on disk in files that changed, so holes are free.

    A look at every file takes long, so there is none before the file system as a whole has filled
    by as much as is still allowed, except a seldom one.

    Args:
        workspace: The directory.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._since = time.time() - _TICK
        self._before: dict[str, int] | None = None
        self._grown = 0
        self._forgiven = 0
        self._used = _used(workspace)
        self._looked = time.monotonic()
        self._took = 0.0

    async def is_full(self, limit: int, *, now: bool = False) -> bool:
        """Whether the workspace grew by more than it may.

        What is there by then is forgiven, so that the next cells can tidy up.

        Args:
            limit: Bytes.
            now: Whether to look in any case.
        """
        if self._before is None:
            self._before = await asyncio.to_thread(_large, self._workspace, self._since)
        if not now and not self._is_due(limit):
            return False
        await asyncio.to_thread(self._look)
        allowed = self._allowed(limit)
        self._forgiven = self._grown if self._grown > limit else 0
        return self._grown > allowed

    def _allowed(self, limit: int) -> int:
        return max(limit, self._forgiven + _SLACK if self._forgiven else 0)

    def _is_due(self, limit: int) -> bool:
        since = time.monotonic() - self._looked
        filled = self._grown + _used(self._workspace) - self._used > self._allowed(limit)
        least, most = _SELDOM
        seldom = min(max(_SELDOM_SHARE * self._took, least), most)
        return since > _SHARE * self._took and (filled or since > seldom)

    def _look(self) -> None:
        started = time.monotonic()
        self._used = _used(self._workspace)
        self._grown = sum(
            max(_LEAST, size - (self._before or {}).get(path, 0))
            for path, size, changed in _files(self._workspace)
            if changed >= self._since  # cells can't set it
        )
        self._looked = time.monotonic()
        self._took = self._looked - started


def _large(workspace: Path, since: float) -> dict[str, int]:
    """Sizes of the large files that were there already; those that are found in time."""
    end = time.monotonic() + _FIRST_SECONDS
    found = {}
    for path, size, changed in _files(workspace):
        if size >= _LARGE and changed < since:
            found[path] = size
        if time.monotonic() > end:
            break
    return found


def _files(workspace: Path) -> Iterator[tuple[str, int, float]]:
    """Path, bytes on disk and time of the last change of everything in a workspace."""
    for folder, folders, files in os.walk(workspace):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118 -- many files
            try:
                state = os.lstat(path)
            except OSError:
                continue
            yield path, state.st_blocks * 512, state.st_ctime


def _used(workspace: Path) -> int:
    """Bytes in use on the file system of a directory, some for each file; 0 if it is silent."""
    try:
        state = os.statvfs(workspace)
    except OSError:
        return 0
    in_blocks = (state.f_blocks - state.f_bfree) * state.f_frsize
    return in_blocks + (state.f_files - state.f_ffree) * _LEAST

"""What has worked before: which requests a tool has served on this machine, and which it failed.

Kept in the person's own data directory, not in a workspace. Whatever is told, its weight is
bounded: by request, by the number of requests a tool can have, and by time, which halves it.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sessions.errors import AgentError
from tools_registry.own_files import data_path
from tools_registry.search.database import connect, transaction

HALF_LIFE = 90 * 86_400.0
"""Seconds after which an experience counts half."""

MOST = 20
"""Requests remembered of a tool, the newest."""

MOST_TOOLS = 2_000
"""Tools remembered, those used last."""

_MOST_TALLY = 2.0
_LONGEST = 500
"""Characters of a request that are kept."""

_TABLE = """
CREATE TABLE IF NOT EXISTS experiences (
    tool TEXT, request TEXT, tally REAL NOT NULL, time REAL NOT NULL, PRIMARY KEY (tool, request)
) WITHOUT ROWID
"""
_PRUNE_REQUESTS = """
DELETE FROM experiences WHERE tool = :tool AND request NOT IN (
    SELECT request FROM experiences WHERE tool = :tool ORDER BY time DESC LIMIT :most)
"""
_PRUNE_TOOLS = """
DELETE FROM experiences WHERE tool NOT IN (
    SELECT tool FROM experiences GROUP BY tool ORDER BY max(time) DESC LIMIT ?)
"""


@dataclass(frozen=True, kw_only=True)
class Experience:
    """A request that a tool was used for.

    Attributes:
        request: The text that was searched for.
        tally: -1 (it failed) … 1 (it succeeded), nearer to 0 the longer ago.
    """

    request: str
    tally: float


Experiences = dict[str, tuple[Experience, ...]]


class Usage:
    """Experiences by tool, in one SQLite file that several processes may use at once.

    Nothing is made on the disk before something is learned. A damaged file costs what was learned,
    not the search; one that can't be written is an error to who resets it only.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._known: Experiences = {}

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """What this person has learned, or another file; the disk is not touched yet.

        Args:
            path: The file; by default in the person's data directory.
        """
        return cls(data_path("usage.sqlite") if path is None else path)

    def succeeded(self, query: str, tool: str) -> None:
        """Note that a tool did what this was searched for."""
        self._note(query, tool, 1.0)

    def failed(self, query: str, tool: str) -> None:
        """Note that a tool was tried for this and raised."""
        self._note(query, tool, -1.0)

    def reset(self, tool: str | None = None) -> int:
        """Forget a tool, or all of them; how many experiences are gone.

        Raises:
            AgentError: If the file can't be written.
        """
        condition, values = ("", []) if tool is None else (" WHERE tool = ?", [tool])
        try:
            if not self.path.exists():
                return 0
            with self._writing() as database:
                return database.execute(f"DELETE FROM experiences{condition}", values).rowcount
        except (sqlite3.Error, OSError) as error:
            msg = f"what was learned from use can't be forgotten ({error}): remove {self.path}"
            raise AgentError(msg) from error

    def experiences(self) -> Experiences:
        """All that is known, by tool, newest first; empty if it can't be read."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._known = self._read()
                self._seen = stamp
            return self._known

    def _note(self, query: str, tool: str, verdict: float) -> None:
        request = " ".join(query.encode("utf-8", "replace").decode().split())[:_LONGEST]
        if not request:
            return
        # What can't be learned is no reason to end the work.
        with contextlib.suppress(sqlite3.Error, OSError), self._writing() as database:
            now = time.time()
            tally = _faded(*_before(database, tool, request), now) + verdict
            row = (tool, request, max(-_MOST_TALLY, min(_MOST_TALLY, tally)), now)
            database.execute("INSERT OR REPLACE INTO experiences VALUES (?, ?, ?, ?)", row)
            database.execute(_PRUNE_REQUESTS, {"tool": tool, "most": MOST})
            database.execute(_PRUNE_TOOLS, [MOST_TOOLS])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing."""
        database = connect(self.path, _TABLE)
        with contextlib.closing(database), transaction(database):
            yield database

    def _stamp(self) -> tuple[int, ...]:
        """Changes when the file does; also once an hour, for time goes on."""
        try:
            status = self.path.stat()
        except OSError:
            return ()
        key = status.st_ino, status.st_mtime_ns, status.st_size, int(time.time()) // 3600
        log = self.path.with_name(f"{self.path.name}-wal")  # where changes are at first
        with contextlib.suppress(OSError):
            changed = log.stat()
            return (*key, changed.st_mtime_ns, changed.st_size)
        return key

    def _read(self) -> Experiences:
        query = "SELECT tool, request, tally, time FROM experiences ORDER BY time DESC"
        try:
            if not self.path.exists():
                return {}
            with contextlib.closing(connect(self.path, _TABLE)) as database:
                rows = database.execute(query).fetchall()
        except (sqlite3.Error, OSError):
            return {}
        return _by_tool(rows)


def _by_tool(rows: list[tuple[object, object, object, object]]) -> Experiences:
    """Experiences from rows, those that are odd left out."""
    now, found = time.time(), dict[str, list[Experience]]()
    for tool, request, tally, when in rows:
        sound = isinstance(tool, str) and isinstance(request, str)
        if sound and isinstance(tally, float) and isinstance(when, float):
            counted = max(-1.0, min(1.0, _faded(tally, when, now)))
            known = found.setdefault(str(tool), [])
            if len(known) < MOST:
                known.append(Experience(request=str(request)[:_LONGEST], tally=counted))
    return {tool: tuple(known) for tool, known in found.items()}


def _before(database: sqlite3.Connection, tool: str, request: str) -> tuple[float, float]:
    query = "SELECT tally, time FROM experiences WHERE tool = ? AND request = ?"
    row = database.execute(query, [tool, request]).fetchone()
    return row or (0.0, 0.0)


def _faded(tally: float, when: float, now: float) -> float:
    age = max(0.0, now - when)
    return tally * math.exp2(-age / HALF_LIFE)

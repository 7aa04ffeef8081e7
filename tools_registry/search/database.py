"""SQLite files of ours that hold nothing that can't be made anew: a damaged one is replaced."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 10.0
"""How long one process waits for another that writes."""

_LOCK = ".lock"

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""Codes of errors; the last one says, among others, that a table is not what it was made as."""


def connect(file: Path | None, schema: str) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time; tables are made if they are missing.

    Args:
        file: Where it is, or None for one in memory. A damaged one is made anew.
        schema: Statements that make the tables, `CREATE … IF NOT EXISTS`.

    Raises:
        sqlite3.Error: If it can't be opened.
        OSError: If its folder can't be written.
    """
    if file is None:
        return _open(":memory:", schema)
    with _alone(file):
        try:
            return _open(str(file), schema)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            _remove(file)
            return _open(str(file), schema)


def emptied(file: Path | None, error: sqlite3.Error) -> Path | None:
    """The file to begin anew with after an error: the same if it was damaged, else none."""
    if file is None or not is_damage(error):
        return None
    discard(file)
    return file


def discard(file: Path) -> None:
    """Take a damaged file away; who has it open goes on with what was there."""
    with contextlib.suppress(OSError), _alone(file):
        _remove(file)


def tidy(folder: Path, *, most: int, seconds: float) -> None:
    """Take away the files in a folder that nobody opened for long, and all but those opened last.

    Who has one open goes on with what was there; whoever opens it begins anew.

    Args:
        folder: Where they are.
        most: How many stay.
        seconds: For how long.
    """
    with contextlib.suppress(OSError):
        locks = sorted(folder.glob(f"*{_LOCK}"), key=_opened, reverse=True)
        limit = time.time() - seconds
        for number, lock in enumerate(locks):
            if number >= most or _opened(lock) < limit:
                _take_away(lock)


def _opened(lock: Path) -> float:
    try:
        return lock.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _take_away(place: Path) -> None:
    """A file with its journals and its lock, unless somebody is just opening it."""
    before = _opened(place)
    with contextlib.suppress(OSError):
        lock = _taken(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock is None:
            return
        try:
            if _opened(place) == before:
                _remove(place.with_name(place.name.removesuffix(_LOCK)))
                place.unlink()
        finally:
            os.close(lock)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, not the disk or another process that is at work on it."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of the block's changes, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.rollback()
        raise
    database.execute("COMMIT")


def _open(name: str, schema: str) -> sqlite3.Connection:
    if name != ":memory:":
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # for nobody else
    database = sqlite3.connect(
        name, timeout=_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(schema)
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Nobody else opens or removes the file meanwhile: its journals bear its name."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = file.with_name(f"{file.name}{_LOCK}")
    lock = _taken(place)
    while lock is None:
        lock = _taken(place)
    try:
        os.utime(lock)  # when it was opened last
        yield
    finally:
        os.close(lock)


def _taken(place: Path, operation: int = fcntl.LOCK_EX) -> int | None:
    """The descriptor of a lock that is held; None if it was removed while we waited for it."""
    lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, operation)
        if place.exists() and os.path.samestat(os.fstat(lock), place.stat()):
            return lock
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)

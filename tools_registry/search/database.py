"""SQLite files of ours that hold nothing that can't be made anew: a damaged one is replaced."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 10.0
"""How long one process waits for another that writes."""

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
    lock = os.open(
        file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)

"""Vectors kept in a file by the hash of their text, so that nobody pays for them twice.

A number takes a byte: that is exact to a thousandth of a cosine, and 100 000 vectors are 40 MB.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools_registry.search.database import connect, emptied, transaction
from tools_registry.search.layers import SIZE
from tools_registry.search.tensors import Array

MOST = 250_000
"""Vectors kept, newest last: 100 MB."""

RECORD = np.dtype([("scale", "<f4"), ("numbers", "i1", (SIZE,))])
Records = NDArray[np.void]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    id INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, record BLOB NOT NULL, sum INTEGER NOT NULL);
"""
_PUT = "INSERT OR REPLACE INTO vectors(key, record, sum) VALUES (?, ?, ?)"
_PRUNE = "DELETE FROM vectors WHERE id <= (SELECT max(id) FROM vectors) - ?"
_AT_ONCE = 500
_FEW = 5_000
"""Up to so many are looked up one by one; for more the whole table is read."""


def key_of(*texts: str) -> bytes:
    """What the vector of these texts is kept under."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).digest()


def pack(vectors: Array) -> Records:
    """Vectors as records of bytes."""
    records = np.zeros(len(vectors), RECORD)
    scales = np.maximum(np.abs(vectors).max(axis=1), np.float32(1e-12)) / 127
    records["scale"] = scales
    records["numbers"] = np.rint(vectors / scales[:, None])
    return records


def unpack(records: Records) -> Array:
    """The vectors of records, as rows."""
    vectors: Array = records["numbers"].astype(np.float32) * records["scale"][:, None]
    return vectors


class VectorStore:
    """Records by key; a file that can't be used is replaced by memory.

    Args:
        file: Where they are kept; several processes may use it at once.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connect()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The records that are there and sound, by key."""
        wanted = list(dict.fromkeys(keys))
        try:
            with self._lock:
                rows = self._read(wanted)
        except sqlite3.Error as error:
            self._replace(error)
            return {}
        return {key: record for key, record, checksum in rows if _sound(record, checksum)}

    def put(self, records: Mapping[bytes, bytes]) -> None:
        """Keep records; all of them, or none if the process is killed meanwhile."""
        rows = [(key, record, zlib.crc32(record)) for key, record in records.items()]
        for _ in range(2):
            try:
                with self._lock, transaction(self._database):
                    self._database.executemany(_PUT, rows)
                    self._database.execute(_PRUNE, [MOST])
                return
            except sqlite3.Error as error:
                self._replace(error)

    def _read(self, keys: list[bytes]) -> list[tuple[bytes, bytes, int]]:
        if len(keys) > _FEW:
            wanted = set(keys)
            rows = self._database.execute("SELECT key, record, sum FROM vectors")
            return [row for row in rows if row[0] in wanted]
        found: list[tuple[bytes, bytes, int]] = []
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT key, record, sum FROM vectors WHERE key IN ({marks})"
            found += self._database.execute(query, some)
        return found

    def _connect(self) -> None:
        try:
            self._database = connect(self._file, _SCHEMA)
        except (sqlite3.Error, OSError):
            self._database = connect(None, _SCHEMA)
        weakref.finalize(self, self._database.close)

    def _replace(self, error: sqlite3.Error) -> None:
        with self._lock:
            self._file = emptied(self._file, error)
            self._connect()


def _sound(record: object, checksum: object) -> bool:
    return (
        isinstance(record, bytes)
        and len(record) == RECORD.itemsize
        and zlib.crc32(record) == checksum
    )

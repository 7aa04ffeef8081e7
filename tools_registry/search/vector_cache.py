"""Vectors computed once and kept in a file, so that the next process does not pay again.

The file is a row of records: SHA-256 of the text, then the vector. It is only a cache: whatever is
odd about it, it is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tools_registry.search.embedding import SIZE
from tools_registry.search.tensors import Array

MOST = 20_000
"""Records kept, newest last: 31 MB."""

_RECORD = np.dtype([("key", "V32"), ("vector", "<f4", (SIZE,))])
_Vectors = dict[bytes, Array]


def cached_vectors(
    texts: Sequence[str], encode: Callable[[Sequence[str]], Array], file: Path
) -> Array:
    """One vector per text, as rows; `encode` is asked only for those not in the file.

    A file that can't be read or written costs time, not results.
    """
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
    known = _read(file)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known.update(zip(missing, encode(list(missing.values())), strict=True))
        with contextlib.suppress(OSError):
            _write(file, known)
    return np.array([known[key] for key in keys], np.float32).reshape(len(keys), SIZE)


def _read(file: Path) -> _Vectors:
    try:
        with file.open("rb") as stream:
            content = stream.read((MOST + 1) * _RECORD.itemsize)
    except OSError:
        return {}
    if len(content) % _RECORD.itemsize:
        return {}
    records = np.frombuffer(content, _RECORD)
    unit = np.abs(np.square(records["vector"]).sum(1) - 1) < 1e-3
    return {record["key"].tobytes(): record["vector"] for record in records[unit]}


def _write(file: Path, vectors: _Vectors) -> None:
    newest = list(vectors.items())[-MOST:]
    content = b"".join(key + vector.astype("<f4").tobytes() for key, vector in newest)
    file.parent.mkdir(parents=True, exist_ok=True)
    staged = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    try:
        staged.write_bytes(content)
        staged.replace(file)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise

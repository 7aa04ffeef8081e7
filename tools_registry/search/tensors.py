"""Read a safetensors file: a JSON header, then plain numbers, mapped into memory."""

from __future__ import annotations

import json
import math
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_MAX_HEADER = 1 << 20


class TensorsError(ValueError):
    """A file that is not what it should be; what is wrong, in one line."""


def read_tensors(path: Path) -> dict[str, Array]:
    """The float32 tensors of a file, not copied: pages are read when they are used.

    Raises:
        TensorsError: If header and content don't agree.
        OSError: If it can't be read.
    """
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            msg = "the file is empty"
            raise TensorsError(msg)
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    header, start = _header(content)
    return {
        name: _tensor(content, start, entry)
        for name, entry in header.items()
        if name != "__metadata__" and entry.get("dtype") == "F32"
    }


def _header(content: mmap.mmap) -> tuple[dict[str, dict[str, Any]], int]:
    """The header, and where the numbers begin."""
    size = int.from_bytes(content[:8], "little")
    if not 2 <= size <= min(_MAX_HEADER, len(content) - 8):
        msg = "the header does not fit into the file"
        raise TensorsError(msg)
    try:
        header = json.loads(content[8 : 8 + size])
    except (ValueError, RecursionError) as error:
        msg = "the header is no JSON"
        raise TensorsError(msg) from error
    if not isinstance(header, dict) or not all(isinstance(v, dict) for v in header.values()):
        msg = "the header is no table of tensors"
        raise TensorsError(msg)
    return header, 8 + size


def _tensor(content: mmap.mmap, start: int, entry: dict[str, Any]) -> Array:
    shape, (begin, end) = _integers(entry.get("shape")), _integers(entry.get("data_offsets"), 2)
    if end - begin != 4 * math.prod(shape) or start + end > len(content):
        msg = "a tensor does not fit into the file"
        raise TensorsError(msg)
    numbers = np.frombuffer(
        content, np.dtype("<f4"), count=(end - begin) // 4, offset=start + begin
    )
    return numbers.reshape(shape)


def _integers(value: object, length: int | None = None) -> list[int]:
    """A list of integers that can be sizes, of that length."""
    sizes = value if isinstance(value, list) else [-1]
    good = all(type(size) is int and 0 <= size < 1 << 40 for size in sizes)
    if not good or len(sizes) > 8 or length not in {None, len(sizes)}:
        msg = "the header has sizes that are none"
        raise TensorsError(msg)
    return sizes

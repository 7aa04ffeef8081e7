"""Arrays that came out of a kernel, in numpy's file format, without objects."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_HEADER = 10_000  # bytes


def read(payload: bytearray) -> np.ndarray[Any, Any]:
    """The array that a kernel wrote; it uses the memory of the payload.

    Raises:
        Exception: Of many kinds, if this is no such file, or its size is not what it says.
    """
    import numpy as np
    from numpy.lib import format as npy

    file = io.BytesIO(payload[: _HEADER + 100])
    version = npy.read_magic(file)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
    shape, by_column, dtype = read_header(file, max_header_size=_HEADER)
    size = dtype.itemsize * _count(shape)
    if dtype.hasobject or not dtype.itemsize or len(payload) - file.tell() != size:
        msg = f"an array of {dtype} and shape {shape} in {len(payload)} bytes"
        raise ValueError(msg)
    order: Any = "F" if by_column else "C"
    return np.ndarray(shape, dtype, buffer=payload, offset=file.tell(), order=order)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        if length < 0:
            msg = f"a shape of {shape}"
            raise ValueError(msg)
        count *= length
    return count

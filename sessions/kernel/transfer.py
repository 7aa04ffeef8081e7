"""Values into the kernel and out of it, in pieces that travel as buffers of messages.

The host is trusted here, so what it pickled may be unpickled. Nothing is ever pickled for it.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from . import frames, notation


class CannotTravel(Exception):  # noqa: N818 -- says what a value is, nothing went wrong
    """A value can't be passed on; the message says why, and what to do."""


class Inbox:
    """Collects what the host sends, piece by piece."""

    def __init__(self) -> None:
        self._payload = bytearray()

    def take(self, size: int, offset: int, piece: Any) -> None:
        """Note a piece; the first one tells how large the whole is."""
        if offset == 0:
            self._payload = bytearray(size)
        self._payload[offset : offset + len(piece)] = piece

    def unpack(self, sizes: Mapping[str, int], namespace: MutableMapping[str, Any]) -> None:
        """Make variables of what arrived: all of them or, on any error, none."""
        payload, self._payload = memoryview(self._payload), bytearray()
        found, start = {}, 0
        for name, size in sizes.items():
            found[name] = _unpickle(name, payload[start : start + size])
            start += size
        namespace.update(found)


class Outbox:
    """Holds one value while the host fetches it, piece by piece."""

    def __init__(self) -> None:
        self._parts: Sequence[memoryview] = ()

    def put(self, name: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
        """Write a variable down; tells the format and the sizes of its parts in bytes.

        Raises:
            CannotTravel: If its type can't leave the kernel.
        """
        if name not in namespace:
            msg = f"there is no variable {name!r} in the kernel"
            raise CannotTravel(msg)
        try:
            form, parts = _written(namespace[name])
        except (ValueError, TypeError, NotImplementedError) as reason:
            raise CannotTravel(_advice(name, reason)) from None
        self._parts = [memoryview(part).cast("B") for part in parts]
        return {"format": form, "sizes": [len(part) for part in self._parts]}

    def piece(self, part: int, offset: int, length: int) -> memoryview:
        """A piece of what was written down."""
        return self._parts[part][offset : offset + length]

    def clear(self) -> None:
        """Let go of the value."""
        self._parts = ()


def _written(value: object) -> tuple[str, list[Any]]:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and type(value) is pandas.DataFrame:
        return "frame", list(frames.write(value))
    if pandas is not None and isinstance(value, pandas.Series):
        description, columns = frames.write(value.to_frame())
        return "series", [notation.write(value.name), description, columns]
    if numpy is not None and type(value) is numpy.ndarray:
        return "array", [_npy(value)]
    if numpy is not None and isinstance(value, numpy.generic):
        return "scalar", [_npy(numpy.asarray(value))]
    return "plain", [notation.write(value)]


def _npy(array: Any) -> memoryview:
    import numpy as np

    if array.dtype.hasobject:
        msg = "is an array of objects"
        raise notation.NotPlain(msg)
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getbuffer()


def _unpickle(name: str, pickled: memoryview) -> Any:
    try:
        return pickle.loads(pickled)
    except (ImportError, AttributeError) as error:
        msg = f"{name!r} is of a type that is not known in the kernel ({error}): push plain data"
        raise CannotTravel(msg) from None


def _advice(name: str, reason: Exception) -> str:
    return (
        f"{name!r} can't leave the kernel, for it {reason}: turn it into plain data, a table or an "
        "array of numbers first"
    )

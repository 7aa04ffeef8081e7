"""Search by meaning: the vectors of tools, compared with the vector of a request.

Up to some thousand tools all are compared. Of more, those whose signs agree best with the request's
are looked at closely: a bit for each number is enough to find them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools_registry.search.meanings import Meanings
from tools_registry.search.tensors import Array
from tools_registry.search.vector_store import RECORD, Records, pack, unpack
from tools_registry.tool import Tool

EXACT = 5_000
"""Most tools of which all are compared."""

_BATCH = 32
"""Tools whose vectors are made and kept at once: half a second's work."""

Positions = NDArray[np.int64]


class MeaningIndex:
    """Scores by cosine; safe to ask from several threads.

    Args:
        tools: What to search.
        meanings: Where vectors come from.
    """

    def __init__(self, tools: Sequence[Tool], meanings: Meanings) -> None:
        self._tools = tools
        self._meanings = meanings
        self._lock = threading.Lock()
        self._records: Records = np.zeros(len(tools), RECORD)
        self._load()
        known = self._records["scale"] > 0
        self._missing = np.flatnonzero(~known)
        self._vectors = unpack(self._records) if len(tools) <= EXACT else None
        self._signs = _signs(self._records)

    @property
    def complete(self) -> bool:
        """Whether every tool has its vector."""
        return not len(self._missing)

    def fill(self) -> None:
        """Make vectors that are missing, some of them; call it until `complete`."""
        positions = self._missing[:_BATCH]
        vectors = self._meanings.of_tools([self._tools[n] for n in positions])
        records = pack(vectors)
        with self._lock:
            self._records[positions] = records
            self._signs[positions] = _signs(records)
            if self._vectors is not None:
                self._vectors[positions] = vectors
            self._missing = self._missing[_BATCH:]

    @property
    def exact(self) -> bool:
        """Whether all tools are compared."""
        return self._vectors is not None

    def nearest(self, vector: Array, most: int, wanted: Positions | None = None) -> Positions:
        """The positions of tools that may be among the nearest, ascending.

        Args:
            vector: What they are to be near to.
            most: How many, unless it is no effort to look at all.
            wanted: Only these.
        """
        among = np.arange(len(self._tools)) if wanted is None else wanted
        if len(among) <= max(EXACT, most):
            return among
        with self._lock:
            signs = self._signs if wanted is None else self._signs[wanted]
            differing = np.bitwise_count(signs ^ _bits(vector[None])).sum(axis=1, dtype=np.int16)
        return np.sort(among[np.argpartition(differing, most)[:most]])

    def vectors(self, positions: Positions) -> Array:
        """The vectors of tools; all zero where one is missing."""
        with self._lock:
            if self._vectors is not None:
                return self._vectors[positions]
            return unpack(self._records[positions])

    def _load(self) -> None:
        keys = [self._meanings.key_of_tool(tool) for tool in self._tools]
        known = self._meanings.store.get(keys)
        places = [n for n, key in enumerate(keys) if key in known]
        content = b"".join(known[keys[n]] for n in places)
        self._records[places] = np.frombuffer(content, RECORD)


def _signs(records: Records) -> NDArray[np.uint64]:
    return _bits(records["numbers"])


def _bits(numbers: NDArray[np.generic]) -> NDArray[np.uint64]:
    """A bit for each number, set if it is positive."""
    return np.packbits(numbers > 0, axis=1).view(np.uint64)  # type: ignore[operator]

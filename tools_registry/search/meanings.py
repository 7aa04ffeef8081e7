"""What texts mean: the vectors of tools and of requests, from the embedding model or from a file.

Requests and tools are each two texts whose vectors are averaged: a request as it is and without
its values, a tool with and without its parameters. Where the two disagree the mean is short, and
counts less.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from tools_registry.search.embedding import Encoder
from tools_registry.search.layers import SIZE
from tools_registry.search.request import LONGEST, essence
from tools_registry.search.tensors import Array
from tools_registry.search.vector_store import RECORD, VectorStore, key_of, pack, unpack
from tools_registry.search.words import split_words
from tools_registry.tool import Tool

_LONGEST = 4_000
"""Characters of a tool's text that are looked at; the model reads 256 word pieces."""

_REMEMBERED = 1_000

_PATIENCE = 100
"""Past requests whose vectors are made while a search waits: a second's work."""

_MANNER = "1"
"""Changes with how texts are made of tools and requests, and so with their vectors."""


class Meanings:
    """Makes and remembers vectors; safe to ask from several threads.

    Args:
        encoder: The model.
        store: Where vectors outlive the process.
    """

    def __init__(self, encoder: Encoder, store: VectorStore) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._requests: OrderedDict[str, Array] = OrderedDict()
        self.store = store

    @classmethod
    def open(cls, weights: Path, file: Path) -> Self:
        """From the weights in a folder, with vectors kept in a file.

        Raises:
            TensorsError: If the weights are damaged.
            OSError: If they can't be read.
        """
        stamp = (weights / "model.safetensors").stat().st_mtime_ns
        return cls(_encoder(weights, stamp, file.parent), VectorStore(file))

    def of_request(self, request: str) -> Array:
        """The vector of a request."""
        request = request[:LONGEST]
        with self._lock:
            known = self._requests.pop(request, None)
        vector = self._request(request) if known is None else known
        with self._lock:
            self._requests[request] = vector
            if len(self._requests) > _REMEMBERED:
                self._requests.popitem(last=False)
        return vector

    def of_past(self, requests: Sequence[str]) -> Array:
        """One vector per past request, as rows; zeros for those that are left for the next time."""
        keys = [self._key("request", request) for request in requests]
        kept = self.store.get(keys)
        missing = {k: r for k, r in zip(keys, requests, strict=True) if k not in kept}
        made = {key: self.of_request(missing[key]) for key in list(missing)[:_PATIENCE]}
        records = pack(np.array(list(made.values()), np.float32).reshape(len(made), SIZE))
        kept |= dict(zip(made, (record.tobytes() for record in records), strict=True))
        self.store.put({key: kept[key] for key in made})
        nothing = bytes(RECORD.itemsize)
        return unpack(np.frombuffer(b"".join(kept.get(key, nothing) for key in keys), RECORD))

    def of_tools(self, tools: Sequence[Tool]) -> Array:
        """One vector per tool, as rows; they are kept."""
        texts = [text for tool in tools for text in tool_texts(tool)]
        pairs = self._encoder.encode(texts).reshape(len(tools), 2, -1)
        vectors: Array = pairs.mean(axis=1)
        records = pack(vectors)
        keys = map(self.key_of_tool, tools)
        self.store.put({key: r.tobytes() for key, r in zip(keys, records, strict=True)})
        return vectors

    def key_of_tool(self, tool: Tool) -> bytes:
        """What the vector of a tool is kept under."""
        return self._key("tool", *tool_texts(tool))

    def _key(self, kind: str, *texts: str) -> bytes:
        """Vectors of another encoder, or of texts made in another manner, have other keys."""
        return key_of(kind, _MANNER + self._encoder.name, *texts)

    def _request(self, request: str) -> Array:
        texts = list(dict.fromkeys((request, essence(request))))
        # Both at once: most of the time goes into reading the weights.
        mean: Array = self._encoder.encode(texts).mean(axis=0)
        return mean


def tool_texts(tool: Tool) -> tuple[str, str]:
    """What a tool does, and the same with its parameters."""
    params = "; ".join(
        f"{parameter.name}: {parameter.doc}" if parameter.doc else parameter.name
        for parameter in tool.parameters
    )
    does = f"{' '.join(split_words(tool.name))}: {tool.summary}"[:_LONGEST]
    return does, f"{does} {params}"[:_LONGEST]


@lru_cache(maxsize=1)
def _encoder(weights: Path, stamp: int, quick: Path) -> Encoder:
    """The model, once for all registries of a process."""
    return Encoder.open(weights, quick)

"""Search by meaning: the vectors of tools, compared with the vector of a request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools_registry.search.embedding import Encoder
from tools_registry.search.vector_cache import cached_vectors
from tools_registry.tool import Tool

_LONGEST = 4_000
"""Characters of a text that are looked at; the model reads 256 word pieces."""


class MeaningIndex:
    """Scores by cosine.

    Args:
        tools: What to search.
        weights: Folder of the weights.
        cache: File in which vectors are kept.

    Raises:
        TensorsError: If the weights are damaged.
        OSError: If they can't be read.
    """

    def __init__(self, tools: Sequence[Tool], *, weights: Path, cache: Path) -> None:
        self._encoder = Encoder.open(weights)
        self._vectors = cached_vectors([_text(tool) for tool in tools], self._encoder.encode, cache)

    def scores(self, query: str) -> list[float]:
        """The cosine of every tool, by position; none below 0."""
        vector = self._encoder.encode([query[:_LONGEST]])[0]
        return [max(0.0, float(score)) for score in self._vectors @ vector]


def _text(tool: Tool) -> str:
    params = "; ".join(
        f"{parameter.name}: {parameter.doc}" if parameter.doc else parameter.name
        for parameter in tool.parameters
    )
    return f"{tool.name}: {tool.summary} {params}"[:_LONGEST]

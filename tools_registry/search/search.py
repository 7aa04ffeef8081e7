"""Rank tools for a request: by shared words, and by meaning where the weights are installed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools_registry.search import weights as embedding_weights
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.tool import Tool

if TYPE_CHECKING:
    from tools_registry.search.meaning_index import MeaningIndex

_MEANING = 0.7
_WORDS = 0.3
"""Weights of the two scores, found on past requests: rank fusion does worse than meaning alone."""

_HALF = 25.0
"""The BM25 that counts one half: sums of word weights have no upper end, scores end at 1."""

_PROVISIONAL = 0.8
"""What a skill counts that nobody has reviewed yet."""


class Search:
    """Ranks a fixed set of tools; indexes are built by the first search.

    Args:
        tools: What to search.
        weights: Folder of the embedding weights instead of the usual one.
    """

    def __init__(self, tools: Sequence[Tool], *, weights: Path | None = None) -> None:
        self._tools = tools
        self._weights = weights
        self._lock = threading.Lock()
        self._keywords: KeywordIndex | None = None
        self._meaning: MeaningIndex | None = None
        self._why = ""

    @property
    def embedding(self) -> tuple[bool, str]:
        """Whether search goes by meaning too, and why or why not."""
        self._build()
        return self._meaning is not None, self._why

    def rank(self, query: str) -> list[tuple[Tool, float]]:
        """Tools with a score above 0, best first; scores lie in 0…1.

        Args:
            query: Any text at all.
        """
        scores = self._scores(query)
        ranked = [(tool, scores.get(n, 0.0) * _trust(tool)) for n, tool in enumerate(self._tools)]
        return sorted(filter(lambda pair: pair[1] > 0, ranked), key=lambda pair: -pair[1])

    def _scores(self, query: str) -> dict[int, float]:
        keywords, meaning = self._build()
        found = {n: bm25 / (bm25 + _HALF) for n, bm25 in keywords.scores(query).items()}
        if meaning is None or not query.strip():
            return found
        return {
            n: _MEANING * cosine + _WORDS * found.get(n, 0.0)
            for n, cosine in enumerate(meaning.scores(query))
        }

    def _build(self) -> tuple[KeywordIndex, MeaningIndex | None]:
        with self._lock:
            if self._keywords is None:
                self._meaning, self._why = _open_meaning(self._tools, self._weights)
                self._keywords = KeywordIndex(self._tools)
            return self._keywords, self._meaning


def _open_meaning(tools: Sequence[Tool], folder: Path | None) -> tuple[MeaningIndex | None, str]:
    """The index and where its weights are, or None and what to do about it."""
    found = embedding_weights.locate(folder)
    if found is None:
        return None, f"keywords only: the weights are missing; {embedding_weights.ADVICE}"
    from tools_registry.search.meaning_index import MeaningIndex
    from tools_registry.search.tensors import TensorsError

    cache = embedding_weights.cache_path() / "vectors.bin"
    try:
        return MeaningIndex(tools, weights=found, cache=cache), f"weights in {found}"
    except (TensorsError, OSError) as error:
        return None, f"keywords only: {error} in {found}; {embedding_weights.ADVICE}"


def _trust(tool: Tool) -> float:
    return _PROVISIONAL if tool.status == "provisional" else 1.0

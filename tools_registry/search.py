"""Rank tools for a request: by shared words, and by meaning where the weights are installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools_registry.keyword_index import KeywordIndex
from tools_registry.tool import Tool

_PROVISIONAL = 0.7
"""What a skill counts that nobody has reviewed yet."""

_HALF = 6.0
"""BM25 that makes a keyword score of one half; it keeps scores of different queries comparable."""


class Search:
    """Ranks a fixed set of tools; indexes are built by the first search."""

    def __init__(self, tools: Sequence[Tool], *, weights: Path | None = None) -> None:
        self._tools = tools
        self._keywords: KeywordIndex | None = None
        self._weights = weights

    @property
    def embedding(self) -> tuple[bool, str]:
        """Whether search goes by meaning too; if not, why and what to do."""
        return False, "not built yet"

    def rank(self, query: str) -> list[tuple[Tool, float]]:
        """Tools with a score above 0, best first; scores lie in 0…1."""
        scores = self._keyword_scores(query)
        ranked = [
            (tool, scores[n] * _trust(tool)) for n, tool in enumerate(self._tools) if n in scores
        ]
        return sorted(ranked, key=lambda pair: -pair[1])

    def _keyword_scores(self, query: str) -> dict[int, float]:
        if self._keywords is None:
            self._keywords = KeywordIndex(self._tools)
        found = self._keywords.scores(query)
        return {n: score / (score + _HALF) for n, score in found.items()}


def _trust(tool: Tool) -> float:
    return _PROVISIONAL if tool.status == "provisional" else 1.0

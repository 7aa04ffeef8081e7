"""Rank tools for a request: by shared words, by meaning where the weights are, by past use."""

from __future__ import annotations

import heapq
import logging
import math
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools_registry.search import weights as embedding_weights
from tools_registry.search.database import tidy
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.search.rankings import ByWords, Learned, Ranking
from tools_registry.search.usage import Usage
from tools_registry.tool import Tool

if TYPE_CHECKING:
    from tools_registry.search.meaning_index import MeaningIndex

_PROVISIONAL = 0.8
"""What a skill counts that nobody has reviewed yet."""

_FILE_FROM = 300
"""Tools from which the keyword index is kept: fewer are indexed as fast as a file is opened."""

_MOST_FILES = 50
"""Keyword indexes that are kept: one for each workspace."""

_UNUSED = 60 * 86_400.0
"""Seconds after which an index goes that no search has opened."""

_PATIENCE = 2.0
"""Seconds the first search waits for an index that is being made before it goes without."""

_log = logging.getLogger("tools_registry")


class Search:
    """Ranks a fixed set of tools; indexes are opened by the first search, filled in the background.

    Args:
        tools: What to search.
        weights: Folder of the embedding weights instead of the usual one.
        collection: Name of the file that keeps the keyword index; without one it is in memory.
        usage: What was learned from use.
    """

    def __init__(
        self,
        tools: Sequence[Tool],
        *,
        weights: Path | None = None,
        collection: str | None = None,
        usage: Usage | None = None,
    ) -> None:
        self._tools = tools
        self._weights = weights
        self._collection = collection
        self._usage = usage
        self._lock = threading.Lock()
        self._ranking: Ranking | None = None
        self._meaning: MeaningIndex | None = None
        self._work: threading.Thread | None = None
        self._why = ""

    @property
    def embedding(self) -> tuple[bool, str]:
        """Whether search goes by meaning too, and why or why not."""
        self._open()
        return self._meaning is not None, self._why

    def rank(
        self, query: str, limit: int, among: Callable[[Tool], bool] | None = None
    ) -> list[tuple[Tool, float]]:
        """The best tools with a score above 0, best first; scores lie in 0…1.

        Args:
            query: Any text at all.
            limit: Most tools returned.
            among: Which tools to look at; all of them by default.
        """
        if not query.strip():
            return []
        ranking = self._open()
        if self._meaning is None:
            _say_once(f"search goes by {self._why}")
        wanted = None if among is None else [n for n, t in enumerate(self._tools) if among(t)]
        scores = ranking.scores(query, wanted)
        trusted = ((n, score * _trust(self._tools[n])) for n, score in scores.items() if score > 0)
        best = heapq.nlargest(limit, trusted, key=lambda pair: (pair[1], -pair[0]))
        return [(self._tools[n], -math.expm1(-score)) for n, score in best]

    def wait(self) -> None:
        """Return when everything is indexed."""
        self._open()
        if self._work is not None:
            self._work.join()

    def _open(self) -> Ranking:
        """Open the indexes, and begin to fill them; the first caller waits a little for that."""
        with self._lock:
            if self._ranking is None:
                keywords = KeywordIndex(self._tools, self._file())
                self._ranking = self._make_ranking(keywords)
                self._work = threading.Thread(target=self._fill, args=[keywords], daemon=True)
                self._work.start()
                self._work.join(_PATIENCE)
            return self._ranking

    def _fill(self, keywords: KeywordIndex) -> None:
        try:
            keywords.update()
            if file := self._file():
                tidy(file.parent, most=_MOST_FILES, seconds=_UNUSED)
            while self._meaning is not None and not self._meaning.complete:
                self._meaning.fill()
        except Exception:  # what is indexed so far can be searched
            _log.debug("an index could not be filled", exc_info=True)

    def _make_ranking(self, keywords: KeywordIndex) -> Ranking:
        learned = Learned(self._tools, self._usage)
        found = embedding_weights.locate(self._weights)
        if found is None:
            self._why = f"keywords only: the weights are missing; {embedding_weights.ADVICE}"
            return ByWords(keywords, learned)
        from tools_registry.search.meaning_index import MeaningIndex
        from tools_registry.search.meanings import Meanings
        from tools_registry.search.rankings import ByMeaning
        from tools_registry.search.tensors import TensorsError

        try:
            meanings = Meanings.open(found, embedding_weights.vectors_file())
        except (TensorsError, OSError) as error:
            self._why = f"keywords only: {error} in {found}; {embedding_weights.ADVICE}"
            return ByWords(keywords, learned)
        self._meaning = MeaningIndex(self._tools, meanings)
        self._why = f"weights in {found}"
        return ByMeaning(keywords, self._meaning, meanings, learned)

    def _file(self) -> Path | None:
        if self._collection is None or len(self._tools) < _FILE_FROM:
            return None
        return embedding_weights.cache_path() / "keywords" / f"{self._collection}.sqlite"


@cache
def _say_once(message: str) -> None:
    """To standard error, unless the program has set up its log otherwise."""
    _log.warning("%s", message)


def _trust(tool: Tool) -> float:
    return _PROVISIONAL if tool.status == "provisional" else 1.0

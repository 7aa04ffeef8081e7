"""The two ways to score tools for a request: by words alone, and by words and meaning."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tools_registry.search.experience import Placed, word_scores
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.search.usage import Experiences, Usage
from tools_registry.tool import Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools_registry.search.experience import Turns
    from tools_registry.search.meaning_index import MeaningIndex, Positions
    from tools_registry.search.meanings import Meanings
    from tools_registry.search.tensors import Array

_WORDS_ALONE = 0.03
"""What one of BM25 is worth where there is nothing else."""

_WORDS = 0.01
"""The same, added to a cosine; found on past requests of two kinds, and flat around there."""

_CANDIDATES = 300
"""Tools that are looked at closely, from either side, where all would be too many."""

Scores = Mapping[int, float]
"""By position of the tool."""


class Ranking(Protocol):
    """Scores tools."""

    def scores(self, query: str, wanted: Collection[int] | None) -> Scores:
        """What tools are worth for a request; those that are left out are worth nothing.

        Args:
            query: Any text but an empty one.
            wanted: Only these; None for all.
        """


class Learned:
    """What was learned of the tools at hand."""

    def __init__(self, tools: Sequence[Tool], usage: Usage | None) -> None:
        self._usage = usage
        self._places = {tool.name: position for position, tool in enumerate(tools)}
        self._source: Experiences = {}
        self._placed: Placed = {}

    def placed(self) -> Placed:
        """By position; the same object until something was learned."""
        source = self._usage.experiences() if self._usage else {}
        if source is not self._source:
            places = self._places
            self._placed = {places[t]: past for t, past in source.items() if t in places and past}
            self._source = source
        return self._placed


class ByWords:
    """Keywords and the words of past requests."""

    def __init__(self, keywords: KeywordIndex, learned: Learned) -> None:
        self._keywords = keywords
        self._learned = learned

    def scores(self, query: str, wanted: Collection[int] | None) -> Scores:
        """See `Ranking`."""
        found = self._keywords.scores(query)
        past = word_scores(query, self._learned.placed(), self._keywords.rarity)
        positions = found.keys() | past.keys()
        return {
            n: _WORDS_ALONE * (found.get(n, 0.0) + past.get(n, 0.0))
            for n in (positions if wanted is None else positions & set(wanted))
        }


class ByMeaning:
    """Keywords, the nearness of vectors, and past requests."""

    def __init__(
        self, keywords: KeywordIndex, index: MeaningIndex, meanings: Meanings, learned: Learned
    ) -> None:
        self._keywords = keywords
        self._index = index
        self._meanings = meanings
        self._learned = learned
        self._turned: tuple[Placed, Turns] | None = None

    def scores(self, query: str, wanted: Collection[int] | None) -> Scores:
        """See `Ranking`."""
        from tools_registry.search.blas import one_thread

        most = -1 if wanted is not None or self._index.exact else _CANDIDATES
        found: dict[int, float] = {}
        # Both take their time outside of Python, so they can take it together.
        looking = threading.Thread(
            target=lambda: found.update(self._keywords.scores(query, most)), daemon=True
        )
        looking.start()
        vector = self._meanings.of_request(query)
        looking.join()
        positions = self._candidates(vector, found, wanted)
        with one_thread():  # more of them only wait for each other where others work as well
            cosines, known = self._cosines(vector, positions)
        if not known.all():
            past = word_scores(query, self._learned.placed(), self._keywords.rarity)
            for n in positions[~known].tolist():
                found[n] = max(0.0, found.get(n, 0.0) + past.get(n, 0.0))
            _guess(cosines, known, [found.get(n, 0.0) for n in positions.tolist()])
        return {
            n: max(0.0, cosine) + _WORDS * found.get(n, 0.0)
            for n, cosine in zip(positions.tolist(), cosines.tolist(), strict=True)
        }

    def _candidates(
        self, vector: Array, found: Iterable[int], wanted: Collection[int] | None
    ) -> Positions:
        import numpy as np

        if wanted is not None:
            wanted = np.fromiter(sorted(wanted), np.int64)
        near = self._index.nearest(vector, _CANDIDATES, wanted)
        if wanted is not None or self._index.exact:
            return near
        used = self._learned.placed().keys()
        return np.unique(np.concatenate([near, np.fromiter({*found, *used}, np.int64)]))

    def _cosines(self, vector: Array, positions: Positions) -> tuple[Array, NDArray[np.bool]]:
        """Nearness after past use, and which of the tools have a vector yet."""
        import numpy as np

        vectors = self._index.vectors(positions)
        known = np.abs(vectors).sum(axis=1) > 0
        cosines: Array = vectors @ vector
        turns = self._turns()
        if turns is not None and len(positions):
            places = np.searchsorted(positions, turns.positions) % len(positions)
            present = np.isin(turns.positions, positions)
            here = np.flatnonzero(np.logical_and(present, known[places]))
            moved = turns(vectors[places], vector) @ vector
            cosines[places[here]] = moved[here]
        return cosines, known

    def _turns(self) -> Turns | None:
        from tools_registry.search.experience import Turns

        placed = self._learned.placed()
        if not placed:
            return None
        if self._turned is None or self._turned[0] is not placed:
            past = [e.request for experiences in placed.values() for e in experiences]
            vectors = self._meanings.of_past(past)
            turns = Turns(placed, vectors)
            if not vectors.any(axis=1).all():
                return turns
            self._turned = placed, turns
        return self._turned[1]


def _guess(cosines: Array, known: NDArray[np.bool], words: Sequence[float]) -> None:
    """Let tools that have no vector yet be as near as their words let expect.

    That is as near as the tool that stands by meaning where they stand by words, among those that
    have vectors. So what has vectors is not ahead of the rest for that alone, and words count alone
    where there are none.
    """
    import numpy as np

    by_words = np.array(words, np.float32)
    if not known.any():
        cosines[:] = (_WORDS_ALONE - _WORDS) * by_words
        return
    places = np.searchsorted(np.sort(by_words[known]), by_words[~known])
    guessed = np.sort(cosines[known])[np.minimum(places, known.sum() - 1)]
    cosines[~known] = np.where(by_words[~known] > 0, guessed, 0.0)

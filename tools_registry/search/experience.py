"""How past use moves tools in a ranking.

By meaning: a tool's vector is turned towards the requests it served, most towards the one that is
nearest to the present request, and a little away from those it failed. It is turned, not made
longer, so nobody can make a tool win everything. By words: those of past requests count as the
tool's own, up to once each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tools_registry.search.stemmer import stems
from tools_registry.search.usage import Experience
from tools_registry.search.words import query_terms

if TYPE_CHECKING:
    from tools_registry.search.tensors import Array

_PULL = 2.5
"""Length of the turn, against a tool's vector of length 1, for many experiences."""

_DOUBT = 2.5
"""Experiences at which it is half of that."""

_FOCUS = 10.0
"""How much more a past request counts that is nearer to the present one."""

_FAILURE = 0.3
"""What a failure counts against a success: often the call was at fault, not the tool."""

Placed = Mapping[int, Sequence[Experience]]
"""Experiences by the position of the tool; none is empty."""


class Turns:
    """Turns the vectors of tools that have experiences.

    Args:
        placed: The experiences.
        vectors: Those of all past requests, in order, as rows; zeros for one that has none.
    """

    def __init__(self, placed: Placed, vectors: Array) -> None:
        import numpy as np

        counts = [len(past) for past in placed.values()]
        tallies = np.array([e.tally for past in placed.values() for e in past], np.float32)
        self.positions = np.fromiter(placed, np.int64)
        self._past = vectors
        self._owners = np.repeat(np.arange(len(counts)), counts)
        self._starts = np.cumsum([0, *counts[:-1]])
        self._signed = np.where(tallies < 0, _FAILURE * tallies, tallies)
        amounts = np.add.reduceat(np.abs(tallies), self._starts)
        self._reach = (_PULL * amounts / (amounts + _DOUBT))[:, None]

    def __call__(self, tools: Array, request: Array) -> Array:
        """The vectors of the tools at `positions` after their experiences; lengths stay.

        Args:
            tools: The vectors without them, in the order of `positions`.
            request: That of the present request.
        """
        import numpy as np

        nearness = self._past @ request
        nearest = np.maximum.reduceat(nearness, self._starts)
        shares = np.exp(_FOCUS * (nearness - nearest[self._owners]))
        shares /= np.add.reduceat(shares, self._starts)[self._owners]
        pulls = np.add.reduceat((shares * self._signed)[:, None] * self._past, self._starts)
        moved = tools + self._reach * np.linalg.norm(tools, axis=1, keepdims=True) * pulls
        lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        result: Array = moved * (np.linalg.norm(tools, axis=1, keepdims=True) / lengths)
        return result


def word_scores(
    query: str, placed: Placed, rarity: Callable[[Iterable[str]], Mapping[str, float]]
) -> dict[int, float]:
    """What words shared with past requests are worth, by position, in the measure of BM25.

    Args:
        query: The present request.
        placed: The experiences.
        rarity: How much a stem tells.
    """
    if not placed:
        return {}
    terms = rarity(stems(query_terms(query)))
    return {
        position: sum(terms[stem] * share for stem, share in _shares(past, set(terms)).items())
        for position, past in placed.items()
    }


def _shares(past: Sequence[Experience], wanted: set[str]) -> dict[str, float]:
    """For each stem -1 … 1: how far past requests that had it went well."""
    sums = defaultdict[str, float](float)
    for experience in past:
        weight = 2 * experience.tally * (_FAILURE if experience.tally < 0 else 1.0) / len(past)
        for stem in wanted & set(stems(query_terms(experience.request))):
            sums[stem] += weight
    return {stem: max(-1.0, min(1.0, value)) for stem, value in sums.items()}

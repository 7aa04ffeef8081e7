"""Phrases with a meaning of their own, ready to be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from agent.offline.tables.hints import ADJECTIVES, STATES
from agent.offline.tables.lexicon import CONCEPTS, NEUTRAL
from agent.offline.vocabulary import FILLERS

SKIPPED = FILLERS - {"value"}  # which may be that of something


Phrases = Mapping[tuple[str, ...], tuple[str, str]]
"""Words → concept and sense."""


def _split(phrase: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s-]+", phrase))


def phrases_of(concepts: Mapping[str, Mapping[str, str]]) -> Phrases:
    """Every phrase of a lexicon with what it means."""
    return {
        _split(phrase.strip()): (concept, sense)
        for concept, senses in reversed(list(concepts.items()))
        for sense, phrases in senses.items()
        for phrase in phrases.split(";")
        if phrase.strip() and not phrase.strip().endswith("*")
    }


PHRASES = phrases_of(CONCEPTS)


@cache
def _adjectives() -> Mapping[tuple[str, ...], tuple[str, str, str]]:
    """Phrases with the concept, its sense, and words in names of columns."""
    found: dict[tuple[str, ...], tuple[str, str, str]] = {}
    for adjective in ADJECTIVES:
        way = "max" if adjective.sign == ">" else "min"
        for phrase in filter(None, map(str.strip, adjective.superlatives.split(";"))):
            found[_split(phrase)] = ("SUPER", way, adjective.columns)
        for phrase in filter(None, map(str.strip, adjective.comparatives.split(";"))):
            found[(*_split(phrase), "than")] = ("COMPARED", adjective.sign, adjective.columns)
    return found


COMPARING = _adjectives()


STATES_SAID = {
    _split(phrase.strip()): (hints.split(), sign, limit)
    for spoken, hints, sign, limit in STATES
    for phrase in spoken.split(";")
}


def is_common(word: str) -> bool:
    """Whether a word has a meaning of its own, or none, in any request."""
    return word in NEUTRAL or (word,) in PHRASES

"""What the words of a description suggest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from agent.offline.synthesis.component import Component

_HINT = 2
_SEVERAL = 1
_MULTIPLES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
NUMBERS = _MULTIPLES | {"nine": 9, "ten": 10, "dozen": 12, "hundred": 100, "thousand": 1000}
_IRREGULAR = {"parentheses": "parenthesis", "indices": "index", "vertices": "vertex"}


def stem(word: str) -> str:
    """The word in the singular, so far as an ending tells."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as written and in the singular."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return frozenset(words) | frozenset(map(stem, words))


def weighted(components: Iterable[Component], words: frozenset[str]) -> tuple[Component, ...]:
    """The components, cheaper where the words name them."""
    return tuple(replace(c, cost=_cost(c, len(words & c.words))) for c in components)


def _cost(component: Component, hits: int) -> int:
    discount = (_HINT if hits else 0) + (_SEVERAL if hits > 1 else 0)
    return max(1, component.cost - discount)

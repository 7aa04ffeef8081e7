"""What the words of a description suggest."""

from __future__ import annotations

import re
from functools import cache

GENERIC = frozenset(
    {
        *("number", "list", "string", "element", "check", "item", "array", "tuple", "find", "text"),
        *("convert", "integer", "value", "all", "each", "and", "or", "not", "in", "of", "the"),
        *("to", "dictionary", "first", "last", "from", "with", "two", "three", "by"),
    }
)
"""Words that nearly every description has, and that say little."""
_HINT = 2
_FAINT = 1
_SEVERAL = 1
_MULTIPLES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
NUMBERS = _MULTIPLES | {"nine": 9, "ten": 10, "dozen": 12, "hundred": 100, "thousand": 1000}
_IRREGULAR = {"parentheses": "parenthesis", "indices": "index", "vertices": "vertex"}
_ENDINGS = ("ization", "ation", "ally", "ing", "ed", "er", "ly", "ion", "ive", "al", "y", "e")
_SHORTEST_ROOT = 3
_ROOTS = {
    "maxima": "max", "maximum": "max", "maximal": "max", "minimum": "min", "minimal": "min",
    "biggest": "large", "largest": "large", "greatest": "great", "smallest": "small",
    "divisible": "divis", "divisor": "divis", "occurrence": "occur", "occurring": "occur",
    "occurred": "occur", "uppercase": "upper", "lowercase": "lower", "duplicate": "duplic",
    "duplication": "duplic",
}  # fmt: skip


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


@cache
def root(word: str) -> str:
    """What the word shares with its relatives: `sort` of `sorted` and `sorting`."""
    word = stem(word)
    if word in _ROOTS:
        return _ROOTS[word]
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _SHORTEST_ROOT:
            return rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] not in "ls" else rest
    return word


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as written and in the singular."""
    words = _words(text)
    return frozenset(words) | frozenset(map(stem, words))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())


@cache
def phrases(about: str) -> tuple[str, ...]:
    """Phrases separated by commas, as roots of words."""
    return tuple(" ".join(map(root, _words(phrase))) for phrase in about.split(",") if phrase)


class Description:
    """The words that a problem comes with.

    Args:
        text: What the function does.
        name: What it is called.
    """

    def __init__(self, text: str, name: str) -> None:
        self.words = words_of(f"{text} {name}")
        text = re.sub(r"https?://\S+", "", text)
        told, called = (" ".join(map(root, _words(part))) for part in (text, name))
        self._roots = f" {told} . {called} "

    def hits(self, about: str) -> frozenset[str]:
        """The phrases that the description has."""
        return frozenset(p for p in phrases(about) if f" {p} " in self._roots)

    def cost(self, cost: int, about: str) -> int:
        """A cost, lower where the description names the thing."""
        hits = self.hits(about)
        telling = [phrase for phrase in hits if not GENERIC.issuperset(phrase.split())]
        if not telling:
            return max(1, cost - (_FAINT if hits else 0))
        return max(1, cost - _HINT - (_SEVERAL if len(hits) > 1 else 0))

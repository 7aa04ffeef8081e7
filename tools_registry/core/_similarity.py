"""How alike two short texts are, as people take them: without case, accents and order of words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from .text import remove_accents

_WORD = re.compile(r"\w+")


def simplified(text: str) -> str:
    """The words of a text in lower case and plain letters, with a space between."""
    return " ".join(_WORD.findall(remove_accents(text).casefold()))


def similarity(first: str, second: str) -> float:
    """How alike two simplified texts are, 0 to 1; the order of words does not matter much."""
    if first == second:
        return 1.0
    ordered = (_sorted(first), _sorted(second))
    return max(_ratio(first, second), 0.98 * _ratio(*ordered))


def best(text: str, choices: Iterable[str], least: float) -> tuple[str, float] | None:
    """The simplified choice most like a simplified text, and how alike; None if none is enough."""
    found: tuple[str, float] | None = None
    for choice in choices:
        if _at_most(text, choice) < least:
            continue
        score = similarity(text, choice)
        if score >= least and (found is None or score > found[1]):
            found = (choice, score)
    return found


def _at_most(first: str, second: str) -> float:
    """More than this two texts of such lengths can't be alike; cheap."""
    total = len(first) + len(second)
    return 2 * min(len(first), len(second)) / total if total else 1.0


def _ratio(first: str, second: str) -> float:
    one, other = sorted((first, second))  # the measure depends on the order a little
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _sorted(text: str) -> str:
    return " ".join(sorted(text.split()))

"""What the words of a description say for a solution."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

from agent.offline.synthesis.forms import FORMS, REPLACEMENT, SELECTION
from agent.offline.synthesis.inventory import COMPONENTS
from agent.offline.synthesis.term import Parts
from agent.offline.synthesis.words import GENERIC, Description, phrases

_GENERIC_WEIGHT = 0.3


def explained(parts: Parts, words: Description) -> float:
    """How much of the description the operations of a term account for, in bits."""
    found: set[str] = set()
    for template in _templates(parts):
        for phrase in words.hits(_abouts().get(template, "")):
            found.update(phrase.split())
    return sum(map(_weight, found))


def _templates(parts: Parts) -> set[str]:
    if isinstance(parts, str):
        return set()
    return {parts[0]}.union(*map(_templates, parts[1:]))


@cache
def _abouts() -> dict[str, str]:
    """What is said of each template; those of forms are known by the name of either item."""
    forms = {
        form.template.replace("{x}", item): form.about
        for form in (*FORMS, SELECTION, REPLACEMENT)
        for item in ("x", "y")
    }
    abouts: dict[str, str] = {}
    for component in COMPONENTS:
        known = abouts.get(component.template, "")
        abouts[component.template] = f"{known}, {component.about}" if known else component.about
    return {**abouts, **forms}


@cache
def _frequencies() -> Counter[str]:
    """How many operations each word speaks of."""
    return Counter(
        word
        for about in _abouts().values()
        for word in {word for phrase in phrases(about) for word in phrase.split()}
    )


@cache
def _weight(word: str) -> float:
    if word in GENERIC:
        return _GENERIC_WEIGHT
    return math.log2(len(_abouts()) / _frequencies()[word]) / 2.5

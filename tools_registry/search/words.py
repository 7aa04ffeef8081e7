"""Cut text and identifiers into the words that keyword search compares."""

from __future__ import annotations

import re

from tools_registry.search.request import LONGEST, with_kinds

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")

_STOP_WORDS = """
a about all also am an and any are as at be been being but by can could do does doing each for
from get give had has have having he help her here him his how i if in into is it its just know
let like make may me might most my myself need no not now of on or other our out over own please
she should so some such than that the their them then there these they this those through to too
under until up us use using very want was we were what when where which while who whom why will
with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that a request is full of and that tell no tool from another."""


def split_words(text: str) -> list[str]:
    """The lower-case words of a text; `snake_case` and `camelCase` come apart."""
    return [word.lower() for word in _WORD.findall(apart(text))]


def apart(text: str) -> str:
    """A text with gaps in `camelCase`; all other words have something between them anyway."""
    return _CAMEL.sub(" ", text)


def query_terms(query: str, most: int = 64) -> list[str]:
    """The distinct words of a query worth looking for, in order.

    Stop words and bare numbers count only if there is nothing else; dates, prices and the like
    add the word for their kind, which parameters are named after.

    Args:
        query: Any text.
        most: How many to keep, so that a pasted document costs no more than a question.
    """
    words = list(dict.fromkeys([*split_words(query[:LONGEST]), *split_words(with_kinds(query))]))
    telling = [word for word in words if word not in STOP_WORDS and not word.isdigit()]
    return (telling or words)[:most]

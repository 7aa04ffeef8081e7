"""What a request asks for, apart from what it asks about.

"Weather in Oslo on 3 May 2024" wants a forecast; the place and the day are values for it. Values
pull a search towards tools that happen to speak of Oslo, so they are taken out, and kinds of values
that say which parameters a tool must have are named instead.
"""

from __future__ import annotations

import re

LONGEST = 2_000
"""Characters of a request that are looked at; the embedding model reads fewer."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_KINDS = tuple(
    (re.compile(pattern, re.IGNORECASE), f" {kind} ")
    for pattern, kind in (
        (r"(?<!\S)(?:https?://|www\.)\S+", "url"),
        (r"(?<!\S)[^\s@]+@[^\s@]+\.[^\s@]+", "email"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "ip address"),
        (r"\b\d{4}-\d\d?-\d\d?(?:t[\d:]+z?)?\b|\b\d\d?[/.]\d\d?[/.]\d{2,4}\b", "date"),
        (rf"\b(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?\b", "date"),
        (rf"\b{_MONTH} {_DAY}\b(?:,? \d{{4}})?", "date"),
        (r"\b\d{1,2}(?::\d\d)+ ?(?:[ap]\.?m\b\.?)?|\b\d{1,2} ?[ap]m\b", "time"),
        (r"[$€£]\s?\d[\d,.]*\w?|\b\d[\d,.]* ?(?:dollars|euros|usd|eur)\b", "price"),
        (r"\b\d[\d.]*\s?%", "percent"),
        (r"\b(?:19|20)\d\d\b", "year"),
    )
)
_QUOTED = re.compile(r"(?<!\w)[\"'`“‘«].{1,200}?[\"'`”’»](?!\w)")  # noqa: RUF001 -- people's quotes
_NUMBER = re.compile(r"[-+]?\d[\d,.:/-]*\w*")
_NAME = re.compile(r"(?<=[a-z,;:] )(?:(?!I\b|I')[A-Z][\w'.-]*\s?)+")
_GAP = re.compile(r"\s+(?=[,.;:?!])|(?<=\s)\s+")


def with_kinds(request: str) -> str:
    """A request with the kind in place of values whose form shows it: dates, addresses, prices."""
    text = request[:LONGEST]
    for pattern, kind in _KINDS:
        text = pattern.sub(kind, text)
    return text


def essence(request: str) -> str:
    """A request without its values: numbers, quotations, names; itself if nothing else is left."""
    text = _NUMBER.sub("", with_kinds(request))
    text = _NAME.sub("", _QUOTED.sub(" ", text))
    short = _GAP.sub("", text).strip()
    return short if len(short.split()) > 1 else request[:LONGEST].strip()

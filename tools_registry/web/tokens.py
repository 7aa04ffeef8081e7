"""HTML as tokens, in one pass: time grows with the length of a page, whatever is in it.

The standard library's parser begins anew at each `<` that nothing ends, which a page can be made
to use against us.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

_NAME = re.compile(r"[A-Za-z][^\s/>]{0,40}")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
_TAG_END = re.compile(r"[\s/]*>")
_LONG_NUMBER = re.compile(r"&#[0-9]{8,}|&#[xX][0-9a-fA-F]{7,}")
_RAW = frozenset(
    {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "template"}
)
_KEPT = frozenset({"href", "hidden", "style", "role", "aria-hidden", "alt", "content", "property"})
_LONGEST_VALUE = 4096  # characters


@dataclass(frozen=True, slots=True)
class Start:
    """A start tag; of its attributes only those that are of use."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """An end tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Characters between tags, entities replaced."""

    text: str


Token = Start | End | Text


def tokens(html: str) -> Iterator[Token]:
    """The tags and texts of a page; any text is accepted.

    What begins and never ends (a comment, a tag, a script) goes to the end of the page.
    """
    place = 0
    while (begin := html.find("<", place)) >= 0:
        if begin > place:
            yield Text(characters(html[place:begin]))
        if html.startswith(("<!", "<?"), begin):
            place = _after_markup(html, begin)
        elif name := _NAME.match(html, begin + 1):
            attributes, place = _attributes(html, name.end())
            if place <= len(html):
                start = Start(name[0].lower(), attributes)
                yield start
                place = yield from _raw(html, start.name, place)
        elif html.startswith("</", begin) and (name := _NAME.match(html, begin + 2)):
            place = html.find(">", name.end()) + 1 or len(html)
            yield End(name[0].lower())
        else:
            yield Text("<")
            place = begin + 1
        if place > len(html):
            return
    if place < len(html):
        yield Text(characters(html[place:]))


def characters(text: str) -> str:
    """A text with its entities replaced."""
    return unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _after_markup(html: str, begin: int) -> int:
    """Where a comment or declaration ends; beyond the page if nowhere."""
    is_comment = html.startswith("<!--", begin)
    mark = "-->" if is_comment else ">"
    end = html.find(mark, begin + 2)
    return end + len(mark) if end >= 0 else len(html) + 1


def _attributes(html: str, place: int) -> tuple[dict[str, str], int]:
    """What a tag says, and where it ends; beyond the page if nowhere."""
    kept: dict[str, str] = {}
    while not (end := _TAG_END.match(html, place)):
        found = _ATTRIBUTE.match(html, place)
        if found is None:
            return kept, len(html) + 1
        place = found.end()
        name = found[1].lower() if len(found[1]) < 20 else ""
        if name in _KEPT and name not in kept:
            value = found[2] or found[3] or found[4] or ""
            kept[name] = characters(value[:_LONGEST_VALUE])
    return kept, end.end()


def _raw(html: str, name: str, place: int) -> Generator[Token, None, int]:
    """What is inside an element in which tags mean nothing; returns where it ends."""
    if name not in _RAW:
        return place
    end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, place)
    inside = html[place : end.start()] if end else html[place:]
    if name == "title":
        yield Text(characters(inside[:_LONGEST_VALUE]))
    yield End(name)
    return html.find(">", end.end()) + 1 or len(html) if end else len(html)

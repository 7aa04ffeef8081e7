"""MIME bundles made fit for a notebook page.

A notebook page may run scripts with the rights of the person who opened it. What a guarded kernel
shows, and what a model writes, is therefore reduced to what can only be looked at.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

_PICTURES = ("image/png", "image/jpeg", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_TAGS = frozenset(
    {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "colgroup", "col"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "blockquote", "pre", "hr", "br"}
    | {"ul", "ol", "li", "dl", "dt", "dd"}
    | {"span", "code", "b", "i", "em", "strong", "u", "s", "sub", "sup", "small"}
)
_EMPTY_TAGS = frozenset({"br", "hr", "col"})
_HIDDEN_TAGS = frozenset({"script", "style", "template", "noscript", "title", "iframe", "textarea"})
_NUMBERS = frozenset({"border", "colspan", "rowspan"})

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")
_IMAGE = re.compile(r"!(?=\[)")
_SCHEME = re.compile(r"(javascript|vbscript|data)(\\?:)", re.IGNORECASE)


def harmless(data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a MIME bundle that a page can show without obeying it."""
    kept: dict[str, Any] = {}
    for kind, content in data.items():
        if not isinstance(content, str):
            continue
        if kind == "text/plain" or (kind in _PICTURES and _BASE64.fullmatch(content)):
            kept[kind] = content
        elif kind == "text/html":
            kept[kind] = clean_html(content)
        elif kind == "text/markdown":
            kept[kind] = clean_markdown(content)
    return kept


def clean_markdown(text: str) -> str:
    """Markdown without raw HTML, images, and links that run something.

    A page fetches an image by itself: its address would carry out what a cell or a model knows.
    """
    text = _MARKUP.sub("&lt;", _ENTITY.sub("&amp;", text))
    text = _IMAGE.sub("!\N{ZERO WIDTH SPACE}", text)
    return _SCHEME.sub(lambda found: f"{found[1]}\N{ZERO WIDTH SPACE}{found[2]}", text)


def clean_html(text: str) -> str:
    """HTML with the tags of tables and text alone, written anew."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    return "".join(cleaner.pieces)


class _Cleaner(HTMLParser):
    """Collects what may stay; the text of hidden elements may not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN_TAGS:
            self._hidden += 1
        elif tag in _TAGS and not self._hidden:
            self.pieces.append(f"<{tag}{_attributes(attrs)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN_TAGS:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _TAGS - _EMPTY_TAGS and not self._hidden:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(html.escape(data))


def _attributes(given: Iterable[tuple[str, str | None]]) -> str:
    kept = [
        (name, value) for name, value in given if name in _NUMBERS and (value or "").isdecimal()
    ]
    frame = [("class", "dataframe")] if ("class", "dataframe") in given else []
    return "".join(f' {name}="{value}"' for name, value in [*kept, *frame])

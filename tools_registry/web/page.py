"""A page as plain data, of a size that a kernel can take."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urldefrag

from sessions.errors import AgentError
from tools_registry.web.fetcher import Fetcher, Reply, Request
from tools_registry.web.location import Location
from tools_registry.web.policy import Admits
from tools_registry.web.readable import Link, Readable, readable

_MOST_TEXT = 600_000  # bytes as JSON, of the megabyte that an answer may have
_MOST_LINKS = 200
_LONGEST_LINK = 500  # characters of its address
_LONGEST_LABEL = 100
_HTML = frozenset({"text/html", "application/xhtml+xml"})


async def page_at(url: str, fetcher: Fetcher, admits: Admits) -> dict[str, Any]:
    """Fetch a page.

    Args:
        url: Its address.
        fetcher: Fetches.
        admits: Says which hosts the person agreed to.

    Returns:
        `url` (after redirects), `title`, `text`, `links` (list of `text` and `url`) and
        `truncated`: whether the text goes on.

    Raises:
        RefusedError: If the policy or the person does not allow it.
        PageError: If it can't be fetched or read.
    """
    reply = await fetcher.fetch(Request(location=Location.of(url)), admits)
    return await asyncio.to_thread(as_page, reply)


def as_page(reply: Reply) -> dict[str, Any]:
    """What a reply says, as `page_at` returns it."""
    found = readable(reply.text) if _is_html(reply) else Readable(title="", text=reply.text.strip())
    text = plain(found.text)
    shown = bounded(text, _MOST_TEXT)
    return {
        "url": str(reply.location),
        "title": plain(found.title),
        "text": shown,
        "links": _links(found.links, reply.location),
        "truncated": len(shown) < len(text) or not found.is_whole,
    }


def bounded(text: str, most: int) -> str:
    """As much of a text as takes so many bytes as JSON."""
    while (size := len(json.dumps(text))) > most:
        text = text[: len(text) * most // size]
    return text


def _is_html(reply: Reply) -> bool:
    return reply.kind in _HTML or (not reply.kind and reply.text.lstrip()[:1] == "<")


def _links(links: tuple[Link, ...], base: Location) -> list[dict[str, str]]:
    found: dict[str, str] = {}
    for link in links:
        url = _address(link, base) if len(found) < _MOST_LINKS else ""
        if url and not found.get(url):
            found[url] = plain(link.text)[:_LONGEST_LABEL]
    return [{"text": text, "url": url} for url, text in found.items()]


def _address(link: Link, base: Location) -> str:
    """Where a link leads, if it leads to another page."""
    target = urldefrag(link.target).url
    if not target or len(target) > _LONGEST_LINK:
        return ""
    try:
        url = str(base.follow(target))
    except AgentError:
        return ""
    return url if len(url) <= _LONGEST_LINK else ""


def plain(text: str) -> str:
    """A text without characters that steer a terminal, hide what they say, or are half a pair."""
    if text.isprintable():
        return text
    kept = "".join(c for c in text if c.isprintable() or c in "\n\t" or not _steers(c))
    return kept.encode("utf-8", "replace").decode()


def _steers(character: str) -> bool:
    is_control = character < " " or "\x7f" <= character < "\xa0"
    return is_control or character in _DIRECTIONS or "\U000e0000" <= character <= "\U000e007f"


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

"""What a person would read of a page: its title, its main text and its links.

Headings, lists, tables and code keep their form in light Markdown. What is hidden, navigates or
decorates is left out, unless nothing else is there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tools_registry.web.tokens import End, Start, Text, tokens


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_SKIPPED = _names(
    "script style noscript template svg math iframe object canvas audio video select button "
    "textarea noembed noframes head xmp datalist map"
)
_NOISE = _names("nav footer aside menu dialog")
_NOISE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary"})
_BLOCKS = _names(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section "
    "summary table tbody td tfoot th thead title tr ul"
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_CELLS = frozenset({"td", "th"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])")
_ANCHORS = frozenset("¶§#")  # links of headings to themselves
_SPACE = re.compile(r"\s+")
_ENOUGH = 200  # characters of main text
_LONGEST_TITLE = 300
_MOST_TOKENS = 400_000


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link as it stands in the page: its text, and where it leads, relative to the page."""

    text: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What a page says.

    Attributes:
        title: In one line; "" if it has none.
        text: In light Markdown.
        links: In order; some may lead nowhere.
        is_whole: Whether the page was short enough to be read to its end.
    """

    title: str
    text: str
    links: tuple[Link, ...] = ()
    is_whole: bool = True


def readable(html: str) -> Readable:
    """What a person would read of a page; any text is accepted."""
    page, found = _Page(), tokens(html)
    for token in islice(found, _MOST_TOKENS):
        match token:
            case Start(name, attributes):
                page.start(name, attributes)
            case End(name):
                page.end(name)
            case Text(text):
                page.text(text)
    page.flush()
    return Readable(
        title=page.title(),
        text=_chosen(page.blocks),
        links=tuple(page.links),
        is_whole=next(found, None) is None,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, heading, item, row or piece of code.

    Attributes:
        text: As shown.
        kind: Name of its element.
        is_main: Whether it is in what the page says is its main part.
        is_noise: Whether it is in a part for finding one's way.
    """

    text: str
    kind: str
    is_main: bool
    is_noise: bool


def _chosen(blocks: list[_Block]) -> str:
    """The main part if it says enough, else all but noise, else everything."""
    main = [block for block in blocks if block.is_main and not block.is_noise]
    if _length(main) >= _ENOUGH:
        return _joined(main)
    quiet = [block for block in blocks if not block.is_noise]
    says_enough = _length(quiet) >= min(_ENOUGH, _length(blocks) / 4)
    return _joined(quiet if says_enough else blocks)


def _length(blocks: Iterable[_Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _joined(blocks: list[_Block]) -> str:
    """Blocks as text: items and rows on lines of their own, all else with a line between."""
    parts: list[str] = []
    before = ""
    for block in blocks:
        close = block.kind == before and block.kind in {"li", "tr", "dd"}
        parts.append(
            f"{block.text}\n" if not parts else f"{'' if close else chr(10)}{block.text}\n"
        )
        before = block.kind
    return "".join(parts).strip("\n")


@dataclass
class _Page:
    """Takes in tokens, and keeps what is open."""

    blocks: list[_Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)  # name, and what it counts as
    _names: Counter[str] = field(default_factory=Counter)
    _roles: Counter[str] = field(default_factory=Counter)
    _words: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _link: tuple[str, list[str]] | None = None
    _title: str = ""
    _other_title: str = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "meta" and attributes.get("property") == "og:title":
            self._other_title = self._other_title or attributes.get("content", "")
        if name == "body":
            self._close("head")
        if name in _BLOCKS:
            self._close_implied(name)
            self.flush()
        if name in _VOID:
            self._void(name, attributes)
            return
        self._push(name, _role(name, attributes))
        if name == "a" and not self._is_skipped:
            self._end_link()
            self._link = (attributes.get("href", ""), [])

    def end(self, name: str) -> None:
        if not self._names[name]:
            return
        if name in _BLOCKS:
            self.flush()
        if name == "a":
            self._end_link()
        self._close(name)

    def text(self, text: str) -> None:
        if self._names["title"] and not self._names["svg"]:
            self._title = self._title or text
        elif not self._is_skipped:
            self._words.append(text)
            if self._link:
                self._link[1].append(text)

    def title(self) -> str:
        return " ".join((self._title.strip() or self._other_title).split())[:_LONGEST_TITLE]

    def flush(self) -> None:
        """End what was being read; a cell waits for the rest of its row."""
        words, self._words = self._words, []
        is_code = bool(self._names["pre"])
        raw = "".join(words)
        text = raw.strip("\n").rstrip() if is_code else _SPACE.sub(" ", raw).strip()
        if self._names["tr"]:
            self._flush_cell(_SPACE.sub(" ", text))
        elif text:
            kind, lead = self._form()
            self._add(f"```\n{text}\n```" if is_code else f"{lead}{text}", kind)

    @property
    def _is_skipped(self) -> bool:
        return self._roles["skipped"] > 0

    def _form(self) -> tuple[str, str]:
        """What is open as far as it matters, and what its text begins with."""
        for heading, lead in _HEADINGS.items():
            if self._names[heading]:
                return heading, lead
        if self._names["li"]:
            depth = min(self._names["li"], 6)
            return "li", "  " * (depth - 1) + "- "
        if self._names["blockquote"]:
            return "blockquote", "> "
        return "p", ""

    def _flush_cell(self, text: str) -> None:
        name = self._open[-1][0] if self._open else ""
        if text or name in _CELLS:
            self._cells.append(text)

    def _add(self, text: str, kind: str) -> None:
        self.blocks.append(_Block(text, kind, self._roles["main"] > 0, self._roles["noise"] > 0))

    def _void(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "br":
            self.text("\n")
        elif name == "img" and (alt := attributes.get("alt", "").strip()):
            self.text(f" [image: {alt[:200]}] ")

    def _push(self, name: str, role: str) -> None:
        self._open.append((name, role))
        self._names[name] += 1
        self._roles[role] += 1

    def _pop(self) -> str:
        name, role = self._open.pop()
        self._names[name] -= 1
        self._roles[role] -= 1
        if name == "tr" and not self._names["tr"]:
            self._end_row()
        return name

    def _end_row(self) -> None:
        cells, self._cells = self._cells, []
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            self._add(" | ".join(cells), "tr")

    def _close(self, name: str) -> None:
        if self._names[name]:
            while self._pop() != name:
                pass

    def _close_implied(self, name: str) -> None:
        """An item ends with the next one, a paragraph with any block."""
        while self._open and self._open[-1][0] in _ended_by(name):
            self.flush()
            self._pop()

    def _end_link(self) -> None:
        if self._link:
            target, words = self._link
            label = " ".join("".join(words).split())
            if label in _ANCHORS and self._words[-len(words) :] == words:
                del self._words[-len(words) :]
            self.links.append(Link(text=label, target=target))
        self._link = None


_ENDED = {
    "li": frozenset({"p", "li"}),
    "tr": frozenset({"p", "td", "th", "tr"}),
    "td": frozenset({"p", "td", "th"}),
    "th": frozenset({"p", "td", "th"}),
    "dt": frozenset({"p", "dt", "dd"}),
    "dd": frozenset({"p", "dt", "dd"}),
}


def _ended_by(name: str) -> frozenset[str]:
    return _ENDED.get(name, frozenset({"p"}))


def _role(name: str, attributes: Mapping[str, str]) -> str:
    if name in _SKIPPED or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return "skipped"
    if _HIDING.search(attributes.get("style", "").lower()):
        return "skipped"
    role = attributes.get("role", "").lower()
    if name in _NOISE or role in _NOISE_ROLES:
        return "noise"
    return "main" if name in {"main", "article"} or role in {"main", "article"} else ""

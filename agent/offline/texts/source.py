"""The text that a request is about: quoted, in a file, in a variable, or after a colon."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.offline.plan import UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings
from agent.offline.synthesis.words import stem
from agent.offline.tables.pieces import Piece, Pieces
from agent.offline.vocabulary import DATA_SUFFIXES, PICTURE_SUFFIXES
from tools_registry.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a text comes from.

    Attributes:
        code: An expression whose value is the text.
        label: As it is called in sentences.
        file: Its name, if it is one.
        assumption: What was assumed; "" if nothing.
        items: Whether it is a list after a colon, such as `pear, fig, plum`.
        text: How a file begins; "" if that is not known.
    """

    code: str
    label: str
    file: str = ""
    assumption: str = ""
    items: tuple[str, ...] = ()
    text: str = ""


def after_colon(request: Request) -> tuple[Request, str]:
    """The request without what follows its colon, and that; "" if there is no such part."""
    found = re.fullmatch(r"([^'\"]*?\w):\s+(\S.*)", request.text.strip(), re.DOTALL)
    if found is None or len(found[1].split()) < 1:
        return request, ""
    cut = request.text.index(found[1]) + len(found[1])
    tokens = tuple(token for token in request.tokens if token.end <= cut)
    return Request(text=request.text[:cut], tokens=tokens), found[2].strip()


def find_source(
    pieces: Pieces, surroundings: Surroundings, registry: Registry, tail: str
) -> Source | None:
    """The text, whose mention counts as used.

    Raises:
        UnboundError: If it is in a file that is not there.
    """
    texts = pieces.free("text")
    if tail:
        return _listed(tail)
    if files := [p for p in pieces.free("file") if not p.text.lower().endswith(PICTURE_SUFFIXES)]:
        return _named(pieces, files[0], surroundings)
    if len(texts) == 1:
        pieces.use(texts)
        return Source(code=repr(texts[0].text), label=_short(texts[0].text))
    return None if texts else _unnamed(pieces, surroundings) or _name(pieces)


def _name(pieces: Pieces) -> Source | None:
    """A name at the end, without quotes: `initials of Grace Murray Hopper`."""
    tail: list[Piece] = []
    for number in range(len(pieces.items) - 1, -1, -1):
        piece = pieces.items[number]
        if piece.kind == "mark":
            continue
        if number in pieces.used or not piece.text[:1].isupper():
            break
        tail.insert(0, piece)
    if len(tail) < 2:
        return None
    pieces.use(tail)
    text = " ".join(piece.text for piece in tail)
    return Source(code=repr(text), label=repr(text), assumption=f"the text is {text!r}")


def _listed(tail: str) -> Source:
    bare = tail.strip()
    items = tuple(item.strip().rstrip(".") for item in bare.split(",") if item.strip())
    return Source(code=repr(bare), label=_short(bare), items=items if len(items) > 1 else ())


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def _named(pieces: Pieces, piece: Piece, surroundings: Surroundings) -> Source | None:
    if piece.text.lower().endswith(DATA_SUFFIXES):
        return None
    if not surroundings.has(piece.text):
        there = ", ".join((*surroundings.texts, *surroundings.files)[:5])
        msg = f"there is no file {piece.text!r} in the workspace" + (
            f": it has {there}" if there else ""
        )
        raise UnboundError(msg)
    pieces.use([piece])
    return replace(_file(piece.text), text=surroundings.text(piece.text))


def _file(name: str, assumption: str = "") -> Source:
    return Source(code=f"read_text({name!r})", label=name, file=name, assumption=assumption)


def _unnamed(pieces: Pieces, surroundings: Surroundings) -> Source | None:
    """A variable, or the file that is called so: `the letter` for letter.txt."""
    for variable in surroundings.variables:
        said = [p for p in pieces.items if p.text == variable.name]
        if variable.type == "str" and said:
            pieces.use(said)
            return Source(code=variable.name, label=variable.name)
    for name in surroundings.texts:
        words = {stem(word) for word in re.split(r"[\W_\d]+", name.lower()) if len(word) > 2}
        said = [p for p in pieces.items if set(map(stem, p.text.lower().split())) & words]
        if said:
            pieces.use(said)
            return replace(_file(name, f"the file is {name}"), text=surroundings.text(name))
    called = any(p.text.lower() in ("file", "text", "document") for p in pieces.items)
    if len(surroundings.texts) == 1 and (called or not surroundings.files):
        name = surroundings.texts[0]
        return replace(_file(name, f"the file is {name}"), text=surroundings.text(name))
    return None

"""Two tables that a request needs together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from agent.offline.plan import UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings, Table
from agent.offline.tables.kinds import ColumnKind
from agent.offline.tables.naming import words_of_column
from agent.offline.tables.pieces import Pieces
from agent.offline.tables.tagging import tag
from tools_registry.registry import Registry

_LEAST_SHARED = 0.5  # of the values of a key that must occur in the other table
_SAMPLE = 200


def joined(request: Request, first: Table, surroundings: Surroundings, registry: Registry) -> Table:
    """The table, joined with another one that the request needs as well.

    Raises:
        UnboundError: If the request names two tables that have no key in common.
    """
    pieces = tag(request, first)
    others = [surroundings.table(name) for name in surroundings.files[:20] if name != first.label]
    named = [t for t in others if any(p.kind == "file" and p.text == t.label for p in pieces.items)]
    for other in named or others:
        if (named or _adds(request, pieces, other)) and (keys := common_key(first, other)):
            return _joined(first, other, *keys, registry)
    if named:
        msg = f"{first.label} and {named[0].label} have no column in common to join on"
        raise UnboundError(msg)
    return first


def _adds(request: Request, pieces: Pieces, other: Table) -> bool:
    """Whether another table explains words that the first does not."""
    open_words = {p.start for p in pieces.items if p.kind == "word"}
    found = tag(request, other).items
    return any(p.kind in ("column", "value") and p.start in open_words for p in found)


def common_key(first: Table, other: Table) -> tuple[str, str] | None:
    """Columns of both that hold the same things."""
    best: tuple[float, str, str] | None = None
    for left in first.columns:
        for right in other.columns:
            score = _alike(first, left, other, right)
            if score and (best is None or score > best[0]):
                best = (score, left, right)
    return None if best is None else (best[1], best[2])


def _alike(first: Table, left: str, other: Table, right: str) -> float:
    mine, theirs = first.spellings.get(left), other.spellings.get(right)
    ours, others = set(words_of_column(left)), set(words_of_column(right))
    name = len(ours & others) / len(ours | others) if ours | others else 0.0
    if mine and theirs:
        shared = len(set(mine) & set(theirs)) / min(len(mine), len(theirs))
        return shared + name if shared >= _LEAST_SHARED else 0.0
    same_kind = first.kind(left).name == other.kind(right).name
    return name if name == 1.0 and same_kind and not (mine or theirs) else 0.0


def _joined(first: Table, other: Table, left: str, right: str, registry: Registry) -> Table:
    imports = [*first.imports, registry.get("join_tables").import_line]
    source = other.source
    if left != right:
        imports.append(registry.get("read_table").import_line)
        source = f"read_table({other.source}).rename(columns={{{right!r}: {left!r}}})"
    names = {c: c if c not in first.columns else f"{c}_right" for c in other.columns if c != right}
    return Table(
        source=f"join_tables({first.source}, {source}, {left!r})",
        label=f"{first.label} with {other.label}",
        columns=(*first.columns, *names.values()),
        kinds={**_repeated(first.kinds), **_repeated(_under(names, other.kinds))},
        spellings={**first.spellings, **_under(names, other.spellings)},
        imports=tuple(imports),
    )


def _repeated(kinds: Mapping[str, ColumnKind]) -> dict[str, ColumnKind]:
    """A row may meet several: nothing is unique any more."""
    return {column: replace(kind, unique=False) for column, kind in kinds.items()}


T = TypeVar("T")


def _under(names: Mapping[str, str], of: Mapping[str, T]) -> dict[str, T]:
    return {new: of[old] for old, new in names.items() if old in of}

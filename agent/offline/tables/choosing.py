"""Which table a request is about: one that it names, or whose columns and values it names."""

from __future__ import annotations

from dataclasses import dataclass

from agent.offline.plan import UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings, Table
from agent.offline.tables.logs import log_table
from agent.offline.tables.naming import nouns_of
from agent.offline.tables.pieces import Pieces
from agent.offline.tables.tagging import tag
from agent.offline.vocabulary import DATA_SUFFIXES
from tools_registry.registry import Registry

_MOST = 20  # files that are looked into
_GUESSES = 5  # files that are tried if none explains a word of the request by itself


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The table of a request.

    Attributes:
        table: It.
        assumption: What was assumed about it; "" if the request names it.
        score: How much of the request it explains.
    """

    table: Table
    assumption: str = ""
    score: int = 0


def choose_tables(request: Request, surroundings: Surroundings, registry: Registry) -> list[Choice]:
    """The tables that the request may be about, likeliest first; one if it is named.

    Raises:
        UnboundError: If it names a file that is not there.
    """
    named = [token.text for token in request.tokens if _is_data(token.kind, token.text)]
    named = [name for name in named if not _is_target(request, name)]
    present = [name for name in named if surroundings.has(name)]
    if named and not present:
        there = ", ".join(surroundings.files[:5])
        msg = f"there is no file {named[0]!r} in the workspace" + (
            f": it has {there}" if there else ""
        )
        raise UnboundError(msg)
    if present:
        return [Choice(table=surroundings.table(present[0]))]
    logs = {token.text for token in request.tokens} & set(surroundings.texts)
    if logs:
        log = _log(sorted(logs)[0], surroundings, registry)
        return [Choice(table=log)] if log else []
    variable = _variable(request, surroundings)
    return [variable] if variable else _fitting(request, surroundings, registry)


def _log(name: str, surroundings: Surroundings, registry: Registry) -> Table | None:
    return log_table(name, surroundings.text(name), registry)


def _is_data(kind: str, text: str) -> bool:
    return kind in ("file", "text") and text.lower().endswith(DATA_SUFFIXES)


def _is_target(request: Request, name: str) -> bool:
    """Whether the file is to be written: `save it as x.csv`."""
    words = [token for token in request.tokens if token.text == name or token.word]
    place = next(i for i, token in enumerate(words) if token.text == name)
    before = [token.word for token in words[max(0, place - 5) : place]]
    return bool(
        {"as", "to", "into"} & set(before[-2:]) or {"save", "export", "write"} & set(before)
    )


def _variable(request: Request, surroundings: Surroundings) -> Choice | None:
    frames = [v for v in surroundings.variables if v.type == "DataFrame"]
    for variable in frames:
        if any(token.text == variable.name for token in request.tokens):
            return Choice(table=variable.table())
    return None


def _fitting(request: Request, surroundings: Surroundings, registry: Registry) -> list[Choice]:
    """The files that explain something of the request, those that explain most first."""
    tables = [surroundings.table(name) for name in surroundings.files[:_MOST]]
    logs = [_log(name, surroundings, registry) for name in surroundings.texts[:_MOST]]
    known = [table for table in (*tables, *logs) if table is not None and table.columns]
    scored = sorted(((_score(request, table), table) for table in known), key=lambda s: -s[0])
    found = [pair for pair in scored if pair[0]] or scored[:_GUESSES]
    return [Choice(table=t, assumption=f"the file is {t.label}", score=s) for s, t in found]


def _score(request: Request, table: Table) -> int:
    """How many words of the request the table explains; its name counts most."""
    pieces: Pieces = tag(request, table)
    named = sum(3 for p in pieces.items if p.kind == "rows" and p.text.lower() in nouns_of(table))
    columns = sum(2 if p.exact else 1 for p in pieces.items if p.columns)
    values = sum(2 if p.exact else 1 for p in pieces.items if p.kind == "value")
    return named + columns + values

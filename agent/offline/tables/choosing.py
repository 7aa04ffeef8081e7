"""Which table a request is about: one that it names, or whose columns and values it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.offline.plan import UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings, Table
from agent.offline.tables.pieces import Pieces
from agent.offline.tables.study import chosen
from agent.offline.tables.tagging import nouns_of, tag
from agent.offline.vocabulary import DATA_SUFFIXES

_MOST = 20  # files that are looked into


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The table of a request.

    Attributes:
        table: It.
        assumption: What was assumed about it; "" if the request names it.
    """

    table: Table
    assumption: str = ""


def choose_table(
    request: Request, surroundings: Surroundings, answers: Sequence[str]
) -> Choice | None:
    """The table that the request is about; None if there is none.

    Raises:
        UnclearError: If several fit equally.
        UnboundError: If it names a file that is not there.
    """
    named = [token.text for token in request.tokens if _is_data(token.kind, token.text)]
    present = [name for name in named if surroundings.has(name)]
    if named and not present:
        there = ", ".join(surroundings.files[:5])
        msg = f"there is no file {named[0]!r} in the workspace" + (f": it has {there}" if there else "")
        if not _is_target(request, named[0]):
            raise UnboundError(msg)
    if present:
        return Choice(table=surroundings.table(present[0]))
    variable = _variable(request, surroundings)
    return variable or _best_file(request, surroundings, answers)


def _is_data(kind: str, text: str) -> bool:
    return kind in ("file", "text") and text.lower().endswith(DATA_SUFFIXES)


def _is_target(request: Request, name: str) -> bool:
    """Whether the file is to be written: `save it as x.csv`."""
    words = [token for token in request.tokens if token.text == name or token.word]
    place = next(i for i, token in enumerate(words) if token.text == name)
    before = [token.word for token in words[max(0, place - 5) : place]]
    return bool({"as", "to", "into"} & set(before[-2:]) or {"save", "export", "write"} & set(before))


def _variable(request: Request, surroundings: Surroundings) -> Choice | None:
    frames = [v for v in surroundings.variables if v.type == "DataFrame"]
    for variable in frames:
        if any(token.text == variable.name for token in request.tokens):
            return Choice(table=variable.table())
    return None


def _best_file(
    request: Request, surroundings: Surroundings, answers: Sequence[str]
) -> Choice | None:
    """The file that explains most of the request."""
    tables = [surroundings.table(name) for name in surroundings.files[:_MOST]]
    scored = [(_score(request, table), table) for table in tables if table.columns]
    best = max((score for score, _ in scored), default=0)
    if not best:
        only = [table for _, table in scored]
        return Choice(table=only[0], assumption=f"the file is {only[0].label}") if len(only) == 1 else None
    fitting = [table for score, table in scored if score == best]
    label = fitting[0].label
    if len(fitting) > 1:
        label = chosen("Which file is this about?", [table.label for table in fitting], answers)
    table = next(t for t in fitting if t.label == label)
    return Choice(table=table, assumption=f"the file is {table.label}")


def _score(request: Request, table: Table) -> int:
    """How many words of the request the table explains; its name counts most."""
    pieces: Pieces = tag(request, table)
    named = sum(3 for p in pieces.items if p.kind == "rows" and p.text.lower() in nouns_of(table))
    columns = sum(2 if p.exact else 1 for p in pieces.items if p.kind == "column")
    values = sum(2 if p.exact else 1 for p in pieces.items if p.kind == "value")
    return named + columns + values

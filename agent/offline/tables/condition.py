"""One condition on rows, as the table tools read it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.offline.plan import UnboundError
from agent.offline.tables.pieces import Piece

OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}


Found = list[Piece | None]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison.

    Attributes:
        text: As the table tools read it.
        column: What it is about.
        place: Where it stands in the request.
        is_value: Whether it names a value that the column must have.
    """

    text: str
    column: str
    place: int
    is_value: bool = False


def quoted(column: str) -> str:
    """A column's name in a condition.

    Raises:
        UnboundError: If it can't be spelled there.
    """
    if "`" in column or not column.strip():
        msg = f"the column {column!r} has a name that conditions can't spell"
        raise UnboundError(msg)
    return f"`{column}`"


def literal(text: str) -> str:
    """A text in a condition."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def first(found: Found, kind: str) -> Piece:
    """The first piece of a kind."""
    return next(piece for piece in found if piece is not None and piece.kind == kind)

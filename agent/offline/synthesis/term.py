"""An expression with the values it has."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple

Values = list[Any]
Parts = Any  # source text, or a template followed by the parts that fill it
_LONGEST_TEXT = 3000
_LONGEST_COLLECTION = 1500
_LARGEST = 10**40


class Term(NamedTuple):
    """An expression with the value it has for every example."""

    values: Values
    parts: Parts
    cost: int
    shape: str

    @property
    def is_leaf(self) -> bool:
        """Whether it is a name or a literal, not made of others."""
        return isinstance(self.parts, str)

    @property
    def is_literal(self) -> bool:
        """Whether it is a constant."""
        return self.is_leaf and not self.parts.partition("[")[0].isidentifier()


def source_of(parts: Parts) -> str:
    """The source of a term, with more parentheses than a person would write."""
    if isinstance(parts, str):
        return parts
    return str(parts[0]).format(*[wrapped(source_of(part)) for part in parts[1:]])


def wrapped(source: str) -> str:
    """The source as a part of another: its operators must not mix with what is around it."""
    return source if source.isidentifier() else f"({source})"


def key_of(values: Values) -> bytes:
    """Equal keys mean equal values of equal types."""
    try:
        if type(values[0]) is set:
            return b"s" + marshal.dumps([sorted(value, key=repr) for value in values], 0)
        return marshal.dumps(values, 0)
    except (ValueError, TypeError):  # e.g. an iterator or a match: equal only to itself
        return repr(values).encode()


def are_small(values: Sequence[Any]) -> bool:
    """Whether the values are of plain types and not too large to go on with."""
    return all(map(_is_small, values))


def _is_small(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_LARGEST < value < _LARGEST)
    if kind is str:
        return len(value) <= _LONGEST_TEXT
    if kind in (list, tuple, set, dict):
        return len(value) <= _LONGEST_COLLECTION
    if kind is float:
        return bool(abs(value) < _LARGEST)  # False for nan
    return kind is bool or value is None

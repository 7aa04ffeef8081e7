"""Type annotations that cover given values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def annotation_of(values: Iterable[Any]) -> str:
    """One annotation for all the values, e.g. `list[int] | None`."""
    kinds: dict[type, list[Any]] = {}
    for value in values:
        kinds.setdefault(type(value), []).append(value)
    if kinds.keys() == {int, float}:
        return "float"
    parts = [_of_kind(kind, members) for kind, members in kinds.items() if kind is not type(None)]
    return " | ".join([*parts, *(["None"] if type(None) in kinds else [])]) or "object"


def _of_kind(kind: type, members: list[Any]) -> str:
    if kind is tuple:
        return _of_tuples(members)
    if kind is dict:
        keys = annotation_of(key for member in members for key in member)
        return f"dict[{keys}, {annotation_of(v for member in members for v in member.values())}]"
    if kind in (list, set, frozenset):
        return f"{kind.__name__}[{annotation_of(item for member in members for item in member)}]"
    return kind.__name__


def _of_tuples(members: list[tuple[Any, ...]]) -> str:
    """Element by element if all have one short length, else of any length."""
    widths = {len(member) for member in members}
    if len(widths) == 1 and 0 < (width := widths.pop()) <= 3:
        columns = [annotation_of(member[i] for member in members) for i in range(width)]
        return f"tuple[{', '.join(columns)}]"
    return f"tuple[{annotation_of(item for member in members for item in member)}, ...]"

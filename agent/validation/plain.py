"""Values on their way out of a kernel: built anew from tags, so nothing of the type lies."""

from __future__ import annotations

from typing import Any

from agent.validation import tables

_CONTAINERS = {"l": list, "t": tuple, "s": set, "z": frozenset}
_DEEPEST = 60


class NotPlainError(ValueError):
    """What came is no plain value, table or array."""


def decoded(told: Any, depth: int = _DEEPEST) -> Any:
    """The value that the kernel told by tags.

    Raises:
        NotPlainError: If it is not in that form.
    """
    if told is None or type(told) in (bool, int, str, bytes):
        return told
    if depth == 0 or not (isinstance(told, list) and len(told) == 2):
        raise NotPlainError
    try:
        return _tagged(told[0], told[1], depth - 1)
    except (TypeError, ValueError) as error:  # unhashable members, no number
        raise NotPlainError from error


def _tagged(tag: Any, content: Any, depth: int) -> Any:
    if tag == "f":
        return float.fromhex(content)
    if tag == "c":
        return complex(*map(float.fromhex, content))
    if tag == "d":
        return {decoded(key, depth): decoded(value, depth) for key, value in content}
    if tag == "x":
        return tables.read(*content)
    if tag in _CONTAINERS:
        return _CONTAINERS[tag](decoded(item, depth) for item in content)
    raise NotPlainError

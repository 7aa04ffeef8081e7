"""Which variables have a size or a name as asked for."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "contains": lambda found, wanted: wanted in found,
    "startswith": lambda found, wanted: found.startswith(wanted),
}
_NUMBERS = ("eq", "ne", "lt", "le", "gt", "ge")

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "rows": _NUMBERS,
    "columns": (*_NUMBERS, "contains"),
    "length": _NUMBERS,
    "bytes": _NUMBERS,
    "name": ("eq", "ne", "contains", "startswith"),
}
"""What can be asked for, with the operators that make sense for it."""

Condition = tuple[str, str, Any]
"""Attribute, operator, and what to compare with."""


def matches(name: str, value: object, kind: str | None, conditions: Iterable[Condition]) -> bool:
    """Whether a variable is of a type, by the name of its class or a base, and meets conditions.

    What an object does not have, or does not tell, meets none.
    """
    with suppress(Exception):  # objects of the user may do anything when they are looked at
        if kind is not None and kind not in (base.__name__ for base in type(value).__mro__):
            return False
        return all(_holds(name, value, *condition) for condition in conditions)
    return False


def _holds(name: str, value: Any, attribute: str, operation: str, wanted: Any) -> bool:
    if attribute == "name":
        found: Any = name
    elif attribute == "columns":
        found = list(value.columns) if operation == "contains" else value.shape[1]
    elif attribute == "rows":
        found = value.shape[0]
    elif attribute == "length":
        found = len(value)
    else:
        found = _bytes(value)
    return bool(OPERATORS[operation](found, wanted))


def _bytes(value: Any) -> int:
    """Memory of a value; what it refers to is not counted."""
    usage = getattr(value, "memory_usage", None)
    if callable(usage):
        used = usage()
        return int(used.sum() if hasattr(used, "sum") else used)
    size = getattr(value, "nbytes", None)
    return int(size) if size is not None else sys.getsizeof(value)

"""When a value is the value that was expected."""

from __future__ import annotations

import math
from typing import Any

from agent.validation import tables

_TOLERANCE = 1e-9


def same(value: Any, expected: Any) -> bool:
    """Whether two values are equal in type and content; floats may differ in rounding.

    An array is also the list of its members, for examples know no arrays.
    """
    if isinstance(expected, list) and type(value).__name__ == "ndarray":
        value = value.tolist()
    if type(value) is not type(expected):
        return False
    if tables.is_table(expected):
        return tables.alike(value, expected)
    if isinstance(expected, float):
        return _close(value, expected)
    if isinstance(expected, (list, tuple)):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(expected, dict):
        return _same_entries(value, expected)
    return bool(value == expected)


def _close(value: float, expected: float) -> bool:
    if math.isnan(expected):
        return math.isnan(value)
    return math.isclose(value, expected, rel_tol=_TOLERANCE, abs_tol=1e-12)


def _same_entries(value: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    """Keys in any order, each of the same type, with the same values."""
    typed = {(type(key), key): item for key, item in value.items()}
    if len(value) != len(expected):
        return False
    return all(
        (type(key), key) in typed and same(typed[type(key), key], item)
        for key, item in expected.items()
    )


def equal(value: Any, expected: Any) -> Any:
    """`value == expected` in Python's own sense: 4 equals 4.0, rounding counts.

    Of a table or an array this is another one.
    """
    return value == expected

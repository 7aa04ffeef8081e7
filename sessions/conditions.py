"""What a query of the kernel's variables may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions.errors import UsageError
from sessions.kernel.query import ATTRIBUTES, Condition

_TEXT = ("contains", "startswith")


def parsed(conditions: Mapping[str, Any]) -> list[Condition]:
    """Keyword arguments such as `rows__gt=1000`, taken apart.

    Raises:
        UsageError: If an attribute or operator is not known, or the value is of the wrong type.
    """
    return [_parsed(name, value) for name, value in conditions.items()]


def _parsed(condition: str, value: Any) -> Condition:
    attribute, _, operation = condition.partition("__")
    operation = operation or "eq"
    if attribute not in ATTRIBUTES:
        msg = f"variables can't be queried by {attribute!r}: choose from {', '.join(ATTRIBUTES)}"
        raise UsageError(msg)
    if operation not in ATTRIBUTES[attribute]:
        known = ", ".join(ATTRIBUTES[attribute])
        msg = f"{attribute!r} can't be compared by {operation!r}: choose from {known}"
        raise UsageError(msg)
    expected: Any = str if attribute == "name" or operation in _TEXT else (int, float)
    if not isinstance(value, expected) or isinstance(value, bool):
        what = "text" if expected is str else "a number"
        msg = f"{condition!r} is compared with {what}, not with {value!r}"
        raise UsageError(msg)
    return attribute, operation, value

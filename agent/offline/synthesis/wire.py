"""Plain values as JSON and back, so that no type is lost on the way."""

from __future__ import annotations

from typing import Any

from sessions.errors import UsageError

_PLAIN = (bool, int, str, type(None))
_BUILDERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def encode(value: Any) -> Any:
    """The value as JSON: containers, floats and bytes carry a tag.

    Raises:
        UsageError: If the value is not plain data.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        return {"float": value.hex()}
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind is dict:
        return {"dict": [[encode(k), encode(v)] for k, v in value.items()]}
    if kind.__name__ in _BUILDERS:
        return {kind.__name__: [encode(item) for item in value]}
    msg = f"a value of type {kind.__name__} can't be an example: use plain literals"
    raise UsageError(msg)


def decode(data: Any) -> Any:
    """The value that `encode` was given."""
    if not isinstance(data, dict):
        return data
    ((tag, content),) = data.items()
    if tag == "float":
        return float.fromhex(content)
    if tag == "bytes":
        return bytes.fromhex(content)
    if tag == "dict":
        return {decode(k): decode(v) for k, v in content}
    return _BUILDERS[tag](map(decode, content))

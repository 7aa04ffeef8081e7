"""Reads the lines that code in a kernel sends to the host, and believes nothing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

_DEEPEST = 32
_LARGEST_NUMBER = 1 << 53
_SHOWN = 200  # characters


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request.

    Attributes:
        id: Chosen by who asks; returned with the answer.
        name: What is asked for.
        arguments: Plain data, by name.
        fault: What is wrong with the request, "" if it can be looked at.
    """

    id: int
    name: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """A request is taken back."""

    id: int


def read(line: bytes) -> Call | Cancel:
    """What a line says.

    Raises:
        ValueError: If it is none that could be answered.
    """
    message = _parsed(line)
    number = message.get("id") if isinstance(message, dict) else None
    if type(number) is not int or not 0 <= number < _LARGEST_NUMBER:
        msg = "a line came that is no request"
        raise ValueError(msg)
    if set(message) == {"id", "cancel"} and message["cancel"] is True:
        return Cancel(id=number)
    fault = _fault(message)
    if fault:
        return Call(id=number, fault=fault)
    return Call(id=number, name=message["call"], arguments=message["arguments"])


def shown(value: Any, indent: int | None = None) -> str:
    """Plain data as JSON in printable ASCII: each text is one line that passes for nothing else."""
    return json.dumps(value, indent=indent).replace("\x7f", "\\u007f")


def preview(value: Any) -> str:
    """The beginning of plain data in printable ASCII; text without its quotes."""
    text = shown(value)[1:-1] if isinstance(value, str) else shown(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        msg = "a line came that is not JSON"
        raise ValueError(msg) from None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _fault(message: dict[str, Any]) -> str:
    if set(message) != {"id", "call", "arguments"}:
        return "a request has `id`, `call` and `arguments`"
    if type(message["call"]) is not str or type(message["arguments"]) is not dict:
        return "`call` is text, and `arguments` are by name"
    return _odd(message)


def _odd(message: Any) -> str:
    """What in a message is JSON, but more than plain data in reasonable shape."""
    level = [message]
    for _ in range(_DEEPEST):
        if not level:
            return ""
        for value in level:
            if isinstance(value, str) and not _is_text(value):
                return "text has half of a surrogate pair"
            if isinstance(value, float) and not math.isfinite(value):
                return "a number is too large"
        level = [inner for value in level for inner in _inner(value)]
    return "the arguments are nested too deeply"


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)

"""What is in the user's namespace, told in few words."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import itemgetter
from typing import Any

_VARIABLES = 200
_SUMMARY = 200
_SAMPLE = 2_000
_COLUMNS = 60


def variables(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> list[dict[str, str]]:
    """Name, type and a short summary of each variable of the user, modules left out."""
    found = [
        {"name": name, "type": type(value).__name__, "summary": _summary(value)}
        for name, value in list(namespace.items())
        if _is_users(name, value, hidden)
    ]
    return sorted(found, key=itemgetter("name"))[:_VARIABLES]


def names(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> list[str]:
    """Names of the user's variables."""
    return [n for n, v in list(namespace.items()) if _is_users(n, v, hidden)][:_VARIABLES]


def inspect(value: object) -> dict[str, Any]:
    """Type, size, schema, statistics and a sample of one value, as far as it has them."""
    told: dict[str, Any] = {"type": type(value).__name__}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return {**told, **_frame(value)}
    for name, read in _READERS.items():
        with suppress(Exception):  # attributes of the user's objects may do anything
            told[name] = read(value)
    return told


def _is_users(name: object, value: object, hidden: Mapping[str, Any]) -> bool:
    # Through `globals()` a cell can use anything as a name.
    if type(name) is not str or name.startswith("_") or isinstance(value, types.ModuleType):
        return False
    return name not in hidden


def _frame(frame: Any) -> dict[str, Any]:
    columns = list(frame.columns[:_COLUMNS])
    return {
        "shape": list(frame.shape),
        "columns": {str(c): str(frame[c].dtype) for c in columns},
        "missing": {str(c): int(n) for c, n in frame[columns].isna().sum().items() if n},
        "statistics": _clip(frame[columns].describe().to_string(), _SAMPLE),
        "sample": _clip(frame.head(3).to_string(max_cols=_COLUMNS), _SAMPLE),
    }


def _summary(value: object) -> str:
    with suppress(Exception):
        if hasattr(value, "shape"):
            return f"shape {tuple(value.shape)}"
        if isinstance(value, list | tuple | dict | set | frozenset) and len(value) > 20:
            return f"{len(value)} items"
        if isinstance(value, str | bytes) and len(value) > _SUMMARY:
            return f"{len(value)} characters: {_clip(repr(value[:80]), 80)}"
        return _clip(repr(value), _SUMMARY)
    return "cannot be shown"


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


_READERS: dict[str, Callable[[Any], Any]] = {
    "length": len,
    "shape": lambda value: [int(n) for n in value.shape],
    "dtype": lambda value: str(value.dtype),
    "doc": lambda value: _clip(value.__doc__.strip(), _SUMMARY) if callable(value) else None,
    "value": lambda value: _clip(repr(value), _SAMPLE),
}

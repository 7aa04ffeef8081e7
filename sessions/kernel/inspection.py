"""What is in the user's namespace, told in few words."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import itemgetter
from typing import Any

from . import budget

_VARIABLES = 200
_SUMMARY = 200
_SAMPLE = 2_000
_COLUMNS = 60


def variables(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> list[dict[str, str]]:
    """Name, type and a short summary of each variable of the user, modules left out."""
    found = sorted(users(namespace, hidden), key=itemgetter(0))
    told = (
        {"name": name, "type": type(value).__name__, "summary": _summary(value)}
        for name, value in found
    )
    return budget.listed(told, len(found))


def users(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The user's variables with their values."""
    return [(n, v) for n, v in list(namespace.items()) if _is_users(n, v, hidden)]


def names(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> list[str]:
    """Names of the user's variables."""
    return [name for name, _ in users(namespace, hidden)[:_VARIABLES]]


def inspect(value: object) -> dict[str, Any]:
    """Type, size, schema, statistics and a sample of one value, as far as it has them."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        shape = list(value.shape)
        value = value.iloc[:, :_COLUMNS] if value.shape[1] > _COLUMNS else value
        return budget.fit({"type": "DataFrame", "shape": shape, **_told(value, _OF_FRAMES)})
    return budget.fit({"type": type(value).__name__, **_told(value, _READERS)})


def _is_users(name: object, value: object, hidden: Mapping[str, Any]) -> bool:
    # Through `globals()` a cell can use anything as a name.
    if type(name) is not str or name.startswith("_"):
        return False
    if issubclass(type(value), types.ModuleType):  # `isinstance` would ask the value
        return False
    return name not in hidden


def _told(value: Any, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, read in readers.items():
        with suppress(Exception):  # the user's objects may do anything when they are looked at
            told[name] = read(value)
    return told


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


def _label(label: object) -> str:
    return _clip(str(label), 80)


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


_READERS: dict[str, Callable[[Any], Any]] = {
    "length": len,
    "shape": lambda value: [int(n) for n in value.shape],
    "dtype": lambda value: str(value.dtype),
    "doc": lambda value: _clip(value.__doc__.strip(), _SUMMARY) if callable(value) else None,
    "value": lambda value: _clip(repr(value), _SAMPLE),
}

_OF_FRAMES: dict[str, Callable[[Any], Any]] = {
    "columns": lambda frame: {_label(c): str(t) for c, t in frame.dtypes.items()},
    "missing": lambda frame: {_label(c): int(n) for c, n in frame.isna().sum().items() if n},
    "statistics": lambda frame: _clip(frame.describe().to_string(), _SAMPLE),
    "sample": lambda frame: _clip(frame.head(3).to_string(), _SAMPLE),
}

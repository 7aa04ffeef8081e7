"""Cuts what is told about variables to a budget: it is read by a model that pays by the word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

ONE = 2_000
"""Characters about one variable."""
ALL = 4_000
"""Characters about all variables together."""
MORE = 160
"""Characters of the note that tells how many variables are left out, at most."""

_NAME = 80
_FIELDS = 20
_NOTE = "cut to fit: look at a part of it for more"
_UNKNOWN = 1 << 60


def fit(told: Mapping[str, Any], limit: int = ONE) -> dict[str, Any]:
    """What is told of one variable, in at most so many characters of JSON.

    Small fields stay whole, and large ones share what they leave.
    """
    if _size(told) <= limit:
        return dict(told)
    fields = {str(name)[:_NAME]: value for name, value in list(told.items())[:_FIELDS]}
    kept: dict[str, Any] = {}
    left = limit - len(_NOTE) - 16 - sum(len(name) + 8 for name in fields)
    for name in sorted(fields, key=lambda name: _size(fields[name])):
        kept[name] = _cut(fields[name], max(0, left // (len(fields) - len(kept))))
        left -= _size(kept[name])
    return {**{name: kept[name] for name in fields}, "note": _NOTE}


def listed(
    entries: Iterable[Mapping[str, str]], total: int, limit: int = ALL
) -> list[dict[str, str]]:
    """As many entries as fit, and one that tells how many do not; more are not even looked at."""
    told: list[dict[str, str]] = []
    for entry in entries:
        kept = {key: text(str(entry[key]), 2 * _NAME) for key in ("name", "type", "summary")}
        limit -= _size(kept)
        if limit < MORE:
            more = f"and {total - len(told)} more: ask for them by name, type or size"
            return [*told, {"name": "…", "type": "", "summary": more}]
        told.append(kept)
    return told


def text(whole: str, limit: int) -> str:
    """A text, cut to a number of characters."""
    return whole if len(whole) <= limit else f"{whole[: max(0, limit - 1)]}…"


def _cut(value: Any, limit: int) -> Any:
    if _size(value) <= limit:
        return value
    if isinstance(value, str):
        return _cut_text(value, limit)
    if isinstance(value, dict):
        pairs = _few(value.items(), limit)
        return {**dict(pairs), "…": f"{len(value) - len(pairs)} more"}
    if isinstance(value, list):
        return [*_few(value, limit), "…"]
    return "…"


def _cut_text(value: str, limit: int) -> str:
    """A text whose JSON is no longer than the limit, which counts more for some characters."""
    kept = value[:limit]
    while kept and _size(kept) > limit - 1:
        kept = kept[: min(len(kept) - 1, len(kept) * limit // _size(kept))]
    return f"{kept}…"


def _few(items: Iterable[Any], limit: int) -> list[Any]:
    kept = []
    left = limit - 24
    for item in items:
        left -= _size(item)
        if left < 0:
            break
        kept.append(item)
    return kept


def _size(value: Any) -> int:
    try:
        return len(json.dumps(value, ensure_ascii=False, default=str))
    except (RecursionError, TypeError, ValueError):
        return _UNKNOWN

"""Plain data out of the kernel: the value of a cell as JSON, if it is plain and small."""

from __future__ import annotations

import datetime
import math
import sys
from typing import Any

_LIMIT = 64_000
_ITEMS = 2_000
_DEPTH = 8
_BITS = 14_000  # of an integer; JSON readers refuse one of more than 4300 digits


class NotPlain(Exception):  # noqa: N818 -- says what a value is, nothing went wrong
    """The value has no plain form, or is too large for one."""


def plain(value: object) -> Any:
    """A value as JSON-able data.

    Numbers keep full precision; tables and arrays become records and lists; dates become ISO text.

    Raises:
        NotPlain: For anything else, and for what is larger than a few thousand items.
    """
    budget = [_LIMIT]
    return _plain(value, _DEPTH, budget)


def _plain(value: object, depth: int, budget: list[int]) -> Any:
    if depth == 0:
        raise NotPlain
    _spend(budget, len(value) if isinstance(value, str) else 8)
    kind = type(value)
    if kind is int and value.bit_length() > _BITS:  # type: ignore[attr-defined]
        raise NotPlain
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else None  # type: ignore[arg-type]
    if kind in (list, tuple, set, frozenset):
        return [_plain(item, depth - 1, budget) for item in _few(value)]
    if kind is dict:
        return {_key(k): _plain(v, depth - 1, budget) for k, v in _few(value.items())}  # type: ignore[attr-defined]
    if kind in (datetime.date, datetime.datetime, datetime.time):
        return value.isoformat()  # type: ignore[attr-defined]
    return _plain(_of_library(value), depth - 1, budget)


def _of_library(value: object) -> object:
    """The plain counterpart of a numpy or pandas object; neither is imported for it."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None:
        if isinstance(value, numpy.generic):
            return value.item()
        if isinstance(value, numpy.ndarray):
            _few(value.ravel())
            return value.tolist()
    if pandas is not None:
        if value is pandas.NA or value is pandas.NaT:
            return None
        if isinstance(value, pandas.Timestamp):
            return value.isoformat()
        if isinstance(value, pandas.DataFrame):
            _few(value.index)
            return value.to_dict(orient="records")
        if isinstance(value, pandas.Series):
            _few(value.index)
            return value.to_dict()
    raise NotPlain


def _few(items: Any) -> Any:
    if len(items) > _ITEMS:
        raise NotPlain
    return items


def _key(key: object) -> str:
    return key if type(key) is str else str(key)


def _spend(budget: list[int], size: int) -> None:
    budget[0] -= size
    if budget[0] < 0:
        raise NotPlain

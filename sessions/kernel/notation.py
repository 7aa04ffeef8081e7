"""Plain data as JSON and back without loss, read and written on either side of the wall.

JSON has no tuples, sets, bytes or dates, and only text as keys: what it lacks is written as an
object with one reserved key. Reading makes values of Python's own plain types and nothing else.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import sys
from collections.abc import Callable
from typing import Any

_TAG = "$type"
_DEPTH = 100
_BITS = 14_000  # of an integer; JSON readers refuse one of more than 4300 digits
_KEYS = 20_000  # that are not text: their hashes are no secret, so they can be made to collide


class NotPlain(ValueError):  # noqa: N818 -- says what a value is, nothing went wrong
    """A value has no plain form; the message names its type."""


def write(value: object) -> bytes:
    """A value as JSON.

    Raises:
        NotPlain: If it is, or holds, what is no plain data.
    """
    return json.dumps(_tagged(value, _DEPTH), separators=(",", ":")).encode()


def read(text: bytes | bytearray) -> Any:
    """What `write` wrote.

    Raises:
        Exception: Of many kinds, if somebody else wrote it.
    """
    return _Reader().value(json.loads(text))


def _tagged(value: object, depth: int) -> Any:
    if depth == 0:
        msg = f"is nested more than {_DEPTH} levels deep"
        raise NotPlain(msg)
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if isinstance(value, list) and kind is list:
        return [_tagged(item, depth - 1) for item in value]
    if isinstance(value, dict) and kind is dict:
        return _mapping(value, depth - 1)
    if isinstance(value, int) and kind is int and value.bit_length() <= _BITS:
        return value
    if kind in (tuple, set, frozenset):
        items: Any = value
        return {_TAG: kind.__name__, "of": [_tagged(item, depth - 1) for item in items]}
    if kind in _WRITERS:
        return {_TAG: kind.__name__, "of": _WRITERS[kind](value)}
    return _of_library(value)


def _mapping(value: dict[Any, Any], depth: int) -> Any:
    if all(type(key) is str for key in value) and _TAG not in value:
        return {key: _tagged(item, depth) for key, item in value.items()}
    pairs = [[_tagged(key, depth), _tagged(item, depth)] for key, item in value.items()]
    return {_TAG: "dict", "of": pairs}


def _of_library(value: Any) -> Any:
    """A number of numpy as Python's, a date of pandas as text; neither is imported for it."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None:
        if value is pandas.NaT or value is pandas.NA:
            return {_TAG: "NaT" if value is pandas.NaT else "NA", "of": []}
        if type(value) is pandas.Timestamp:
            zone = None if value.tz is None else str(value.tz)
            return {_TAG: "Timestamp", "of": [int(value.asm8.view("i8")), value.unit, zone]}
        if type(value) is pandas.Timedelta:
            return {_TAG: "Timedelta", "of": [int(value.asm8.view("i8")), value.unit]}
    if numpy is not None and isinstance(value, numpy.number | numpy.bool_ | numpy.str_):
        item = value.item()
        if type(item) is not type(value):
            return _tagged(item, 1)
    msg = f"is or holds an object of type {type(value).__name__}"
    raise NotPlain(msg)


def _timestamp(ticks: int, unit: Any, zone: str | None) -> Any:
    import numpy as np
    import pandas as pd

    found = pd.Timestamp(np.datetime64(ticks, unit))
    return found if zone is None else found.tz_localize("UTC").tz_convert(zone)


def _timedelta(ticks: int, unit: Any) -> Any:
    import pandas as pd

    return pd.Timedelta(ticks, unit=unit).as_unit(unit)


def _missing(name: str) -> Any:
    import pandas as pd

    return getattr(pd, name)


_WRITERS: dict[type, Callable[[Any], Any]] = {
    int: hex,
    bytes: lambda value: base64.b64encode(value).decode(),
    bytearray: lambda value: base64.b64encode(value).decode(),
    complex: lambda value: [value.real, value.imag],
    decimal.Decimal: str,
    datetime.date: datetime.date.isoformat,
    datetime.time: lambda value: [value.isoformat(), value.fold],
    datetime.datetime: lambda value: [value.isoformat(), value.fold],
    datetime.timedelta: lambda value: [value.days, value.seconds, value.microseconds],
}


class _Reader:
    """Turns parsed JSON into values; one for each text."""

    def __init__(self) -> None:
        self._keys = _KEYS
        self._readers: dict[str, Callable[[Any], Any]] = {
            "int": lambda of: int(of, 16),
            "bytes": base64.b64decode,
            "bytearray": lambda of: bytearray(base64.b64decode(of)),
            "complex": lambda of: complex(*of),
            "Decimal": decimal.Decimal,
            "date": datetime.date.fromisoformat,
            "time": lambda of: datetime.time.fromisoformat(of[0]).replace(fold=of[1]),
            "datetime": lambda of: datetime.datetime.fromisoformat(of[0]).replace(fold=of[1]),
            "timedelta": lambda of: datetime.timedelta(*of),
            "Timestamp": lambda of: _timestamp(*of),
            "Timedelta": lambda of: _timedelta(*of),
            "NaT": lambda _: _missing("NaT"),
            "NA": lambda _: _missing("NA"),
            "tuple": lambda of: tuple(map(self.value, of)),
            "set": lambda of: set(map(self._key, of)),
            "frozenset": lambda of: frozenset(map(self._key, of)),
            "dict": lambda of: {self._key(key): self.value(item) for key, item in of},
        }

    def value(self, parsed: Any) -> Any:
        if isinstance(parsed, list):
            return [self.value(item) for item in parsed]
        if not isinstance(parsed, dict):
            return parsed
        if _TAG in parsed:
            return self._readers[parsed[_TAG]](parsed["of"])
        return {key: self.value(item) for key, item in parsed.items()}

    def _key(self, parsed: Any) -> Any:
        self._keys -= not isinstance(parsed, str)
        if self._keys < 0:
            msg = f"more than {_KEYS} members of sets, or keys, that are not text"
            raise ValueError(msg)
        return self.value(parsed)

"""A text that two values share only if nobody can tell them apart; runs in a kernel as well.

Objects that can change are numbered in the order in which they are met, so that the text also tells
which of them are one and the same.
"""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pandas as pd


def canonical(value: Any) -> str:
    """The text."""
    return repr(_Walk().of(value))


class _Walk:
    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._held: list[Any] = []  # else another object could get the same id

    def of(self, value: Any) -> Any:
        if isinstance(value, list | dict | set | np.ndarray | pd.DataFrame | pd.Series):
            if id(value) in self._seen:
                return ("again", self._seen[id(value)])
            self._seen[id(value)] = len(self._seen)
            self._held.append(value)
        kind = type(value).__name__
        if isinstance(value, dict):
            factory = getattr(value, "default_factory", None)
            return (kind, factory, [(self.of(k), self.of(v)) for k, v in value.items()])
        if isinstance(value, set | frozenset):
            return (kind, sorted(map(repr, map(self.of, value))))
        if isinstance(value, list | tuple | collections.deque):
            return (kind, [self.of(item) for item in value])
        return (kind, self._of_library(value))

    def _of_library(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            native = value.dtype.newbyteorder("=")  # numpy forgets another order of some arrays
            items = self.of(value.tolist()) if native.hasobject else value.astype(native).tobytes()
            by_column = value.flags.f_contiguous and not value.flags.c_contiguous
            return (native.descr, value.shape, value.flags.writeable, by_column, items)
        if isinstance(value, pd.DataFrame):
            columns = [self.of(value.iloc[:, i]) for i in range(value.shape[1])]
            flags = value.flags.allows_duplicate_labels
            return (self.of(value.columns), self.of(value.index), columns, value.attrs, flags)
        if isinstance(value, pd.Series):
            return (self.of(value.index), value.dtype, value.name, self._items(value), value.attrs)
        if isinstance(value, pd.MultiIndex):
            return (list(value.names), [str(t) for t in value.dtypes], self._items(value))
        if isinstance(value, pd.Index):
            freq = getattr(value, "freqstr", None)
            return (value.dtype, value.name, freq, self._items(value))
        return repr(value)

    def _items(self, values: Any) -> Any:
        labels = getattr(values.dtype, "categories", None)
        return (None if labels is None else list(labels), [self.of(item) for item in values])

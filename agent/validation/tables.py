"""Tables and arrays in tests: made from literals, and read from what a kernel wrote.

Nothing is evaluated here. What a kernel wrote is Arrow or numpy's format without objects, checked
before it is believed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MODULES: Mapping[str, str] = {"pd": "pandas", "np": "numpy", "pandas": "pandas", "numpy": "numpy"}
"""Names in tests → the modules that they must stand for."""

_MOST = 1_000_000  # cells
_MAKERS = frozenset({"pandas.DataFrame", "pandas.Series", "numpy.array"})
_OPTIONS = frozenset({"columns", "dtype", "index", "name"})
_DTYPES = frozenset(
    {
        *("bool", "boolean", "category", "float", "float32", "float64", "int", "int32", "int64"),
        *("Int64", "object", "str", "string", "uint8"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("T", "columns", "dtype", "dtypes", "empty", "iloc", "index", "loc", "name", "names"),
        *("ndim", "shape", "size", "values"),
    }
)
_METHODS = frozenset(
    {
        *("abs", "all", "any", "copy", "count", "equals", "head", "idxmax", "idxmin", "isna"),
        *("isnull", "item", "keys", "max", "mean", "median", "min", "notna", "notnull", "nunique"),
        *("reset_index", "round", "sort_index", "sort_values", "std", "sum", "tail", "to_dict"),
        *("to_list", "tolist", "unique", "value_counts", "var"),
    }
)
"""What calculates with what is there, and neither runs code nor reads nor grows."""

CHECKS = frozenset(
    {
        *(f"pandas.testing.assert_{kind}_equal" for kind in ("frame", "index", "series")),
        *(f"numpy.testing.assert_{kind}" for kind in ("allclose", "array_equal", "equal")),
    }
)
"""Functions that raise an AssertionError, or do nothing."""

_COMPARISONS = frozenset({"numpy.allclose", "numpy.array_equal", "numpy.isclose", "numpy.isnan"})


class NotATableError(ValueError):
    """This is no table or array, or none that can be read here."""


@dataclass(frozen=True, eq=False)
class Made:
    """A table or array as a test writes it down; its `repr` is that source.

    Attributes:
        maker: E.g. `pandas.DataFrame`.
        data: Plain values.
        options: Named arguments, e.g. the index.
    """

    maker: str
    data: Any
    options: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        named = "".join(f", {key}={value!r}" for key, value in self.options)
        return f"{self.maker}({self.data!r}{named})"

    def build(self) -> Any:
        """The value itself."""
        return _member(self.maker)(self.data, **dict(self.options))

    def with_data(self, data: Any) -> Made:
        """The same kind of thing with other content."""
        return Made(self.maker, data, self.options)


def built(value: Any) -> Any:
    """The table or array that a `Made` stands for; anything else as it is.

    Raises:
        ValueError: If its parts don't fit together.
        TypeError: If they never do.
    """
    return value.build() if isinstance(value, Made) else value


def made(node: ast.expr) -> Made:
    """What a call such as `pd.DataFrame({"a": [1]})` makes.

    Raises:
        NotATableError: If it is another call, or its arguments are no literals.
    """
    match node:
        case ast.Call(func=function, args=[data], keywords=named):
            maker = full_name(function)
            if maker not in _MAKERS:
                raise NotATableError(maker)
            try:
                options = [(str(k.arg), ast.literal_eval(k.value)) for k in named]
                content = ast.literal_eval(data)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
                raise NotATableError from error
            if all(_is_fine(*option) for option in options):
                return Made(maker, content, tuple(options))
    raise NotATableError


def _is_fine(key: str, value: Any) -> bool:
    """Whether it can't make a small table large: `U99999999` would."""
    return key in _OPTIONS and (key != "dtype" or value in _DTYPES)


def full_name(node: ast.expr) -> str:
    """A dotted name with the module that it stands for; "" if it is something else."""
    match node:
        case ast.Name(id=name):
            return MODULES.get(name, "")
        case ast.Attribute(value=owner, attr=attribute):
            before = full_name(owner)
            return f"{before}.{attribute}" if before else ""
    return ""


def named(name: str) -> Any:
    """A type or function that claims may use.

    Raises:
        NotATableError: If it is none of them.
    """
    if name not in _MAKERS | CHECKS | _COMPARISONS | {"numpy.ndarray", "pandas.Index"}:
        raise NotATableError(name)
    return _member(name)


def _member(name: str) -> Any:
    from functools import reduce
    from importlib import import_module

    module, *rest = name.split(".")
    return reduce(getattr, rest, import_module(module))


def attribute(owner: Any, name: str) -> Any:
    """An attribute of a table, an array, or what comes of them.

    Raises:
        NotATableError: If it is something else, or does more than to calculate.
    """
    if name not in _ATTRIBUTES | _METHODS or not is_table(owner):
        raise NotATableError(name)
    return getattr(owner, name)


def is_table(value: Any) -> bool:
    """Whether it is of pandas or numpy."""
    return type(value).__module__.partition(".")[0] in ("pandas", "numpy")


def read(form: Any, parts: Any) -> Any:
    """What a kernel wrote.

    Raises:
        NotATableError: If it is not what its own code writes.
    """
    try:
        value = _readers()[form](*map(bytearray, parts))
        _require_small(value)
    except Exception as error:  # what somebody else wrote can be wrong in any way
        raise NotATableError from error
    return value


def _require_small(value: Any) -> None:
    """Refuse what few bytes describe and lists would fill the memory with: `(2**40, 0)`."""
    if math.prod(max(length, 1) for length in value.shape) > _MOST:
        msg = f"a value of shape {value.shape}"
        raise NotATableError(msg)


def _readers() -> dict[str, Callable[..., Any]]:
    from sessions import arrays, frames
    from sessions.kernel import notation

    def series(name: bytearray, description: bytearray, payload: bytearray) -> Any:
        return frames.read(description, payload).iloc[:, 0].rename(notation.read(name))

    return {"array": arrays.read, "frame": frames.read, "series": series}


def alike(value: Any, expected: Any) -> bool:
    """Whether two of a type hold the same; floats may differ in rounding."""
    import numpy as np
    import pandas as pd

    kind = type(expected).__name__
    checks: dict[str, Callable[..., None]] = {
        "DataFrame": pd.testing.assert_frame_equal,
        "Series": pd.testing.assert_series_equal,
        "ndarray": np.testing.assert_allclose,
    }
    try:
        if kind == "ndarray" and expected.dtype.kind not in "fc":
            return bool(np.array_equal(value, expected))
        checks[kind](value, expected, rtol=1e-9)
    except (AssertionError, KeyError, TypeError, ValueError):
        return False
    return True


def near(value: Made, changes: Callable[[Any], Iterator[Any]]) -> Iterator[Made]:
    """Tables like this one: rows left out, in another order, twice, and with other cells.

    Args:
        value: A table of columns, or a row of values.
        changes: Values like a plain one.
    """
    columns = value.data if isinstance(value.data, dict) else None
    if columns is None:
        yield from (value.with_data(data) for data in changes(value.data))
    elif not value.options and all(isinstance(column, list) for column in columns.values()):
        for change in _ROWS:
            yield value.with_data({name: change(column) for name, column in columns.items()})
        for name, column in columns.items():
            same = [data for data in changes(column) if len(data) == len(column)]
            yield from (value.with_data(columns | {name: data}) for data in same[:_CELLS])


_CELLS = 8  # other versions of one column
_ROWS: tuple[Callable[[list[Any]], list[Any]], ...] = (
    lambda column: column[:-1],
    lambda column: column[::-1],
    lambda column: [*column, *column[:1]],
    lambda column: column[:1],
)

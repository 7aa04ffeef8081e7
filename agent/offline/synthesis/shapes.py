"""The rough type of a value, and the classes of arguments that it can serve as."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from itertools import chain
from typing import Any

ANY = "any"
PATTERN = "pattern"
CAPTURE = "capture"
PI = "pi"
_ATOMS: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}
_DEPTH = 2
_SAMPLE = 8
_CLASSES: dict[str, tuple[str, ...]] = {
    "bool": ("any", "atom", "bool"),
    "int": ("any", "atom", "num", "int", "numstr"),
    "float": ("any", "atom", "num", "float", "numstr"),
    "str": ("any", "atom", "str", "numstr", "measured", "sized", "ordered", "notlist"),
    "dict": ("any", "dict", "measured", "sized"),
    # the order of a set is a matter of luck, so it can be measured and sorted, but not walked;
    # whole numbers are the exception
    "set": ("any", "set", "group", "measured"),
    "set[int]": ("any", "set", "group", "measured", "intset"),
    PATTERN: (PATTERN,),
    CAPTURE: (CAPTURE,),
    PI: (PI,),
    ANY: (ANY,),
}
_ELEMENTS: dict[str, tuple[str, ...]] = {
    "": ("numbers", "ints", "strings", "bools", "rows"),
    "int": ("numbers", "ints"),
    "float": ("numbers",),
    "bool": ("bools", "numbers"),
    "str": ("strings",),
    "dict": ("dicts",),
}


def shape_of(values: Collection[Any], depth: int = 0) -> str:
    """The one shape that covers all values, e.g. `int`, `list[int]` or `dict`.

    It is `any` if there is none that the search builds with, and "" of nothing.
    """
    kinds = set(map(type, values))
    if len(kinds) != 1:
        return ("float" if kinds == {int, float} else ANY) if kinds else ""
    (kind,) = kinds
    if kind in _ATOMS:
        return _ATOMS[kind]
    if kind is list or kind is tuple:
        return f"{kind.__name__}[{ANY if depth >= _DEPTH else _element_shape(values, depth)}]"
    if kind is set:
        items = set(map(type, chain.from_iterable(values)))
        return "set[int]" if items <= {int} else "set"
    return "dict" if kind is dict else ANY


def _element_shape(values: Iterable[Any], depth: int) -> str:
    return shape_of([item for value in values for item in value[:_SAMPLE]], depth + 1)


def is_sequence(shape: str) -> bool:
    """Whether it is a list or a tuple."""
    return shape.startswith(("list[", "tuple["))


def element_of(shape: str) -> str:
    """What a list or tuple holds; "" if it is always empty."""
    return shape[shape.index("[") + 1 : -1]


@cache
def classes_of(shape: str) -> tuple[str, ...]:
    """The classes of arguments a value of this shape can serve as."""
    if not is_sequence(shape):
        return _CLASSES[shape]
    inner = element_of(shape)
    kind = ("list",) if shape.startswith("list") else ("notlist", "tuple")
    elements = ("rows",) if is_sequence(inner) else _ELEMENTS.get(inner, ())
    table = ("table",) if is_sequence(inner) and element_of(inner) in ("int", "float", "") else ()
    texts = ("texts",) if is_sequence(inner) and element_of(inner) == "str" else ()
    return (ANY, "seq", "group", "measured", "sized", "ordered", *kind, *elements, *table, *texts)

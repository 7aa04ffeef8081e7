"""The rough type of a value, and the classes of arguments that it can serve as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from typing import Any

ANY = "any"
PATTERN = "pattern"
CAPTURE = "capture"
PI = "pi"
_ATOMS: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}
_NUMBERS = frozenset({"int", "float"})
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


def shape_of(value: Any, depth: int = 0) -> str:
    """`int`, `str`, `list[int]`, `dict`, …; `any` for what the search doesn't build with."""
    kind = type(value)
    if kind in _ATOMS:
        return _ATOMS[kind]
    if kind is list or kind is tuple:
        inner = ANY if depth >= _DEPTH else _element_shape(value, depth)
        return f"{kind.__name__}[{inner}]"
    if kind is set:
        return "set[int]" if all(type(item) is int for item in value) else "set"
    return "dict" if kind is dict else ANY


def _element_shape(values: Sequence[Any], depth: int) -> str:
    return common_shape(shape_of(value, depth + 1) for value in values[:_SAMPLE])


def common_shape(shapes: Iterable[str]) -> str:
    """The one shape that covers all; `any` if there is none, "" of nothing."""
    return reduce(_join, shapes, "")


def _join(left: str, right: str) -> str:
    if left == right or not right:
        return left
    if not left:
        return right
    if left in _NUMBERS and right in _NUMBERS:
        return "float"
    if is_sequence(left) and is_sequence(right) and left[:4] == right[:4]:
        head = left.partition("[")[0]
        return f"{head}[{_join(element_of(left), element_of(right))}]"
    return "set" if left[:3] == right[:3] == "set" else ANY


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

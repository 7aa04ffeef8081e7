"""The rough type of a value, and the classes of arguments that it can serve as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from typing import Any

ANY = "any"
PATTERN = "capture"
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
    # the order of a set is a matter of luck, so it can be measured and sorted, but not walked
    "set": ("any", "set", "group", "measured"),
    PATTERN: (PATTERN,),
}
_ELEMENTS: dict[str, tuple[str, ...]] = {
    "": ("numbers", "strings", "bools", "rows"),
    "int": ("numbers",),
    "float": ("numbers",),
    "bool": ("bools", "numbers"),
    "str": ("strings",),
}


def shape_of(value: Any, depth: int = 0) -> str:
    """`int`, `str`, `list[int]`, `dict`, …; `any` for what the search doesn't build with."""
    kind = type(value)
    if kind in _ATOMS:
        return _ATOMS[kind]
    if kind is list or kind is tuple:
        inner = ANY if depth >= _DEPTH else _element_shape(value, depth)
        return f"{kind.__name__}[{inner}]"
    return kind.__name__ if kind in (dict, set) else ANY


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
    return ANY


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
        return _CLASSES.get(shape, (ANY,))
    inner = element_of(shape)
    kind = "list" if shape.startswith("list") else "notlist"
    elements = ("rows",) if is_sequence(inner) else _ELEMENTS.get(inner, ())
    return (ANY, "seq", "group", "measured", "sized", "ordered", kind, *elements)

"""What the synthesiser builds with: one named operation at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Operation = Callable[..., Any]


class OutOfRangeError(ValueError):
    """An operation would be too big or too slow for a search."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """An operation on values.

    Attributes:
        name: Unique name.
        template: Source with `{0}`, `{1}`… where the arguments go.
        takes: The class of each argument (`shapes.classes_of`).
        apply: What the source computes; it raises where the search should not go.
        cost: How unlikely it is, from 1.
        words: Words in a description that make it more likely.
    """

    name: str
    template: str
    takes: tuple[str, ...]
    apply: Operation
    cost: int
    words: frozenset[str] = frozenset()


def component(
    name: str, template: str, takes: str, apply: Operation, cost: int, words: str = ""
) -> Component:
    """A component from a line of a table: `takes` and `words` are separated by spaces."""
    return Component(
        name=name,
        template=template,
        takes=tuple(takes.split()),
        apply=apply,
        cost=cost,
        words=frozenset(words.split()),
    )


def within(operation: Operation, allowed: Callable[..., bool]) -> Operation:
    """The operation, refused where `allowed` says no of its arguments."""

    def guarded(*arguments: Any) -> Any:
        if not allowed(*arguments):
            msg = "too big for a search"
            raise OutOfRangeError(msg)
        return operation(*arguments)

    return guarded

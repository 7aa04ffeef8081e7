"""What the synthesiser builds with: one named operation at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from agent.offline.synthesis.evaluation import NAMES

Operation = Callable[..., Any]
Columns = Callable[..., list[Any]]


class OutOfRangeError(ValueError):
    """An operation would be too big or too slow for a search."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """An operation on values, given as the source that will be shown.

    Attributes:
        name: Unique name.
        template: An expression with `{0}`, `{1}`… where the arguments go.
        takes: The class of each argument (`shapes.classes_of`).
        cost: How unlikely it is, from 1.
        about: Phrases of a description that make it more likely, separated by commas.
        guard: A condition on the arguments, as a template; the search goes nowhere else.
        symmetric: Whether the two arguments may change places.
        inside: Whether it is worth trying on the items of a collection.
    """

    name: str
    template: str
    takes: tuple[str, ...]
    cost: int
    about: str = ""
    guard: str = ""
    symmetric: bool = False
    inside: bool = True

    @cached_property
    def columns(self) -> Columns:
        """The operation on columns: one list of values per argument, one list of results."""
        names = [f"a{i}" for i in range(len(self.takes))]
        body = self.template.format(*names)
        if self.guard:
            body = f"({body}) if {self.guard.format(*names)} else _refuse()"
        heads = ", ".join(name.upper() for name in names)
        rows = f"{names[0]} in A0" if len(names) == 1 else f"{', '.join(names)} in zip({heads})"
        code = compile(f"lambda {heads}: [{body} for {rows}]", f"<{self.name}>", "eval")
        operation: Columns = eval(code, {**NAMES, "_refuse": _refuse})
        return operation

    def apply(self, *arguments: Any) -> Any:
        """What the source computes.

        Raises:
            OutOfRangeError: If the guard refuses the arguments.
        """
        return self.columns(*[[argument] for argument in arguments])[0]


def _refuse() -> NoReturn:
    msg = "too big for a search"
    raise OutOfRangeError(msg)


def component(
    name: str, template: str, takes: str, cost: int, about: str = "", **more: Any
) -> Component:
    """A component from a line of a table: `takes` are separated by spaces."""
    return Component(
        name=name, template=template, takes=tuple(takes.split()), cost=cost, about=about, **more
    )


def methods(takes: str, table: Sequence[tuple[str, int, str]]) -> tuple[Component, ...]:
    """Components for methods without arguments: name, cost and phrases of each."""
    return tuple(component(n, f"{{0}}.{n}()", takes, cost, about) for n, cost, about in table)

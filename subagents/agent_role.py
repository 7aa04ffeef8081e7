"""The `ROLE` of an agent's file: plain values within fixed bounds."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, cast, get_args

from subagents.plain_types import plain_type
from subagents.role import Budget, Tier

GRANTABLE: Mapping[str, str] = MappingProxyType(
    {
        "search_tools": "finds tools and skills for a step",
        "describe_tool": "gives the whole documentation of a tool or skill",
        "run_code": "runs one cell in the guarded kernel",
        "inspect": "lists the variables of the kernel, or tells about one",
    }
)
"""Tools that a learned agent may be given."""

LARGEST = Budget(requests=20, tokens=200_000, context=12_000)
"""What one task of a learned agent may take at most."""

FORBIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "save_skill": "only the person's own run keeps skills",
        "write_skill": "only the person's own run keeps skills",
        "install_packages": "only the person's own run installs packages",
        "ask_user": "an agent hands questions back in its output",
        "ask_agent": "an agent asks no other, so that no circle of them can arise",
        "write_agent": "only the person's own run makes agents",
        "give_up": "an agent says in its output what it could not do",
        "deliver": "every agent has it",
    }
)
"""Tools that are not for agents, and why."""

_KEYS = ("tier", "tools", "budget", "output")
_MOST_FIELDS = 12


@dataclass(frozen=True, kw_only=True)
class RoleParts:
    """What `ROLE` says; the defaults where it says nothing.

    Attributes:
        tier: How able a model it needs.
        tools: Tools of the runner that it wants.
        budget: What one task may take.
        output: Names of fields and their types.
        problems: What is wrong, each in a few words.
    """

    tier: Tier = "fast"
    tools: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    output: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_role(node: ast.expr | None) -> RoleParts:
    """Read the expression that is assigned to `ROLE`; it is never evaluated as code."""
    if node is None:
        return RoleParts(problems=("it has no ROLE: assign a dict of plain values to that name",))
    try:
        role = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        role = None
    if not isinstance(role, dict) or not all(isinstance(key, str) for key in role):
        return RoleParts(problems=("its ROLE must be a dict of plain values with text as keys",))
    if problems := tuple(_problems(role)):
        return RoleParts(problems=problems)
    return RoleParts(
        tier=cast("Tier", role.get("tier", "fast")),
        tools=tuple(role.get("tools", ())),
        budget=Budget(**{**_small(), **role.get("budget", {})}),
        output=dict(role.get("output", {})),
    )


def _small() -> dict[str, int]:
    return {"requests": 6, "tokens": 60_000, "context": 4_000}


def _problems(role: dict[str, Any]) -> Iterator[str]:
    for key in role:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_KEYS)}"
            yield f"ROLE has no field {key[:40]!r}: {hint}"
    if role.get("tier", "fast") not in get_args(Tier):
        yield f"ROLE's tier must be one of {', '.join(get_args(Tier))}"
    yield from _problems_of_tools(role.get("tools", []))
    yield from _problems_of_budget(role.get("budget", {}))
    yield from _problems_of_output(role.get("output", {}))


def _problems_of_tools(tools: object) -> Iterator[str]:
    if not isinstance(tools, list | tuple) or not all(isinstance(tool, str) for tool in tools):
        yield "ROLE's tools must be a list of names"
        return
    if len(set(tools)) < len(tools):
        yield "ROLE's tools name one twice"
    for tool in tools:
        if tool in FORBIDDEN:
            yield f"the tool {tool!r} can't be given to an agent: {FORBIDDEN[tool]}"
        elif tool not in GRANTABLE:
            yield f"there is no tool {tool[:40]!r} for agents: choose from {', '.join(GRANTABLE)}"


def _problems_of_budget(budget: object) -> Iterator[str]:
    names = [part.name for part in fields(Budget)]
    if not isinstance(budget, dict):
        yield "ROLE's budget must be a dict"
        return
    for name, value in budget.items():
        if name not in names:
            yield f"ROLE's budget has no {str(name)[:40]!r}: there are {', '.join(names)}"
        elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
            yield f"ROLE's budget of {name} must be a whole number of at least 1"
        elif value > getattr(LARGEST, name):
            yield f"ROLE's budget of {name} is too large: at most {getattr(LARGEST, name)}"


def _problems_of_output(output: object) -> Iterator[str]:
    if not isinstance(output, dict) or len(output) > _MOST_FIELDS:
        yield f"ROLE's output must be a dict of at most {_MOST_FIELDS} fields"
        return
    for name, kind in output.items():
        if not isinstance(name, str) or not _is_field(name) or not isinstance(kind, str):
            yield f"ROLE's output {str(name)[:40]!r}: give a lower-case name, and a type as text"
            continue
        try:
            plain_type(kind)
        except ValueError as error:
            yield f"ROLE's output {name}: {error}"


def _is_field(name: str) -> bool:
    """Whether a pydantic model can have it without hiding something of its own."""
    return name.isidentifier() and name.isascii() and name.islower() and name[0] != "_"

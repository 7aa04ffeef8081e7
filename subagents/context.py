"""What a sub-agent is given beside its task, within a budget of tokens.

Constraints are essential and always there. Of the rest the most useful comes first: the best tool,
the best skill, the first variable, then the second of each, as far as the budget goes. What was
left out is said. Tokens are estimated as characters / 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from sessions.errors import UsageError
from sessions.variables import Variable
from subagents.data import data, one_line, tokens
from tools_registry.tool import Tool

_LINE = 400
"""Most characters of one entry: a docstring or a variable's summary may be a book."""

_MOST = 200
"""Most entries of one kind that are looked at."""

_CONSTRAINTS = "Constraints"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A tool or skill by what one must know to call it; its code stays where it is.

    Attributes:
        name: Its name.
        signature: One line.
        summary: One line.
        import_line: The statement that brings it into a cell; "" if it needs none.
    """

    name: str
    signature: str
    summary: str = ""
    import_line: str = ""

    @classmethod
    def of(cls, tool: Tool) -> Self:
        """The card of a tool of the registry."""
        return cls(
            name=tool.name,
            signature=tool.signature,
            summary=tool.summary,
            import_line=tool.import_line,
        )

    def __str__(self) -> str:
        """As one entry of a list."""
        about = f" · {self.summary}" if self.summary else ""
        imported = f" · {self.import_line}" if self.import_line else ""
        return f"{self.signature}{imported}{about}"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a sub-agent is told beside its task.

    It has no place for code: whoever judges code by tests must not have seen it.

    Attributes:
        constraints: What the person demands, e.g. `no dependencies`; one sentence each.
        tools: Tools that were found for the task, best first.
        skills: Learned skills that are related to it, best first.
        variables: What the kernel holds, by name, type and shape.
    """

    constraints: tuple[str, ...] = ()
    tools: tuple[Card, ...] = ()
    skills: tuple[Card, ...] = ()
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A context as text.

    Attributes:
        text: What the model reads; "" if there is nothing to say.
        left_out: How many entries of each kind had no room.
    """

    text: str
    left_out: dict[str, int]


def render(context: Context, budget: int) -> Rendered:
    """The context in at most so many tokens.

    Args:
        context: What there is to tell.
        budget: Most tokens, estimated as characters / 4.

    Raises:
        UsageError: If not even the constraints fit.
    """
    kinds = _entries(context)
    order = _by_use(kinds)
    for count in range(len(order), -1, -1):
        found = _assemble(context.constraints, kinds, order[:count])
        if tokens(found.text) <= budget:
            return found
    msg = (
        f"the constraints are longer than the {budget} tokens that this role may be given: "
        "shorten them, or raise its budget"
    )
    raise UsageError(msg)


_Entry = tuple[str, int]
"""Kind and rank."""


def _entries(context: Context) -> dict[str, list[str]]:
    variables = [f"{v.name}: {v.type} · {v.summary}" for v in context.variables]
    kinds: dict[str, Sequence[object]] = {
        "tools": context.tools,
        "skills": context.skills,
        "variables": variables,
    }
    return {kind: [one_line(str(entry), _LINE) for entry in found] for kind, found in kinds.items()}


def _by_use(kinds: dict[str, list[str]]) -> list[_Entry]:
    ranks = ([(kind, rank) for rank in range(len(found))] for kind, found in kinds.items())
    rounds = zip_longest(*(list(entries)[:_MOST] for entries in ranks))
    return [entry for one in rounds for entry in one if entry is not None]


def _assemble(
    constraints: Sequence[str], kinds: dict[str, list[str]], chosen: Sequence[_Entry]
) -> Rendered:
    counts = {kind: sum(1 for found, _ in chosen if found == kind) for kind in kinds}
    left_out = {k: len(found) - counts[k] for k, found in kinds.items() if len(found) > counts[k]}
    parts = [_constraints(constraints)] if constraints else []
    for kind, found in kinds.items():
        if counts[kind]:
            parts.append(data(kind, "\n".join(f"- {line}" for line in found[: counts[kind]])))
    if left_out:
        told = ", ".join(f"{count} {kind}" for kind, count in left_out.items())
        parts.append(f"Left out for want of room: {told}.")
    return Rendered(text="\n\n".join(parts), left_out=left_out)


def _constraints(constraints: Sequence[str]) -> str:
    return "\n".join([f"{_CONSTRAINTS} (the person's, binding):", *(f"- {c}" for c in constraints)])

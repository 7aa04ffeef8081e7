"""A tool: something callable that the registry can find."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["core", "skill", "mcp", "user"]
SkillStatus = Literal["provisional", "approved", "rejected", "stale"]
SkillKind = Literal["skill", "agent"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a tool.

    Attributes:
        name: As in the signature.
        annotation: Its type as written, or "" if there is none.
        default: Source of the default value; None if the argument is required.
        doc: What the docstring says of it.
    """

    name: str
    annotation: str = ""
    default: str | None = None
    doc: str = ""

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is None


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A function that code in the kernel can import and call; read by `ast`, never imported here.

    Attributes:
        name: Function name, unique in the registry.
        kind: Where it comes from.
        module: What to import it from inside the kernel, e.g. `agent_tools.text`.
        category: Group in listings, e.g. `text`.
        signature: `name(parameters) -> returns` as one line.
        summary: First line of the docstring.
        doc: The whole docstring.
        parameters: In order.
        returns: The return annotation as written, or "".
        examples: `>>>` examples of the docstring as (expression, expected repr).
        status: For skills, how far the review is; None for other kinds.
        file: Where its source is.
    """

    name: str
    kind: Kind
    module: str
    category: str
    signature: str
    summary: str
    doc: str
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    status: SkillStatus | None = None
    file: Path

    @property
    def import_line(self) -> str:
        """The statement that brings it into a cell."""
        return f"from {self.module} import {self.name}"


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One search result: enough for a card of one line.

    Attributes:
        name: Tool name; `Registry.get(name)` has the rest.
        kind: Where it comes from.
        signature: One line.
        summary: One line.
        score: 0…1, best first.
        category: Its group in listings.
        status: For skills, how far the review is; None for other kinds.
    """

    name: str
    kind: Kind
    signature: str
    summary: str
    score: float
    category: str = ""
    status: SkillStatus | None = None

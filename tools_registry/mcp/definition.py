"""One tool of an MCP server, as it was described when the person added it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from tools_registry.mcp import names, schema
from tools_registry.mcp.text import clean, one_line

MOST_TOOLS = 500
"""Of one server."""

_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 4_000  # characters
_MOST_BYTES = 256 << 10


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What we keep of a tool: cleaned, cut down, and a fingerprint of what it was before that.

    Attributes:
        name: As the server calls it.
        function: What it is called in Python.
        description: As told by the server.
        arguments: The bounded schema of its arguments.
        result: The bounded schema of what it returns, if the server tells.
        destructive: Whether the server warns that it destroys something.
        fingerprint: Differs whenever the server describes it differently.
    """

    name: str
    function: str
    description: str = ""
    arguments: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    destructive: bool = False
    fingerprint: str

    @property
    def wraps(self) -> bool:
        """Whether results are wrapped as `{"result": …}`, because only objects can be returned."""
        properties = (self.result or {}).get("properties", {})
        return list(properties) == ["result"]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """What `to_json` made.

        Raises:
            TypeError: If it is something else.
        """
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a server says of one tool, unchecked.

    Attributes:
        name: As it calls it.
        description: Any text.
        arguments: Schema of the arguments.
        result: Schema of the result, or None.
        destructive: Whether it says so.
    """

    name: str
    description: str = ""
    arguments: Any = None
    result: Any = None
    destructive: bool = False

    @property
    def fingerprint(self) -> str:
        """A hash of all of it.

        Raises:
            SchemaError: If it is too large, or no JSON.
        """
        try:
            text = json.dumps(asdict(self), sort_keys=True)
        except (TypeError, ValueError, RecursionError):
            msg = "its definition is not plain JSON"
            raise schema.SchemaError(msg) from None
        if len(text) > _MOST_BYTES:
            msg = f"its definition takes {len(text)} bytes, and {_MOST_BYTES} is the most"
            raise schema.SchemaError(msg)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def definitions(told: Iterable[Told]) -> tuple[list[Definition], list[str]]:
    """The tools of a server by name, and what was wrong with those that are left out."""
    unique: dict[str, Told] = {}
    problems: list[str] = []
    for tool in told:
        if tool.name in unique or len(unique) == MOST_TOOLS or len(tool.name) > _LONGEST_NAME:
            problems.append(f"{_shown(tool)} is left out: {_surplus(tool, unique)}")
        else:
            unique[tool.name] = tool
    functions = names.identifiers(unique, names.FUNCTIONS, "tool")
    found: list[Definition] = []
    for name in sorted(unique):
        try:
            found.append(_definition(unique[name], functions[name]))
        except schema.SchemaError as error:
            problems.append(f"{_shown(unique[name])} is left out: {error}")
    return found, problems


def _definition(told: Told, function: str) -> Definition:
    return Definition(
        name=told.name,
        function=function,
        description=clean(told.description, _LONGEST_DESCRIPTION),
        arguments=schema.bounded(told.arguments if told.arguments is not None else {}),
        result=schema.bounded(told.result) if told.result is not None else None,
        destructive=told.destructive,
        fingerprint=told.fingerprint,
    )


def _surplus(tool: Told, unique: Mapping[str, Told]) -> str:
    if tool.name in unique:
        return "there are two of this name"
    if len(tool.name) > _LONGEST_NAME:
        return f"its name is longer than {_LONGEST_NAME} characters"
    return f"the server has more than {MOST_TOOLS} tools"


def _shown(tool: Told) -> str:
    return one_line(tool.name, 80) or "a tool without a name"

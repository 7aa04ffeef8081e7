"""Instructions of a role: a file of their own, with name and version in its first line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_FRONT = re.compile(r"<!-- ([a-z][a-z_]*), version ([1-9]\d*) -->\n")


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Instructions for a model.

    Attributes:
        name: Whose they are.
        version: Counts up when they say something else; 0 if nobody counts.
        text: What the model reads.
    """

    name: str
    version: int = 0
    text: str


def parse_prompt(text: str) -> Prompt:
    """Read a prompt file; its first line is `<!-- NAME, version N -->`.

    Raises:
        ValueError: If the first line is missing, or nothing follows it.
    """
    front = _FRONT.match(text)
    rest = text[front.end() :].strip() if front else ""
    if front is None or not rest:
        msg = "a prompt begins with a line `<!-- name, version 1 -->`, then says what to do"
        raise ValueError(msg)
    return Prompt(name=front[1], version=int(front[2]), text=rest)


def packaged(name: str) -> Prompt:
    """A prompt that comes with the package."""
    file = files("subagents").joinpath("prompts", f"{name}.md")
    return parse_prompt(file.read_text("utf-8"))

"""`agent tools list` and `agent tools show`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from typing import Any

from agent.cli.jsonlines import emit
from agent.cli.library import open_registry
from agent.cli.table import columns
from agent.render import safe
from tools_registry.tool import Tool


def show_all(workspace: str, *, as_json: bool) -> int:
    """List all tools, by category."""
    tools = open_registry(workspace).tools()
    if as_json:
        for tool in tools:
            emit(as_object(tool))
    else:
        print("\n".join(by_category(tools)))
    return 0


def show_one(workspace: str, name: str, *, as_json: bool) -> int:
    """Show the whole definition of one tool.

    Raises:
        UsageError: If there is no such tool.
    """
    tool = open_registry(workspace).get(name)
    if as_json:
        emit(as_object(tool))
    else:
        print("\n".join(describe(tool)))
    return 0


def as_object(tool: Tool) -> dict[str, Any]:
    """A tool as a JSON object; examples as expression and result."""
    examples = [{"call": call, "result": result} for call, result in tool.examples]
    return {**asdict(tool), "import": tool.import_line, "examples": examples}


def by_category(tools: Iterable[Tool]) -> list[str]:
    """Tools as lines for a person, grouped."""
    ordered = sorted(tools, key=lambda tool: (tool.category, tool.name))
    lines: list[str] = []
    for category, group in groupby(ordered, key=lambda tool: tool.category):
        rows = columns([(f"  {tool.name}", tool.summary) for tool in group])
        lines += ["", category, *rows] if lines else [category, *rows]
    return lines


def describe(tool: Tool) -> list[str]:
    """A tool as lines for a person: how to call it, what it does, examples."""
    facts = [("kind", tool.kind), ("category", tool.category), ("file", str(tool.file))]
    if tool.status:
        facts.insert(1, ("status", tool.status))
    examples = [f"  >>> {call}\n  {result}" for call, result in tool.examples]
    return [
        safe(tool.signature),
        "",
        safe(_without_examples(tool.doc)),
        "",
        *columns([*facts, ("use", tool.import_line)]),
        *(["", "examples", *map(safe, examples)] if examples else []),
    ]


def _without_examples(doc: str) -> str:
    """The docstring up to its examples, which are shown in a place of their own."""
    before, _, _ = doc.partition(">>>")
    return before.rstrip().removesuffix("Examples:").removesuffix("Example:").rstrip()

"""What tool definitions cost a model: all of them up front, against a search when one is needed.

`python -m benchmarks.tokens --data DIR --json`, where DIR is a retrieval set or holds several; the
core tools count too. A token is taken as four characters. Up front is the JSON schema of every
tool. Against that stand the definitions of the search tool and of the one that describes a tool,
one search (a query, five cards) and the description of the tool that was chosen, as the coordinator
sends them. A set larger than there are tools repeats them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.report import finish, options, progress
from benchmarks.retrieval import DataSet, load
from tools_registry.core_tools import core_tools
from tools_registry.registry import Registry
from tools_registry.skills.library import SkillLibrary
from tools_registry.tool import Tool

_CHARACTERS = 4
"""Of a token, on the average of English text and JSON."""

_CARDS = 5
_SEARCHES = 100
_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}


def tokens(value: object) -> float:
    """Tokens of something as JSON, or of a text as it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return len(text) / _CHARACTERS


def schema(tool: Tool) -> dict[str, Any]:
    """The definition of a tool as models take it."""
    properties = {
        each.name: {"type": _type(each.annotation), "description": each.doc}
        for each in tool.parameters
    }
    required = [each.name for each in tool.parameters if each.required]
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": tool.name, "description": tool.doc, "parameters": parameters}


def saved(costs: Sequence[float], tools: int, search: float) -> float:
    """The share of the tokens of so many tools up front that a search does without."""
    return round(1 - search / sum(islice(cycle(costs), tools)), 4)


def measure(sets: Sequence[DataSet], seed: int) -> dict[str, object]:
    """All figures by the names in which they are published."""
    tools = [*core_tools()[0], *(tool for data in sets for tool in data.tools)]
    known = {name: chars for data in sets for name, chars in data.schema_chars.items()}
    costs = [known.get(tool.name, 0) / _CHARACTERS or tokens(schema(tool)) for tool in tools]
    generator = random.Random(seed)
    generator.shuffle(costs)
    fixed = sum(map(tokens, _definitions()))
    registry = Registry(tools, skills=SkillLibrary("/nonexistent"))
    registry.wait()
    search = fixed + fmean(_search(registry, generator) for _ in range(_SEARCHES))
    progress(f"{len(tools)} tools of {fmean(costs):.0f} tokens; {search:.0f} for a search")
    return {
        "saved_definitions_200": saved(costs, 200, search),
        "saved_definitions_1000": saved(costs, 1_000, search),
        "session_saved": None,
        "growth_per_turn": None,
        "search_tokens": round(search, 1),
        "schema_tokens": round(fmean(costs), 1),
    }


def _search(registry: Registry, generator: random.Random) -> float:
    """Tokens of a query, its cards, and the description of the tool it was made for."""
    from agent.host_tools import cards
    from agent.reports import described

    tool = generator.choice(registry.tools())
    query = " ".join(tool.summary.split()[:8])
    calls = [{"query": query, "limit": _CARDS}, {"name": tool.name}]
    return sum(map(tokens, [*calls, cards(registry, query, _CARDS), described(tool)]))


def _definitions() -> list[dict[str, Any]]:
    """What the coordinator tells a model of its tools for finding tools."""
    from pydantic_ai import Tool

    from agent.toolbox import Toolbox

    box = Toolbox.__new__(Toolbox)  # its tools say what they are without a session
    return [
        {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.function_schema.json_schema,
        }
        for tool in (Tool(box.search_tools), Tool(box.describe_tool))
    ]


def _type(annotation: str) -> str:
    names = (name for python, name in _TYPES.items() if annotation.startswith(python))
    return next(names, "string")


def main() -> None:
    """Measure and print."""
    parser = options("Tokens of tool definitions.")
    parser.add_argument("--data", type=Path, help="a retrieval set, or several")
    chosen = parser.parse_args()
    sets = load(chosen.data) if chosen.data else []
    finish(measure(sets, chosen.seed), as_json=chosen.json)


if __name__ == "__main__":
    main()

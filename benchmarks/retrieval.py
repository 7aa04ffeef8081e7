"""Retrieval sets: `docs.jsonl` and `queries.jsonl` as tools and requests, and how they meet."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools_registry.tool import Parameter, Tool


@dataclass(frozen=True, kw_only=True)
class Request:
    """Something asked for.

    Attributes:
        id: Its name in the rows.
        text: What was asked.
        relevant: Ids of the tools that serve it.
    """

    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Tools, and requests for them.

    Attributes:
        name: Of the folder.
        tools: In the order of the file.
        ids: Id of a tool by its name.
        requests: In the order of the file.
        schema_chars: Length of the JSON schema of a tool by name, where the file tells.
    """

    name: str
    tools: tuple[Tool, ...]
    ids: dict[str, str]
    requests: tuple[Request, ...]
    schema_chars: dict[str, int]


def load(folder: Path) -> list[DataSet]:
    """The set in a folder, or those in the folders below it, by name.

    Raises:
        FileNotFoundError: If there is none.
    """
    folders = sorted(file.parent for file in folder.glob("**/docs.jsonl"))
    if not folders:
        msg = f"no docs.jsonl in {folder} or below: point --data at a retrieval set"
        raise FileNotFoundError(msg)
    return [_load(each) for each in folders]


def score(ranked: Sequence[str], relevant: frozenset[str]) -> dict[str, float]:
    """Recall at 1, 5 and 10, and nDCG at 10, of one ranking."""
    found = [tool in relevant for tool in ranked[:10]]
    gain = sum(hit / math.log2(n + 2) for n, hit in enumerate(found))
    ideal = sum(1 / math.log2(n + 2) for n in range(min(10, len(relevant))))
    recall = {f"R@{k}": sum(found[:k]) / len(relevant) for k in (1, 5, 10)}
    return {**recall, "nDCG@10": gain / ideal}


def read_tools(file: Path) -> list[Tool]:
    """The tools of a file of docs."""
    return [_tool(row) for row in _rows(file)]


def write_tools(file: Path, tools: Sequence[Tool]) -> None:
    """Tools as a file of docs."""
    with file.open("w", encoding="utf-8") as stream:
        for tool in tools:
            params = "; ".join(f"{each.name}: {each.doc}" for each in tool.parameters)
            row = {"id": tool.name, "name": tool.name, "summary": tool.summary, "doc": tool.doc}
            stream.write(json.dumps({**row, "params": params}) + "\n")


def _load(folder: Path) -> DataSet:
    docs, queries = _rows(folder / "docs.jsonl"), _rows(folder / "queries.jsonl")
    often = Counter(row["name"] for row in docs)
    for row in docs:  # tools go by their names, so these must tell them apart
        row["name"] = row["id"] if often[row["name"]] > 1 else row["name"]
    return DataSet(
        name=folder.name,
        tools=tuple(map(_tool, docs)),
        ids={row["name"]: row["id"] for row in docs},
        requests=tuple(
            Request(id=row["id"], text=row["query"], relevant=frozenset(row["rel"]))
            for row in queries
            if row["rel"]
        ),
        schema_chars={row["name"]: row["schema_chars"] for row in docs if "schema_chars" in row},
    )


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def _tool(row: dict[str, Any]) -> Tool:
    """A tool of that id; parameters come as `name: doc; name: doc`."""
    parts = (part.partition(":") for part in row.get("params", "").split("; ") if part.strip())
    parameters = tuple(Parameter(name=name.strip(), doc=doc.strip()) for name, _, doc in parts)
    names = ", ".join(parameter.name for parameter in parameters if parameter.name.isidentifier())
    return Tool(
        name=row["name"],
        kind="user",
        module="tools",
        category="benchmark",
        signature=f"{row['name']}({names})",
        summary=row["summary"],
        doc=row["doc"],
        parameters=parameters,
        file=Path("docs.jsonl"),
    )

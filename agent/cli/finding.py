"""`agent skills search` and `agent tools search`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.library import open_registry
from agent.cli.table import columns
from tools_registry.tool import Hit, Kind


def search(workspace: str, query: str, limit: str, *, kind: Kind | None, as_json: bool) -> int:
    """Show what fits a query best, best first.

    Args:
        workspace: Directory with the skills.
        query: What the person looks for.
        limit: Most hits, as typed.
        kind: Only this kind, or None for all.
        as_json: Whether to print JSON lines.

    Raises:
        UsageError: If the query is empty or the limit is no number.
    """
    query = checks.said(query, "query")
    hits = open_registry(workspace).search(query, checks.count(limit), kind=kind)
    if as_json:
        for hit in hits:
            emit(asdict(hit))
    else:
        print("\n".join(_lines(hits)) or f"Nothing fits {query!r}.")
    return 0


def _lines(hits: Sequence[Hit]) -> list[str]:
    return columns([(f"{hit.score:.2f}", hit.name, hit.kind, hit.summary) for hit in hits])

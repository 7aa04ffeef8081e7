"""`agent skills search` and `agent tools search`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast, get_args

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.library import open_registry
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.render import safe
from sessions.errors import UsageError
from subagents.agent_library import approved
from tools_registry.search.stemmer import stems
from tools_registry.search.words import query_terms, split_words
from tools_registry.tool import Hit, Kind, SkillStatus


@dataclass(frozen=True, kw_only=True)
class Only:
    """What to look at, as typed; None for all.

    Attributes:
        kind: Where tools come from.
        category: Group in listings.
        status: How far the review of skills is.
    """

    kind: str | None = None
    category: str | None = None
    status: str | None = None


def search(workspace: str, query: str, limit: str, *, only: Only, as_json: bool) -> int:
    """Show what fits a query best, best first.

    Args:
        workspace: Directory with the skills.
        query: What the person looks for.
        limit: Most hits, as typed.
        only: What to look at.
        as_json: Whether to print JSON lines.

    Raises:
        UsageError: If the query is empty, the limit is no number, or a kind, category or status is
            unknown.
    """
    query = checks.said(query, "query")
    registry = open_registry(workspace)
    categories = sorted({tool.category for tool in registry.tools()})
    hits = registry.search(
        query,
        checks.count(limit),
        kind=cast("Kind | None", _one_of(only.kind, get_args(Kind), "kind")),
        category=_one_of(only.category, categories, "category"),
        status=cast("SkillStatus | None", _one_of(only.status, get_args(SkillStatus), "status")),
    )
    if as_json:
        for hit in hits:
            emit(asdict(hit))
    else:
        print("\n".join(_lines(hits)) or f"Nothing fits {query!r}.")
    if only.kind in (None, "skill") and only.category is None:
        _tell_agents(workspace, query)
    return 0


def _tell_agents(workspace: str, query: str) -> None:
    """Say which sub-agents have words of the query; code can't call them, so they are no hits."""
    wanted = set(stems(query_terms(query)))
    for agent in approved(workspace):
        if wanted & set(stems(split_words(f"{agent.name} {agent.summary}"))):
            how = f"agent run TASK --as {agent.name}"
            tell(f"an agent may fit, too: {agent.name} · {safe(agent.summary)} ({how})")


def _one_of(given: str | None, known: Sequence[str], what: str) -> str | None:
    if given is not None and given not in known:
        msg = f"no {what} {given!r}: choose one of {', '.join(known)}"
        raise UsageError(msg)
    return given


def _lines(hits: Sequence[Hit]) -> list[str]:
    return columns([(f"{hit.score:.2f}", hit.name, hit.kind, hit.summary) for hit in hits])

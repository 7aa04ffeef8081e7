"""What code in the kernel can ask of the host while it runs: the module `agent_host` in there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from agent.approval import UNATTENDED
from sessions.errors import UsageError
from sessions.handlers import Handler
from sessions.requests import Requests
from sessions.wire_format import shown

if TYPE_CHECKING:
    from agent.events import Question
    from agent.mcp_tools import McpTools
    from agent.web_tools import WebTools
    from sessions.execution import Execution
    from tools_registry.registry import Registry


class Asker(Protocol):
    """Whoever can ask the person: a run, or a terminal."""

    async def permission(self, action: str, detail: str) -> str | None:
        """None if the person agrees, else the reason for no."""


_MOST_HITS = 20
_LONGEST_QUERY = 2_000  # characters
_SECONDS = 90.0
"""Of one call: longer than an MCP server gets to start and to answer, which tells more."""


class HostTools:
    """Offered to the kernel of one conversation.

    Args:
        open_registry: Reads the tools and skills as they are now.
        web: Fetches pages, as far as the person lets it.
        mcp: Calls MCP servers, as far as the person lets it.

    Attributes:
        registry: The tools and skills that are searched; read when first needed if None.
        requests: Answers the kernel.
    """

    def __init__(self, open_registry: Callable[[], Registry], web: WebTools, mcp: McpTools) -> None:
        self._open_registry = open_registry
        self._run: Asker | None = None
        self._web = web
        self._mcp = mcp
        self._turn = asyncio.Lock()
        self.registry: Registry | None = None
        handlers = {"search_tools": Handler.of(self.search_tools), **web.handlers()}
        self._of_the_web = frozenset(web.handlers())
        handlers |= mcp.handlers()
        self._of_mcp = frozenset(mcp.handlers())
        self.requests = Requests(handlers, approve=self.approve, seconds=_SECONDS)

    @contextmanager
    def asking(self, run: Asker) -> Iterator[None]:
        """Questions of the cell that runs meanwhile go to the person of this run."""
        self._run = run
        self._web.consent.begin(run)
        self._mcp.begin(run)
        try:
            yield
        finally:
            self._run = None

    def unanswered(self, execution: Execution) -> tuple[Question, ...]:
        """What a cell failed for because nobody was there to answer it; empty if by another."""
        refused = execution.error is not None and execution.error.name == "RefusedError"
        return (*self._web.consent.unanswered, *self._mcp.unanswered) if refused else ()

    async def aclose(self) -> None:
        """End what was started on the host for the kernel; may be called again."""
        await self._mcp.close()

    async def search_tools(self, query: str, limit: int = 5) -> list[dict[str, str]]:
        """Find tools and skills for one step of a task, each with the line that imports it."""
        if len(query) > _LONGEST_QUERY:
            msg = f"the query has {len(query)} characters: say it in a few words"
            raise UsageError(msg)
        async with self._turn:
            if self.registry is None:
                self.registry = await asyncio.to_thread(self._open_registry)
            return await asyncio.to_thread(cards, self.registry, query, limit)

    async def approve(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Ask the person about a call: None for yes, or the reason for no."""
        if name in self._of_the_web:
            ask = self._run.permission if self._run else None
            return await self._web.approve(name, arguments, ask)
        if name in self._of_mcp:
            ask = self._run.permission if self._run else None
            return await self._mcp.approve(name, arguments, ask)
        if self._run is None:
            return UNATTENDED
        detail = shown(dict(arguments), indent=2)
        return await self._run.permission(f"let code in the kernel call {name}", detail)


def cards(registry: Registry, query: str, limit: int) -> list[dict[str, str]]:
    """The tools that fit a request best, each in a few words."""
    hits = registry.search(query, max(1, min(limit, _MOST_HITS)))
    return [
        {
            "name": hit.name,
            "kind": hit.kind,
            "signature": hit.signature,
            "summary": hit.summary,
            "import": registry.get(hit.name).import_line,
        }
        for hit in hits
    ]

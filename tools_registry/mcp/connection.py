"""A connection to one MCP server: opened when it is needed, and closed whatever happened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools_registry.mcp.definition import MOST_TOOLS, Told
from tools_registry.mcp.errors import McpError
from tools_registry.mcp.http import Http
from tools_registry.mcp.stdio import Stdio
from tools_registry.mcp.text import clean, one_line

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

    from tools_registry.mcp.server import Server

_MOST_PAGES = 50


class Connection:
    """Speaks to one server.

    Args:
        server: The server.
        room: Folder in which a process is started.
        seconds: Time to connect, to list the tools, and for one call.

    Attributes:
        changed: Whether the server has said that its tools are not the same any more.
    """

    def __init__(
        self, server: Server, room: Path, seconds: tuple[float, float, float] = (20.0, 10.0, 45.0)
    ) -> None:
        self._server = server
        self._room = room
        self._connect_seconds, self._list_seconds, self._call_seconds = seconds
        self._way: Stdio | Http | None = None
        self._owner: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._stop = asyncio.Event()
        self.changed = False

    @property
    def alive(self) -> bool:
        """Whether a call may still be answered."""
        running = self._owner is not None and not self._owner.done()
        return running and self._way is not None and not self._way.fault

    async def open(self) -> None:
        """Start or reach the server.

        Raises:
            McpError: If that does not work out in time.
        """
        logging.getLogger("mcp").addHandler(logging.NullHandler())  # it would write to stderr
        self._way = self._new_way()
        await asyncio.to_thread(_load)
        ready = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(ready))
        try:
            async with asyncio.timeout(self._connect_seconds):
                await asyncio.wait([ready, self._owner], return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            reason = f"it did not answer within {self._connect_seconds:g} s"
            late = self._error(reason, ended=True)
            await self.close()
            raise late from None
        except BaseException:
            await self.close()
            raise
        if not ready.done():
            reason = self._why(self._owner)
            await self.close()
            raise self._error(reason)

    async def tools(self) -> list[Told]:
        """What the server says of its tools.

        Raises:
            McpError: If it does not say it.
        """
        client = self._opened()
        self.changed = False
        try:
            async with asyncio.timeout(self._list_seconds):
                return await _listed(client)
        except TimeoutError:
            reason = f"it did not list its tools within {self._list_seconds:g} s"
        except Exception as error:
            reason = _told(error)
        raise self._error(reason)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call a tool.

        Raises:
            McpError: If no answer comes, or none that is one. Whether the tool has failed is part
                of the answer.
        """
        from mcp import types

        client = self._opened()
        parameters = types.CallToolRequestParams(name=name, arguments=dict(arguments))
        # Not `call_tool`, which checks the answer by the server's own patterns: they may take
        # for ever.
        request = types.CallToolRequest(params=parameters)
        try:
            async with asyncio.timeout(self._call_seconds):
                return await client.session.send_request(request, types.CallToolResult)
        except TimeoutError:
            reason = f"it did not answer within {self._call_seconds:g} s, and is ended"
            late = self._error(reason, ended=True)
            await self.close()
            raise late from None
        except Exception as error:
            reason = _told(error)
        raise self._error(reason)

    async def close(self) -> None:
        """End the connection, and the server if it is a process of ours; may be called again."""
        self._stop.set()
        if self._owner is not None:
            with suppress(Exception):
                await asyncio.shield(asyncio.gather(self._owner, return_exceptions=True))

    def _new_way(self) -> Stdio | Http:
        if self._server.url:
            return Http(self._server.url, self._server.token())
        return Stdio(self._server.command, self._server.environment(), self._room)

    async def _own(self, ready: asyncio.Future[None]) -> None:
        """Hold the connection: who opens it has to close it, in the same task."""
        opening = asyncio.create_task(self._hold(ready))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait([opening, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ready.done():
            opening.cancel()
        await opening

    async def _hold(self, ready: asyncio.Future[None]) -> None:
        from mcp import Client, types

        async def listen(message: Any) -> None:
            self.changed |= isinstance(message, types.ToolListChangedNotification)

        assert self._way is not None
        client = Client(self._way.connect(), mode="auto", cache=None, message_handler=listen)
        async with client:
            self._client = client
            ready.set_result(None)
            await self._stop.wait()

    def _opened(self) -> Client:
        if self._client is None or not self.alive:
            raise self._error((self._way.fault if self._way else "") or "it is not connected")
        return self._client

    def _why(self, owner: asyncio.Task[None]) -> str:
        if owner.cancelled() or (error := owner.exception()) is None:
            return "it ended"
        return _told(error)

    def _error(self, reason: str, *, ended: bool = False) -> McpError:
        way = self._way
        reason = (way.fault if way else "") or reason
        asked = ended or not self.alive  # a server that answers well may write what it likes
        said = f"; it said: {way.complaint}" if way and way.complaint and asked else ""
        if asked and not said and self._client is None and self._server.command:
            said = f": see that {Path(self._server.command[0]).name[:80]!r} starts an MCP server"
        return McpError(f"MCP server {self._server.name}: {reason}{said}")


def _load() -> None:
    """Import what takes a second, not in the loop that others wait for."""
    import mcp.client.streamable_http  # noqa: F401 -- the import is the work


async def _listed(client: Client) -> list[Told]:
    tools: list[Told] = []
    cursor: str | None = None
    seen: set[str | None] = {None}
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += map(_as_told, page.tools)
        cursor = page.next_cursor
        if cursor in seen or len(tools) > MOST_TOOLS:  # a list that begins anew has no end
            break
        seen.add(cursor)
    return tools


def _as_told(tool: Any) -> Told:
    hints = tool.annotations
    return Told(
        name=tool.name,
        description=tool.description or "",
        arguments=tool.input_schema,
        result=tool.output_schema,
        destructive=bool(hints and hints.destructive_hint and not hints.read_only_hint),
    )


def _told(error: BaseException) -> str:
    """What an error of the client says, in a line; of several the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    kind = type(error).__name__
    if kind == "ValidationError":
        return "it sent an answer that is none by the protocol"
    if kind in {"ConnectError", "ConnectTimeout"}:
        return "nothing answers there: see that it runs, and that the URL is right"
    text = one_line(clean(str(error), 600), 300)
    return text or f"it failed ({type(error).__name__})"

"""The servers that code in one kernel calls: each started when it is first needed, once."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sessions.errors import RefusedError, UsageError
from tools_registry.mcp import schema
from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import Definition, Told, definitions
from tools_registry.mcp.errors import McpError
from tools_registry.mcp.library import Library, Pinned
from tools_registry.mcp.result import plain
from tools_registry.mcp.server import Server

_PIECE = 500_000  # characters, fewer than an answer to the kernel may have once it is quoted
_MOST_WAITING = 4


class Servers:
    """One connection for each server, until `close`.

    Args:
        library: The servers of the person.
        seconds: Time to connect, to list the tools, and for one call.
    """

    def __init__(
        self, library: Library, seconds: tuple[float, float, float] = (20.0, 10.0, 45.0)
    ) -> None:
        self._library = library
        self._seconds = seconds
        self._open: dict[str, Connection] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[str, str] = {}

    def find(self, server: str, tool: str) -> tuple[Server, Definition]:
        """A tool as the person has seen it.

        Raises:
            UsageError: If there is no such server or tool.
            RefusedError: If it is held back.
        """
        found = self._library.get(server)
        pinned = self._pinned(found)
        if (reason := pinned.held.get(tool)) is not None:
            raise RefusedError(_held(server, tool, reason))
        if tool not in pinned.tools:
            msg = f"the MCP server {server} has no tool {ascii(tool)[:80]}"
            raise UsageError(msg)
        return found, pinned.tools[tool]

    def check(self, server: str, tool: str, arguments: Mapping[str, Any]) -> Definition:
        """Hold arguments against what a tool takes.

        Raises:
            UsageError: If there is no such server or tool, or it does not take them.
            RefusedError: If it is held back.
        """
        _, found = self.find(server, tool)
        if (wrong := schema.problem(found.arguments, dict(arguments))) is not None:
            msg = f"{server}.{found.function} does not take these arguments: {wrong}"
            raise UsageError(msg)
        return found

    async def call(self, server: str, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a tool; see `result.plain` for what is returned, whole or as a ticket for pieces.

        Raises:
            UsageError: If there is no such server or tool.
            RefusedError: If it is not what the person has seen.
            McpError: If the server does not answer.
        """
        found, _ = self.find(server, tool)
        connection = await self._connected(found)
        _, definition = self.find(server, tool)  # what came of connecting
        told = plain(await connection.call(tool, arguments), definition)
        return self._in_pieces(told)

    def piece(self, ticket: str, index: int) -> str:
        """A part of an answer that is too long for one; the last one ends it.

        Raises:
            UsageError: If there is none.
        """
        text = self._waiting.get(ticket, "")
        piece = text[index * _PIECE : (index + 1) * _PIECE] if index >= 0 else ""
        if not piece:
            msg = "this answer is not there any more: call the tool again"
            raise UsageError(msg)
        if (index + 1) * _PIECE >= len(text):
            del self._waiting[ticket]
        return piece

    async def close(self) -> None:
        """End all connections; may be called again."""
        connections = list(self._open.values())
        self._open.clear()
        await asyncio.gather(*(connection.close() for connection in connections))

    async def _connected(self, server: Server) -> Connection:
        """A connection whose tools were compared with what the person has seen."""
        async with self._turns[server.name]:
            connection = self._open.get(server.name)
            if connection is None or not connection.alive:
                connection = await self._new(server, connection)
            if connection.changed:
                await self._compare(server, connection)
            return connection

    async def _new(self, server: Server, dead: Connection | None) -> Connection:
        if dead is not None:
            await dead.close()
        room = await asyncio.to_thread(self._library.room, server.name)
        connection = Connection(server, room, self._seconds)
        self._open[server.name] = connection
        await connection.open()
        connection.changed = True
        return connection

    async def _compare(self, server: Server, connection: Connection) -> None:
        told = await connection.tools()
        held = held_back(self._pinned(server).tools, told)
        await asyncio.to_thread(self._library.hold, server, held)

    def _pinned(self, server: Server) -> Pinned:
        pinned = self._library.pinned(server)
        if pinned is None:
            msg = (
                f"nobody has looked at the tools of the MCP server {server.name} as it is now: run "
                f"`agent tools add-mcp {server.name} --update`"
            )
            raise RefusedError(msg)
        return pinned

    def _in_pieces(self, told: dict[str, Any]) -> dict[str, Any]:
        try:
            text = json.dumps(told, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            msg = "the server's answer is not plain data"
            raise McpError(msg) from None
        if len(text) <= _PIECE:
            return told
        while len(self._waiting) >= _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        ticket = secrets.token_hex(8)
        self._waiting[ticket] = text
        return {"ticket": ticket, "pieces": -(-len(text) // _PIECE)}


def held_back(seen: Mapping[str, Definition], told: Iterable[Told]) -> dict[str, str]:
    """Which tools are not what the person has seen, and why; what is new is not called at all."""
    now = {definition.name: definition for definition in definitions(told)[0]}
    held: dict[str, str] = {}
    for name, definition in seen.items():
        if name not in now:
            held[name] = "the server does not offer it any more"
        elif now[name].fingerprint != definition.fingerprint:
            held[name] = "the server describes it differently now"
    return held


def _held(server: str, tool: str, reason: str) -> str:
    return (
        f"the tool {ascii(tool)[:80]} of the MCP server {server} is held back: {reason}. Look at "
        f"it with `agent tools add-mcp {server} --update`"
    )

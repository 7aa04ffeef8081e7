"""Carries a front end's connections to the sockets of a sandbox, and answers its heartbeat.

A kernel that held a listening TCP socket of the host would hold a piece of the host's network. So
none is handed in: bytes are carried between that socket and one that leads nowhere else.

Nothing is parsed on the way and no more is read than was passed on, so whatever a kernel sends, it
costs a few hundred kilobytes here. How long a message may be is for the front end to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sessions.connection import CHANNELS, HEARTBEAT, Connection
from sessions.heart import echo

_PIECE = 1 << 18  # bytes
_LAST_SECONDS = 2.0  # what the kernel said last gets this long to reach the front end


_End = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Relay:
    """Listens where a front end expects a kernel; use as `async with`.

    Args:
        connection: Where to listen.
        targets: Channel → the sandbox's socket.
    """

    def __init__(self, connection: Connection, targets: Mapping[str, Path]) -> None:
        self._connection = connection
        self._targets = targets
        self._servers: list[asyncio.Server] = []
        self._carriers: set[asyncio.Task[Any]] = set()
        self._hearts: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Relay:
        """Listen.

        Raises:
            OSError: If an address is taken or can't be had.
        """
        try:
            for channel in CHANNELS:
                self._servers.append(await self._listen(channel))
            self._servers.append(await self._serve(HEARTBEAT, echo, self._hearts))
        except BaseException:
            self._stop_listening()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Carry what is left of what the kernel said, and let go."""
        self._stop_listening()
        if self._carriers:
            await asyncio.wait(self._carriers, timeout=_LAST_SECONDS)
        tasks = [*self._carriers, *self._hearts]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, channel: str) -> asyncio.Server:
        target = self._targets[channel]
        return await self._serve(
            channel, lambda reader, writer: _carry(reader, writer, target), self._carriers
        )

    async def _serve(
        self, channel: str, end: _End, tasks: set[asyncio.Task[Any]]
    ) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            with suppress(asyncio.CancelledError):  # by us; asyncio would report it as an error
                await end(reader, writer)

        at = self._connection
        if at.transport == "ipc":
            return await asyncio.start_unix_server(serve, at.path(channel), limit=_PIECE)
        return await asyncio.start_server(serve, at.ip, at.ports[channel], limit=_PIECE)

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        if self._connection.transport == "ipc":
            for channel in (*CHANNELS, HEARTBEAT):
                self._connection.path(channel).unlink(missing_ok=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Path) -> None:
    """Carry bytes both ways until one side ends."""
    with suppress(OSError):
        from_inside, to_inside = await asyncio.open_unix_connection(target, limit=_PIECE)
        ways = [
            asyncio.create_task(_pump(reader, to_inside)),
            asyncio.create_task(_pump(from_inside, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _close(to_inside)
    await _close(writer)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(_PIECE):
            sink.write(piece)
            await sink.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()

"""A web of one machine: servers that say what a test wants, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from ssl import SSLContext

from tools_registry.web.fetcher import Fetcher, FetchLimits
from tools_registry.web.policy import NetworkPolicy

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
SITE = "site.example"
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def anybody(host: str) -> None:
    """The person agreed to every host."""


def page(body: str | bytes, kind: str = "text/html; charset=utf-8", *headers: str) -> bytes:
    """An answer with a body."""
    content = body if isinstance(body, bytes) else body.encode()
    head = [f"Content-Type: {kind}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(["HTTP/1.1 200 OK", *head, "", ""]).encode() + content


def redirect(target: str, status: int = 302) -> bytes:
    """An answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


class Server:
    """Answers by path; what it was asked is kept.

    Attributes:
        port: Where it listens on this machine.
        heads: The heads of the requests, as they came.
        bodies: What was posted.
    """

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.port = 0
        self.serving: set[asyncio.Task[None]] = set()

    def url(self, path: str = "/", host: str = SITE, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            length = next((h[15:] for h in head.split("\r\n") if h.startswith("Content-Length")), 0)
            self.bodies.append(await reader.readexactly(int(length)))
            path = head.split(" ")[1]
            answer = self.answers.get(path, self.answers.get(path.partition("?")[0]))
            if callable(answer):
                await answer(writer)
            else:
                writer.write(_MISSING if answer is None else answer)
                await writer.drain()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and end it well even if the test ends first."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.serving.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def end(self) -> None:
        """End every connection that is still open."""
        tasks = list(self.serving)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


@asynccontextmanager
async def serving(
    answers: dict[str, Answer] | None = None, tls: SSLContext | None = None
) -> AsyncIterator[Server]:
    """A server on this machine for as long as it is needed."""
    server = Server(answers if answers is not None else {})
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.end()
        await listening.wait_closed()


def local(server: Server, **options: object) -> NetworkPolicy:
    """A policy whose only names lead to a server on this machine, which it lets through."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    only = NetworkPolicy(
        ports=frozenset({server.port}),
        allowed=lambda address: address == "127.0.0.1",
        resolve=resolve,
    )
    return replace(only, **options)  # type: ignore[arg-type]  # what a test gives


def fetcher(
    server: Server, tls: SSLContext | None = None, limits: FetchLimits | None = None
) -> Fetcher:
    """A fetcher that reaches a server on this machine, and nothing else."""
    return Fetcher(local(server), limits or FetchLimits(seconds=10), tls)

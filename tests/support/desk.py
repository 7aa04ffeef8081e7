"""The two ends of a request channel, and a person who answers by a script."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from sessions.channel import Pace
from sessions.events import Event, HostCalled
from sessions.handlers import Handler
from sessions.requests import Requests

QUICK = Pace(rate=1e6, burst=1_000_000)


async def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


async def give(what: Any) -> Any:
    return what


async def forever() -> None:
    await asyncio.Event().wait()


HANDLERS = {"add": Handler.of(add), "give": Handler.of(give)}


class Inside:
    """The end that a kernel holds, and anybody in it may abuse."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.rest = b""

    async def send(self, *messages: Any) -> None:
        data = b"".join(m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages)
        await asyncio.get_running_loop().sock_sendall(self.socket, data + b"\n")

    async def told(self) -> Any:
        """The next message, None at the end."""
        while b"\n" not in self.rest:
            async with asyncio.timeout(10):
                piece = await asyncio.get_running_loop().sock_recv(self.socket, 1 << 20)
            if not piece:
                return None
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    async def call(self, name: str, number: int = 1, /, **arguments: Any) -> Any:
        await self.send({"id": number, "call": name, "arguments": arguments})
        return await self.told()


class Desk:
    """Requests with a socket attached, and what they told."""

    def __init__(self, handlers: Mapping[str, Handler], **options: Any) -> None:
        self.requests = Requests(handlers, **options)
        self.events: list[Event] = []

    def attach(self) -> Inside:
        ours, inside = socket.socketpair()
        inside.setblocking(False)
        self.requests.attach(ours)
        return Inside(inside)

    @property
    def calls(self) -> list[HostCalled]:
        return [event for event in self.events if isinstance(event, HostCalled)]


@asynccontextmanager
async def desk(
    handlers: Mapping[str, Handler] = HANDLERS, **options: Any
) -> AsyncIterator[tuple[Desk, Inside]]:
    made = Desk(handlers, **{"pace": QUICK, **options})
    inside = made.attach()
    made.requests.open(made.events.append)
    try:
        yield made, inside
    finally:
        inside.socket.close()
        await made.requests.detach()


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.005)


class Lag:
    """How long the loop did not come round."""

    def __init__(self) -> None:
        self.most = 0.0

    async def __aenter__(self) -> Lag:
        self._task = asyncio.create_task(self._measure())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _measure(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self.most = max(self.most, time.monotonic() - before - 0.005)


class Person:
    """Answers approvals by a script, and notes what was asked."""

    def __init__(self, *answers: str | None, pause: float = 0.0) -> None:
        self.answers = list(answers)
        self.pause = pause
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.withdrawn = 0
        self.at_once = 0

    async def __call__(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        self.asked.append((name, dict(arguments)))
        self.at_once += 1
        assert self.at_once == 1
        try:
            await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        finally:
            self.at_once -= 1
        return self.answers.pop(0)

"""The host's end of a request channel: lines in, no faster than allowed, and answers out."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sessions.kernel.lines import MOST_REQUEST, Lines

_PIECE = 1 << 14  # bytes


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How much one kernel may ask.

    Attributes:
        rate: Requests a second in the long run.
        burst: Requests at once after a rest.
        in_flight: Requests whose answer was not taken yet.
    """

    rate: float = 20.0
    burst: int = 40
    in_flight: int = 8


class Channel:
    """One connected stream socket, read and written in the running event loop.

    What comes too fast is not refused but left unread, so that whoever sends it waits: nothing
    piles up here, whatever comes. A line that makes no sense ends the channel.

    Args:
        connection: The socket; the channel's from now on.
        take: Given each line; says whether an answer will follow. A ValueError that it raises
            ends the channel.
        pace: How fast lines are taken.
        ended: Given the reason, when there is nothing more to read: "" if the other end is gone.
    """

    def __init__(
        self,
        connection: socket.socket,
        take: Callable[[bytes], bool],
        pace: Pace,
        ended: Callable[[str], None],
    ) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._take = take
        self._ended = ended
        self._bucket = _Bucket(pace.rate, pace.burst)
        self._slots = asyncio.Semaphore(pace.in_flight)
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._sending = False
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(work()) for work in (self._read, self._write)]

    def answer(self, message: bytes) -> None:
        """Send the answer to a line that was taken, in its turn and when there is room."""
        self._answers.put_nowait(message)

    def drop_answers(self) -> None:
        """Forget the answers that nobody takes, but for the one that is half sent."""
        while not self._answers.empty():
            self._answers.get_nowait()
            self._slots.release()

    async def close(self) -> None:
        """Let go of the socket; nothing is read or sent any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._connection.close()

    async def _read(self) -> None:
        reason = ""
        try:
            await self._take_lines()
        except ValueError as error:
            reason = str(error)
            self._part(reason)
        except OSError:
            pass
        self._ended(reason)

    async def _take_lines(self) -> None:
        loop = asyncio.get_running_loop()
        lines = Lines(MOST_REQUEST)
        while piece := await loop.sock_recv(self._connection, _PIECE):
            lines.add(piece)
            while (line := lines.next()) is not None:
                await self._bucket.take()
                await self._slots.acquire()
                if not self._take(line):
                    self._slots.release()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while True:
                answer = await self._answers.get()
                self._sending = True
                await loop.sock_sendall(self._connection, answer)
                self._sending = False
                self._slots.release()

    def _part(self, reason: str) -> None:
        """Say why, unless an answer is half sent or there is no room for it, and hang up."""
        self._tasks[1].cancel()
        with suppress(OSError):
            if not self._sending:
                self._connection.send(encoded({"closed": reason}))
            self._connection.shutdown(socket.SHUT_RDWR)


class _Bucket:
    """Fills at a steady rate; whoever takes from an empty one waits."""

    def __init__(self, rate: float, size: int) -> None:
        self._rate = rate
        self._size = size
        self._left = float(size)
        self._when = time.monotonic()

    async def take(self) -> None:
        now = time.monotonic()
        self._left = min(self._size, self._left + (now - self._when) * self._rate) - 1
        self._when = now
        if self._left < 0:
            await asyncio.sleep(-self._left / self._rate)


def encoded(message: Mapping[str, Any]) -> bytes:
    """A message as a line.

    Raises:
        ValueError: If it is not plain data.
        TypeError: The same.
    """
    return json.dumps(message, allow_nan=False).encode() + b"\n"

"""One connection to a kernel: whole messages in and out, neither without bound."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from sessions import zmtp
from sessions.zmtp import Buffer, Frame

_HIGH, _LOW = 8 << 20, 2 << 20  # bytes held; beyond the first reading rests until the second
_RETRY_SECONDS = 0.005
_LAST_WORDS = 1 << 20  # bytes; the system holds no more for a process that has ended
_MOST_PIECES = 64  # sent at once, and begun at once


class Wire:
    """A socket of a kernel, read and written within the running loop, which it never blocks.

    What was received and is still held counts; while it is too much nothing is read, and the
    kernel has to wait, or to keep in its own memory what it would say.

    Args:
        path: Where the kernel listens.
        kind: What our socket is.
        others: What the kernel's socket may be.
        receive: Is given each message.
        lose: Is called when the connection ends, perhaps twice.
    """

    def __init__(
        self,
        path: str,
        kind: bytes,
        others: frozenset[bytes],
        receive: Callable[[list[Frame]], None],
        lose: Callable[[], None],
    ) -> None:
        self._path = path
        self._kind = kind
        self._decoder = zmtp.Decoder(others)
        self._receive = receive
        self._lose = lose
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._reads = self._writes = False
        self._held = 0
        self._begun: deque[memoryview] = deque()  # what must be sent to its end
        self._waiting: dict[str, list[memoryview]] = {}
        self._changed = asyncio.Event()

    async def connect(self) -> None:
        """Connect as soon as somebody listens.

        Raises:
            OSError: If nobody could listen there.
        """
        while self._socket is None:
            candidate = socket.socket(socket.AF_UNIX)
            candidate.setblocking(False)
            try:
                candidate.connect(self._path)
                self._socket = candidate
            except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                candidate.close()
                await asyncio.sleep(_RETRY_SECONDS)
            except BaseException:
                candidate.close()
                raise
        self._resume()
        self._send_next([zmtp.GREETING, zmtp.ready(self._kind)])

    async def shake_hands(self) -> bool:
        """Wait until the kernel is ready; False if the connection ends instead."""
        while self._socket is not None and not self._decoder.ready:
            self._changed.clear()
            await self._changed.wait()
        return self._socket is not None

    def subscribe(self) -> None:
        """Ask for all that is published."""
        self._send_next([zmtp.subscription(by_command=self._decoder.subscribes_by_command)])

    @property
    def is_idle(self) -> bool:
        """Whether all that was to be sent is sent."""
        return not self._begun and not self._waiting

    def send(self, name: str, frames: Sequence[Buffer]) -> None:
        """Send a message as soon as the kernel reads; by its name it can be withdrawn."""
        if self._socket is not None:
            self._waiting[name] = zmtp.encode(frames)
            self._write()

    def withdraw(self, name: str) -> None:
        """Do not send a message after all, unless it was begun."""
        self._waiting.pop(name, None)

    def hold(self, size: int) -> None:
        """So many bytes more were received and are kept."""
        self._held += size
        if self._held > _HIGH:
            self._rest()

    def release(self, size: int) -> None:
        """So many bytes are kept no longer."""
        self._held -= size
        if self._held <= _LOW:
            self._resume()

    def finish(self) -> None:
        """Take in what the kernel sent before it ended, then close."""
        taken = 0
        while taken < _LAST_WORDS and (count := self._read()):
            taken += count
        self.close()

    def close(self) -> None:
        """Disconnect; may be called again."""
        if self._socket is None:
            return
        if not self._loop.is_closed():
            self._rest()
            self._watch_room(False)
        self._socket.close()
        self._socket = None
        self._begun.clear()
        self._waiting.clear()
        self._changed.set()

    def _end(self) -> None:
        """The kernel hung up, or we do because of what it sent."""
        self.close()
        self._lose()

    def _rest(self) -> None:
        if self._reads and self._socket is not None:
            self._loop.remove_reader(self._socket)
        self._reads = False

    def _resume(self) -> None:
        if not self._reads and self._socket is not None:
            self._loop.add_reader(self._socket, self._read)
            self._reads = True

    def _read(self) -> int:
        """Receive once; returns how many bytes there were."""
        if self._socket is None:
            return 0
        try:
            count = self._socket.recv_into(self._decoder.room())
            if count:
                self._take(count)
            else:
                self._end()
        except BlockingIOError:
            return 0
        except (OSError, zmtp.ProtocolError):
            self._end()
            return 0
        return count

    def _take(self, count: int) -> None:
        for message in self._decoder.took(count):
            self._receive(message)
        if self._decoder.ready:
            self._changed.set()
        if answers := self._decoder.answers:
            if len(self._begun) + len(answers) > _MOST_PIECES:
                msg = "the kernel asks, and does not read the answers"
                raise zmtp.ProtocolError(msg)
            self._send_next(answers)
            answers.clear()

    def _send_next(self, pieces: Sequence[bytes]) -> None:
        """Send something right after the message that is being sent."""
        self._begun.extend(map(memoryview, pieces))
        self._write()

    def _write(self) -> None:
        """Send what the kernel takes now; the rest follows when it takes more."""
        if not self._begun and self._waiting:
            self._begun.extend(self._waiting.pop(next(iter(self._waiting))))
        if self._begun and self._socket is not None:
            try:
                self._sent(self._socket.sendmsg(islice(self._begun, _MOST_PIECES)))
            except BlockingIOError:
                pass
            except OSError:  # it reads no more; what it said before is still there
                self.finish()
                self._lose()
        self._watch_room(not self.is_idle)

    def _sent(self, count: int) -> None:
        while count:
            piece = self._begun.popleft()
            if count < len(piece):
                self._begun.appendleft(piece[count:])
            count -= min(count, len(piece))

    def _watch_room(self, on: bool) -> None:
        if self._socket is None or on == self._writes:
            return
        self._writes = on
        if on:
            self._loop.add_writer(self._socket, self._write)
        else:
            self._loop.remove_writer(self._socket)

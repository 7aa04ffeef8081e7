"""ZMTP 3.1 as a client speaks it, with no input or output: bytes become messages, and back.

The other end may be hostile. What it declares costs nothing until it is sent, and what it sends is
held to limits while it is read: bytes and frames of a message, bytes of a command, answers to pings
that it does not read.

```
greeting  64 bytes: signature, version, mechanism
frame     flags, length (1 or 8 bytes), body; MORE says that the message goes on
command   a frame of its own kind: length of its name, name, data
```
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from typing import NoReturn

from sessions.kernel.sizes import LARGEST_MESSAGE, MOST_FRAMES

Buffer = bytes | bytearray | memoryview
Frame = bytes | memoryview

_SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
_VERSION = b"\x03\x01"
_MECHANISM = b"NULL".ljust(20, b"\0")
GREETING = (_SIGNATURE + _VERSION + _MECHANISM).ljust(64, b"\0")

_MORE, _LONG, _COMMAND = 1, 2, 4
_ANY_FLAGS = _MORE | _LONG | _COMMAND
_SHORTEST_LONG = 256
_LARGEST_COMMAND = 4096
_SMALL = 16 << 10  # bytes; a larger frame gets memory of its own, and is received right into it
_SCRATCH = 2 * _SMALL
_PONG_CONTEXT = 16


class ProtocolError(Exception):
    """The other end broke the protocol or a limit."""


class Decoder:
    """Makes messages of what the other end sends.

    Receive into `room()`, then tell by `took()` how much it was.

    Args:
        kinds: What the socket at the other end may be, e.g. `{b"ROUTER"}`.
        largest: Bytes of a message.
        most: Frames of a message.

    Attributes:
        ready: Whether the handshake is over.
        subscribes_by_command: Whether it knows the command, or expects a message as in ZMTP 3.0.
        answers: Commands that are to be sent back.
    """

    def __init__(
        self,
        kinds: frozenset[bytes],
        *,
        largest: int = LARGEST_MESSAGE,
        most: int = MOST_FRAMES,
    ) -> None:
        self._kinds = kinds
        self._largest = largest
        self._most = most
        self._scratch = memoryview(bytearray(_SCRATCH))
        self._start = self._end = 0
        self._greeted = False
        self._large: memoryview | None = None
        self._large_flags = self._filled = 0
        self._frames: list[Frame] = []
        self._size = 0
        self.ready = False
        self.subscribes_by_command = False
        self.answers: list[bytes] = []

    def room(self) -> memoryview:
        """Where the next bytes go; never empty."""
        if self._large is not None:
            return self._large[self._filled :]
        if self._start:
            rest = self._end - self._start
            self._scratch[:rest] = self._scratch[self._start : self._end]
            self._start, self._end = 0, rest
        return self._scratch[self._end :]

    def took(self, count: int) -> Iterator[list[Frame]]:
        """Messages that are complete now that so many bytes were received; take them all.

        Raises:
            ProtocolError: If the other end broke the protocol or a limit.
        """
        if self._large is None:
            self._end += count
        else:
            self._filled += count
            if self._filled < len(self._large):
                return
            frame, self._large = self._large, None
            if (message := self._add(self._large_flags, frame)) is not None:
                yield message
        if self._greeted or self._take_greeting():
            yield from self._take_frames()

    def _take_greeting(self) -> bool:
        greeting = bytes(self._scratch[: min(self._end, len(GREETING))])
        if greeting[:1] not in (b"", b"\xff") or (len(greeting) > 9 and not greeting[9] & 1):
            _refuse("does not speak ZMTP")
        if len(greeting) < len(GREETING):
            return False
        if greeting[10] < _VERSION[0] or greeting[12:32] != _MECHANISM:
            _refuse("speaks another version or mechanism of ZMTP")
        self.subscribes_by_command = tuple(greeting[10:12]) >= tuple(_VERSION)
        self._start = len(GREETING)
        self._greeted = True
        return True

    def _take_frames(self) -> Iterator[list[Frame]]:
        data = self._scratch
        while self._large is None and self._end - self._start >= 2:
            flags, size, body = data[self._start], data[self._start + 1], self._start + 2
            if flags > _ANY_FLAGS:
                _refuse("sent a frame of an unknown kind")
            if flags & _LONG:
                body += 7
                if body > self._end:
                    return
                size = int.from_bytes(data[body - 8 : body], "big")
            self._check(flags, size)
            if body + size <= self._end:
                self._start = body + size
                if (message := self._add(flags, bytes(data[body : self._start]))) is not None:
                    yield message
            elif size > _SMALL:
                self._begin_large(flags, size, data[body : self._end])
            else:
                return

    def _check(self, flags: int, size: int) -> None:
        if flags & _COMMAND:
            if flags & _MORE or size > _LARGEST_COMMAND:
                _refuse("sent a command that is none")
        elif not self.ready:
            _refuse("sent a message before it was ready")
        elif self._size + size > self._largest:
            _refuse("sent too large a message")
        elif len(self._frames) >= self._most:
            _refuse("sent a message of too many frames")

    def _begin_large(self, flags: int, size: int, begun: memoryview) -> None:
        # Pages of a private mapping exist once they are written: a length alone costs nothing.
        self._large = memoryview(mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        self._large[: len(begun)] = begun
        self._large_flags, self._filled = flags, len(begun)
        self._start = self._end = 0

    def _add(self, flags: int, frame: Frame) -> list[Frame] | None:
        """Take a frame in; the message, if it was its last one."""
        if flags & _COMMAND:
            self._obey(bytes(frame))
            return None
        self._frames.append(frame)
        self._size += len(frame)
        if flags & _MORE:
            return None
        message, self._frames, self._size = self._frames, [], 0
        return message

    def _obey(self, command: bytes) -> None:
        length = command[0] if command else 0
        name, data = command[1 : 1 + length], command[1 + length :]
        if self.ready and name == b"PING" and len(data) >= 2:
            self.answers.append(_command(b"PONG", data[2 : 2 + _PONG_CONTEXT]))
        elif not self.ready and name == b"READY":
            self.ready = _properties(data).get(b"socket-type") in self._kinds
            if not self.ready:
                _refuse("is another kind of socket")
        elif not self.ready or name != b"PONG":
            _refuse("sent a command that is not expected")


def ready(kind: bytes) -> bytes:
    """What ends our part of the handshake; `kind` is that of our socket."""
    name, value = b"Socket-Type", kind
    told = bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
    return _command(b"READY", told)


def subscription(*, by_command: bool) -> bytes:
    """Asks for everything that is published."""
    return _command(b"SUBSCRIBE", b"") if by_command else b"\x00\x01\x01"


def encode(frames: Sequence[Buffer]) -> list[memoryview]:
    """A message as pieces to be sent in turn; large frames are not copied."""
    pieces: list[memoryview] = []
    small = bytearray()
    for left, frame in zip(reversed(range(len(frames))), frames, strict=True):
        view = memoryview(frame)
        small += _head(_MORE if left else 0, view.nbytes)
        if view.nbytes <= _SMALL:
            small += view
        else:
            pieces += [memoryview(small), view.cast("B")]
            small = bytearray()
    return [*pieces, memoryview(small)] if small else pieces


def _refuse(what: str) -> NoReturn:
    msg = f"the kernel {what}"
    raise ProtocolError(msg)


def _head(flags: int, size: int) -> bytes:
    if size < _SHORTEST_LONG:
        return bytes([flags, size])
    return bytes([flags | _LONG]) + size.to_bytes(8, "big")


def _command(name: bytes, data: bytes) -> bytes:
    body = bytes([len(name)]) + name + data
    return _head(_COMMAND, len(body)) + body


def _properties(data: bytes) -> dict[bytes, bytes]:
    """Names (in lower case) and values of a READY command."""
    found = {}
    while data:
        end = 1 + data[0]
        name, size = data[1:end], int.from_bytes(data[end : end + 4], "big")
        if len(data) < end + 4 + size:
            _refuse("sent a command that is none")
        found[name.lower()] = data[end + 4 : end + 4 + size]
        data = data[end + 4 + size :]
    return found

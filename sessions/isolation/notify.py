"""System calls that wait for another process to answer them, see seccomp_unotify(2)."""

from __future__ import annotations

import errno
import fcntl
import struct
from dataclasses import dataclass

from .syscalls import read_memory

_RECEIVE, _SEND, _IS_VALID, _ADD_DESCRIPTOR = 0xC050_2100, 0xC018_2101, 0x4008_2102, 0x4018_2103
_REQUEST = struct.Struct("=QIIiIQ6Q")
_GO_ON, _ANSWER_AT_ONCE = 1, 2
_LONGEST_PATH = 4096
_PAGE = 4096


@dataclass(frozen=True, kw_only=True)
class Request:
    """A system call that waits.

    Attributes:
        id: Names it.
        thread: Id of the thread that waits.
        call: Its number.
        arguments: Its six arguments, unsigned.
    """

    id: int
    thread: int
    call: int
    arguments: tuple[int, ...]

    def number(self, position: int) -> int:
        """An argument as a signed 32-bit number."""
        value = self.arguments[position] & 0xFFFF_FFFF
        return value - (1 << 32) if value >> 31 else value


class Desk:
    """Where the system calls of a filter wait.

    Args:
        listener: Descriptor of the filter.
    """

    def __init__(self, listener: int) -> None:
        self._listener = listener

    def next(self) -> Request:
        """The next one, in whose place nobody else's can come meanwhile.

        Raises:
            OSError: If it was given up.
        """
        space = bytearray(_REQUEST.size)
        fcntl.ioctl(self._listener, _RECEIVE, space)
        id, thread, _, call, _, _, *arguments = _REQUEST.unpack(space)
        return Request(id=id, thread=thread, call=call, arguments=tuple(arguments))

    def text(self, request: Request, position: int) -> str:
        """The path that an argument points to, as it is now.

        Raises:
            OSError: If there is none, or the call was given up.
        """
        address, text = request.arguments[position], b""
        while b"\0" not in text:
            if len(text) >= _LONGEST_PATH:
                raise OSError(36, "the path is too long")
            wanted = _PAGE - (address + len(text)) % _PAGE
            text += read_memory(request.thread, address + len(text), wanted)
        if not self.waits(request):  # it was read from a stranger that has the number by now
            raise OSError(errno.ESRCH, "the call was given up")
        return text.partition(b"\0")[0].decode(errors="surrogateescape")

    def go_on(self, request: Request) -> None:
        """Let the system do it, within the walls there are."""
        self._send(request, 0, 0, _GO_ON)

    def refuse(self, request: Request, error: int) -> None:
        """It fails."""
        self._send(request, 0, -error, 0)

    def succeed(self, request: Request) -> None:
        """It was done, and returns 0."""
        self._send(request, 0, 0, 0)

    def hand_over(self, request: Request, descriptor: int, flags: int) -> None:
        """It returns a copy of a descriptor."""
        packed = struct.pack("=QIIII", request.id, _ANSWER_AT_ONCE, descriptor, 0, flags)
        fcntl.ioctl(self._listener, _ADD_DESCRIPTOR, packed)

    def waits(self, request: Request) -> bool:
        """Whether it still waits."""
        try:
            fcntl.ioctl(self._listener, _IS_VALID, struct.pack("=Q", request.id))
        except OSError:
            return False
        return True

    def _send(self, request: Request, value: int, error: int, flags: int) -> None:
        fcntl.ioctl(self._listener, _SEND, struct.pack("=QqiI", request.id, value, error, flags))

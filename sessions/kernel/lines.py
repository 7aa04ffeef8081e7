"""How kernel and host talk over their request channel: lines of JSON, each of bounded length."""

from __future__ import annotations

MOST_REQUEST = 64 << 10
"""Bytes of one line to the host."""
MOST_ANSWER = 1 << 20
"""Bytes of one line to the kernel."""


class LineTooLongError(ValueError):
    """A line does not end where it must."""


class Lines:
    """Puts lines together from pieces as they come.

    Args:
        longest: Bytes that a line may have; about so much is held at most.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._searched = 0

    def add(self, piece: bytes) -> None:
        """Take in what came."""
        self._rest += piece

    def next(self) -> bytes | None:
        """The next whole line without its end, None if there is none yet.

        Raises:
            LineTooLongError: If the line is longer than it may be, whether it has ended or not.
        """
        end = self._rest.find(b"\n", self._searched)
        self._searched = len(self._rest)
        if (self._searched if end < 0 else end) > self._longest:
            msg = f"a line is longer than {self._longest} bytes"
            raise LineTooLongError(msg)
        if end < 0:
            return None
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        self._searched = 0
        return line

"""Many parts of bytes as one stream, given out and taken in piece by piece.

```
"AGENTST1" · length of the header (8 bytes) · header (JSON, with the size of each part) · parts
```
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

_MAGIC = b"AGENTST1"
_WIDTH = 8  # bytes of the header's length
_START = len(_MAGIC) + _WIDTH


class Outgoing:
    """A stream that is read; its parts are not copied.

    Args:
        header: Plain data.
        parts: Buffers of bytes.
    """

    def __init__(self, header: Mapping[str, Any], parts: Sequence[memoryview]) -> None:
        text = json.dumps({**header, "sizes": [len(part) for part in parts]}).encode()
        first = memoryview(_MAGIC + len(text).to_bytes(_WIDTH) + text)
        self._parts = [part for part in (first, *parts) if len(part)]
        self._ends = list(accumulate(map(len, self._parts)))

    def __len__(self) -> int:
        return self._ends[-1]

    def piece(self, offset: int, length: int) -> memoryview:
        """Bytes of the stream; fewer than asked for at its end."""
        found: list[memoryview] = []
        for part in range(bisect_right(self._ends, offset), len(self._parts)):
            start = offset - (self._ends[part] - len(self._parts[part]))
            found.append(self._parts[part][start : start + length])
            offset += len(found[-1])
            length -= len(found[-1])
            if not length:
                break
        return found[0] if len(found) == 1 else memoryview(b"".join(found))


class Incoming:
    """A stream that is written, from its beginning to its end.

    Attributes:
        header: The plain data, once it is there.
        parts: Memory of its own for each part, so that each is let go of by itself.
    """

    def __init__(self) -> None:
        self.header: dict[str, Any] = {}
        self.parts: list[bytearray] = []
        self._begun = bytearray()
        self._part = self._filled = 0

    def take(self, piece: Any) -> None:
        """Take in the next bytes.

        Raises:
            ValueError: If this is no such stream.
        """
        rest = memoryview(piece)
        if not self.header:
            self._begun += rest
            rest = self._read_header()
        while len(rest):
            part = self.parts[self._part]
            now = min(len(rest), len(part) - self._filled)
            part[self._filled : self._filled + now] = rest[:now]
            rest = rest[now:]
            self._filled += now
            self._skip_filled()

    def require_whole(self) -> None:
        """Raise an error unless all parts are there.

        Raises:
            ValueError: If the stream ended too early.
        """
        if not self.header or self._part < len(self.parts):
            msg = "the saved state is not whole"
            raise ValueError(msg)

    def _read_header(self) -> memoryview:
        """Read the header if all of it is there; the bytes that follow it."""
        end = _START + int.from_bytes(self._begun[len(_MAGIC) : _START])
        if len(self._begun) < max(end, _START):
            return memoryview(b"")
        if not self._begun.startswith(_MAGIC):
            msg = "this is no saved state"
            raise ValueError(msg)
        self.header = json.loads(self._begun[_START:end])
        self.parts = [bytearray(size) for size in self.header["sizes"]]
        self._skip_filled()
        rest, self._begun = memoryview(self._begun)[end:], bytearray()
        return rest

    def _skip_filled(self) -> None:
        while self._part < len(self.parts) and self._filled == len(self.parts[self._part]):
            self._part, self._filled = self._part + 1, 0

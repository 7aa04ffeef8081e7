"""What the host takes in one message: the kernel holds back what is more, and says so."""

from __future__ import annotations

from collections.abc import Sequence

LARGEST_MESSAGE = 64 << 20
"""Bytes of all frames of a message."""

MOST_FRAMES = 1024
"""Frames of a message."""

LARGEST_TEXT = 32 << 20
"""Bytes of one JSON text. In memory it takes up to nine times as much: think of one emoji."""

MOST_VALUES = 1_250_000
"""Values in one JSON text. An empty list takes three bytes there, and 64 in memory."""

SEPARATORS = ",[{"
"""Each value has one before it; those within strings are counted as well, which is fast."""

_DELIMITER = b"<IDS|MSG>"
_SIGNED = 4  # header, parent, metadata, content: the parts that are JSON


def is_acceptable(message: Sequence[bytes | memoryview]) -> bool:
    """Whether the host takes a message, from its identities to its buffers."""
    size = sum(memoryview(frame).nbytes for frame in message)
    if len(message) > MOST_FRAMES or size > LARGEST_MESSAGE or _DELIMITER not in message:
        return False
    if size <= MOST_VALUES:
        return True
    first = message.index(_DELIMITER) + 2
    return all(map(_is_acceptable_text, map(bytes, message[first : first + _SIGNED])))


def _is_acceptable_text(text: bytes) -> bool:
    return len(text) <= LARGEST_TEXT and sum(map(text.count, SEPARATORS.encode())) <= MOST_VALUES

"""What the host takes in one message: the kernel holds back what is more, and says so."""

from __future__ import annotations

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

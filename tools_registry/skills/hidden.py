"""Code that is not what it seems to be."""

from __future__ import annotations

import re

from tools_registry.source import SourceError

_HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
    "|[\x0b\x1c-\x1e\x85\u2028\u2029]|\r(?!\n)"
)
"""What reorders a line before the reader's eyes, is seen by a model alone, or ends lines for Python
and few others, or for others alone: code would look like a comment, or a comment like code."""


def visible(text: str) -> str:
    """The text, if it is what it seems to be.

    Raises:
        SourceError: If it has characters that hide or reorder others.
    """
    if found := _HIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        msg = f"has the hidden character U+{ord(found.group()):04X}: remove it"
        raise SourceError(msg, line)
    return text

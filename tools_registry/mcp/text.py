"""Text of strangers, made fit to be shown: what can't be seen, or turns a line around, is gone."""

from __future__ import annotations

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs"}
_SEPARATORS = {"Zl", "Zp"}
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Variation selectors: bytes can be hidden in a row of them."""


def clean(text: str, most: int) -> str:
    """Text with its lines, of at most `most` characters."""
    lines = "".join(map(_seen, text[: 4 * most].expandtabs(4)))
    return _clipped("\n".join(line.rstrip() for line in lines.splitlines()).strip(), most)


def one_line(text: str, most: int) -> str:
    """Text as a single line, of at most `most` characters."""
    return _clipped(" ".join(clean(text, 4 * most).split()), most)


def _seen(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character
    kind = unicodedata.category(character)
    if kind in _SEPARATORS or character in "\r\v\f\x85":
        return "\n"
    hidden = kind in _INVISIBLE or any(ord(character) in found for found in _SELECTORS)
    return "" if hidden else character


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

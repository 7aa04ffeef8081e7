"""Cut text into the word pieces that the embedding model was trained on (uncased BERT)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_LONGEST_WORD = 100
_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}
_CJK = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Text to token numbers.

    Args:
        vocabulary: One piece per line; the line number is the token.
        most: Most tokens of one text, with the two that frame it; the rest is cut off.
    """

    def __init__(self, vocabulary: str, *, most: int = 256) -> None:
        self._tokens = {piece: number for number, piece in enumerate(vocabulary.split("\n"))}
        self._unknown = self._tokens["[UNK]"]
        self._first = self._tokens["[CLS]"]
        self._last = self._tokens["[SEP]"]
        self._most = most
        self._word = lru_cache(maxsize=20_000)(self._pieces)

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, framed as the model expects."""
        tokens: list[int] = []
        for word in _words(text):
            tokens += self._word(word)
            if len(tokens) >= self._most:
                break
        return [self._first, *tokens[: self._most - 2], self._last]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """The longest known piece, again and again; a word with a gap is unknown as a whole."""
        pieces: list[int] = []
        rest = word
        while rest:
            found = self._longest(rest, "##" if pieces else "")
            if len(word) > _LONGEST_WORD or found is None:
                return (self._unknown,)
            token, length = found
            pieces.append(token)
            rest = rest[length:]
        return tuple(pieces)

    def _longest(self, text: str, prefix: str) -> tuple[int, int] | None:
        for length in range(min(len(text), _LONGEST_WORD), 0, -1):
            token = self._tokens.get(prefix + text[:length])
            if token is not None:
                return token, length
        return None


def _words(text: str) -> Iterator[str]:
    """Words without accents and case; punctuation and Chinese characters stand alone."""
    spaced = "".join(map(_spaced, _plain(text)))
    return iter(spaced.split())


def _plain(text: str) -> Iterator[str]:
    """Lower-case characters without control characters and accents."""
    visible = "".join(filter(_visible, text))
    for char in unicodedata.normalize("NFD", visible):
        if unicodedata.category(char) != "Mn":
            yield from char.lower()


def _visible(char: str) -> bool:
    return char in "\t\n\r" or (char != "\ufffd" and unicodedata.category(char) not in _INVISIBLE)


def _spaced(char: str) -> str:
    return f" {char} " if _is_punctuation(char) or _is_cjk(char) else char


def _is_punctuation(char: str) -> bool:
    """As BERT has it: every ASCII symbol counts."""
    ascii_symbol = char.isascii() and char.isprintable() and not char.isalnum() and char != " "
    return ascii_symbol or unicodedata.category(char)[0] == "P"


def _is_cjk(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _CJK)

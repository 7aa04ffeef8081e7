"""Keeps the head and the tail of long text, and puts all of it into a file."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_LARGEST_FILE = 64 << 20  # characters


class Overflow:
    """Text of one stream: kept whole up to a limit, beyond it head and tail, the rest in a file.

    Attributes:
        overflowed: Whether there was more than the limit.
    """

    def __init__(self, limit: int, file: Path) -> None:
        self._half = limit // 2
        self._limit = limit
        self._file: Path | None = file
        self._in_file = 0
        self._kept = ""
        self._tail = ""
        self._size = 0
        self._sink: TextIO | None = None
        self.overflowed = False

    def write(self, text: str) -> str:
        """Take text; returns the part of it that is still within the limit, to be shown live."""
        self._size += len(text)
        if not self.overflowed:
            room = self._limit - len(self._kept)
            if len(text) <= room:
                self._kept += text
                return text
            self._begin_overflow(text)
            return text[: max(room, 0)]
        self._spill(text)
        return ""

    def close(self) -> str:
        """The text, or its head and tail with the name of the file between them."""
        if not self.overflowed:
            return self._kept
        try:
            if self._sink is not None:
                self._sink.close()
        except OSError:
            self._give_up()
        left_out = self._size - len(self._kept) - len(self._tail)
        note = f"\n… {left_out:,} characters left out ({self._where()}) …\n"
        return f"{self._kept}{note}{self._tail}"

    def put_away(self, text: str) -> str:
        """Put a text into the file, whatever its length, and nothing else; says where it is."""
        self.overflowed = True
        self._size = len(text)
        self._sink = self._opened()
        self._keep(text)
        self.close()
        return self._where()

    def without_file(self) -> None:
        """Keep head and tail alone."""
        self._file = None

    def _where(self) -> str:
        if self._sink is None:
            return "not kept"
        whole = self._in_file >= self._size
        return f"{'all' if whole else 'the beginning'} of it in {self._file}"

    def _opened(self) -> TextIO | None:
        return _create(self._file) if self._file is not None else None

    def _begin_overflow(self, text: str) -> None:
        self.overflowed = True
        whole = self._kept + text
        self._kept, rest = whole[: self._half], whole[self._half :]
        self._tail = rest[-self._half :]
        self._sink = self._opened()
        self._keep(whole)

    def _spill(self, text: str) -> None:
        self._tail = (self._tail + text)[-self._half :]
        self._keep(text)

    def _keep(self, text: str) -> None:
        room = _LARGEST_FILE - self._in_file
        if self._sink is None or room <= 0:
            return
        try:
            self._in_file += self._sink.write(text[:room])
        except OSError:  # the disk is full: what can't be kept must not stop the cell
            self._give_up()

    def _give_up(self) -> None:
        if self._sink is not None:
            with suppress(OSError):
                self._sink.close()
        self._sink = None


def _create(file: Path) -> TextIO | None:
    """A new file, below directories that are not links; None if it can't be made."""
    if any(folder.is_symlink() for folder in file.parents):
        return None
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(file, flags, 0o600)
    except OSError:
        return None
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")

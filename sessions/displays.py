"""The rich output of one cell, held to a number and a size; the rest goes to files."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from sessions.execution import MimeBundle
from sessions.overflow import Overflow

LARGEST = 10 << 20
"""Characters of one MIME type of one display."""
ALL = 50 << 20
"""Characters of all displays of a cell together."""
MOST = 1_000
"""Displays of a cell that are kept: the first and the last."""
LIVE = 2_000
"""Displays and changes to them that are shown while the cell runs."""

_READ_AS_TEXT = ("text/plain", "text/markdown", "text/latex")
_SPILLED = 256 << 20  # characters that go to files
_GLIMPSE = 200  # characters


class Displays:
    """Keeps displays in order, each in its newest state.

    Args:
        text: Makes a keeper of long text for a file of that name.

    Attributes:
        overflowed: Whether anything was left out.
    """

    def __init__(self, text: Callable[[str], Overflow]) -> None:
        self._text = text
        self._first: list[MimeBundle] = []
        self._last: deque[MimeBundle] = deque()
        self._places: dict[str, int] = {}
        self._left_out = 0
        self._rest = text("displays")
        self._size = self._spilled = self._number = self._live = self._live_size = 0
        self.overflowed = False

    def show(self, data: Mapping[str, Any], name: str | None, *, update: bool) -> MimeBundle:
        """Take a display; returns what is kept of it.

        Args:
            data: MIME type → body.
            name: By which it can be changed later.
            update: Whether it is the new state of one that was shown.
        """
        bundle = {str(mime): body for mime, body in data.items()}
        bundle = self._fitted(bundle)
        place = self._places.get(name or "") if update else None
        if place is not None and self._replace(place, bundle):
            return bundle
        if name is not None:
            self._places[name] = self._number
        self._number += 1
        self._add(bundle)
        return bundle

    def is_live(self, bundle: MimeBundle) -> bool:
        """Whether this one is still to be shown while the cell runs."""
        self._live += 1
        self._live_size += _size(bundle)
        return self._live <= LIVE and self._live_size <= ALL

    def close(self) -> tuple[MimeBundle, ...]:
        """All that is kept, with a note where something was left out."""
        note = f"… {self._left_out:,} displays left out …\n{self._rest.close()}"
        gap = [{"text/plain": note}] if self._left_out else []
        return (*self._first, *gap, *self._last)

    def _add(self, bundle: MimeBundle) -> None:
        size = _size(bundle)
        if self._size + size > ALL:
            self._leave_out(bundle)
        elif len(self._first) < MOST // 2:
            self._size += size
            self._first.append(bundle)
        else:
            self._size += size
            self._last.append(bundle)
            if len(self._last) > MOST - MOST // 2:
                oldest = self._last.popleft()
                self._size -= _size(oldest)
                self._leave_out(oldest)

    def _replace(self, place: int, bundle: MimeBundle) -> bool:
        """Put a display in the place of its former state; False if that is kept no more."""
        from_end = place - self._number
        if place < len(self._first):
            kept: list[MimeBundle] | deque[MimeBundle] = self._first
        elif -from_end <= len(self._last):
            kept, place = self._last, from_end
        else:
            return False
        grown = self._size + _size(bundle) - _size(kept[place])
        if grown > ALL:
            return False
        kept[place], self._size = bundle, grown
        return True

    def _leave_out(self, bundle: MimeBundle) -> None:
        self.overflowed = True
        self._left_out += 1
        self._rest.write(f"{bundle.get('text/plain', ', '.join(bundle))}\n")

    def _fitted(self, bundle: dict[str, Any]) -> dict[str, Any]:
        """The bundle without what is too large, of which a note tells."""
        notes = []
        for mime, body in list(bundle.items()):
            if mime in _READ_AS_TEXT and isinstance(body, str):
                bundle[mime] = self._cut(body, f"{self._number}-{mime.partition('/')[2]}")
            elif _size_of(body) > LARGEST:
                notes.append(self._note(mime, body))
                del bundle[mime]
        if notes:
            bundle["text/plain"] = "\n".join([str(bundle.get("text/plain", "")), *notes]).strip()
        return bundle

    def _cut(self, body: str, name: str) -> str:
        keeper = self._keeper(name)
        keeper.write(body)
        if keeper.overflowed:
            self.overflowed = True
            self._spilled += len(body)
        return keeper.close()

    def _note(self, mime: str, body: Any) -> str:
        """What is said in place of a body, which goes to a file."""
        self.overflowed = True
        whole = body if isinstance(body, str) else json.dumps(body)
        kind = "".join(c if c.isalnum() else "-" for c in mime)[:40]
        told = self._keeper(f"{self._number}-{kind}").put_away(whole)
        self._spilled += len(whole)
        glimpse = f": {whole[:_GLIMPSE]}…{whole[-_GLIMPSE:]}" if mime.startswith("text/") else ""
        return f"[{mime} of {len(whole):,} characters left out ({told}){glimpse}]"

    def _keeper(self, name: str) -> Overflow:
        keeper = self._text(f"display-{name}")
        if self._spilled > _SPILLED:
            keeper.without_file()
        return keeper


def _size(bundle: MimeBundle) -> int:
    return sum(map(_size_of, bundle.values()))


def _size_of(body: Any) -> int:
    if isinstance(body, str):
        return len(body)
    return len(json.dumps(body)) if isinstance(body, dict | list) else 64

"""Jupyter's messages as frames: signed, and looked into no further than needed.

```
[identity …] <IDS|MSG> signature header parent metadata content [buffer …]
```
Cells can know the key: a right signature tells that a message is from inside, not that it is true.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sessions.kernel.sizes import LARGEST_TEXT, MOST_VALUES, SEPARATORS
from sessions.zmtp import Buffer, Frame

Message = Mapping[str, Any]

_DELIMITER = b"<IDS|MSG>"
_PROTOCOL = "5.3"
_IDENTITIES = 4  # at most, before the delimiter
_SIGNED = 4  # header, parent, metadata, content
_LARGEST_HEADER = 64 << 10  # bytes
_DEEPEST = 100  # lists in lists
_REMEMBERED = 1 << 14  # signatures
_FRAME, _LETTER = 100, 2000  # bytes that each takes besides its contents


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message whose content nobody looked into yet.

    Attributes:
        kind: Its type.
        parent: Number of the request that it answers; empty if there is none.
        size: About how many bytes it takes.
    """

    kind: str
    parent: str
    size: int
    header: Mapping[str, Any]
    parent_header: Mapping[str, Any]
    metadata: Frame
    content: Frame
    buffers: Sequence[Frame]

    def open(self) -> Message | None:
        """All of it; None if it makes no sense."""
        try:
            return {
                "header": self.header,
                "msg_id": self.header.get("msg_id"),
                "msg_type": self.kind,
                "parent_header": self.parent_header,
                "metadata": _parsed(self.metadata),
                "content": _parsed(self.content),
                "buffers": [memoryview(buffer) for buffer in self.buffers],
            }
        except (ValueError, RecursionError):
            return None


class Post:
    """Writes messages to a kernel and reads what it sends.

    Args:
        key: What both sides sign with.

    Raises:
        ValueError: If there is no key.
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            msg = "a kernel without a key is open to anybody: it is not talked to"
            raise ValueError(msg)
        self._unsigned = hmac.new(key, digestmod="sha256")
        self._session = secrets.token_hex(16)
        self._numbers = count()
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def write(
        self, kind: str, content: Mapping[str, Any], buffers: Sequence[Buffer] = ()
    ) -> tuple[str, list[Buffer]]:
        """The number of a new request, and its frames."""
        number = f"{self._session}_{next(self._numbers)}"
        header = {
            "msg_id": number,
            "msg_type": kind,
            "session": self._session,
            "username": "host",
            "date": datetime.now(UTC).isoformat(),
            "version": _PROTOCOL,
        }
        parts = [_text(header), b"{}", b"{}", _text(content)]
        return number, [_DELIMITER, self._signature(parts), *parts, *buffers]

    def read(self, frames: Sequence[Frame]) -> Letter | None:
        """The message that frames are; None if it makes no sense, is forged or was here before."""
        try:
            start = frames[: _IDENTITIES + 1].index(_DELIMITER) + 2
            parts = frames[start : start + _SIGNED]
            if len(parts) < _SIGNED or not self._is_new(bytes(frames[start - 1]), parts):
                return None
            header, parent = (_parsed(part, _LARGEST_HEADER) for part in parts[:2])
        except (ValueError, RecursionError):
            return None
        return Letter(
            kind=str(header.get("msg_type")),
            parent=str(parent.get("msg_id", "")),
            size=_LETTER + sum(_FRAME + len(frame) for frame in frames),
            header=header,
            parent_header=parent,
            metadata=parts[2],
            content=parts[3],
            buffers=frames[start + _SIGNED :],
        )

    def _is_new(self, signature: bytes, parts: Iterable[Frame]) -> bool:
        """Whether the signature is right and was not seen before."""
        if signature in self._seen or not hmac.compare_digest(signature, self._signature(parts)):
            return False
        self._seen[signature] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _signature(self, parts: Iterable[Buffer]) -> bytes:
        signing = self._unsigned.copy()
        for part in parts:
            signing.update(part)
        return signing.hexdigest().encode()


def _text(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode(errors="replace")


def _parsed(part: Frame, largest: int = LARGEST_TEXT) -> dict[str, Any]:
    """An object from JSON.

    Raises:
        ValueError: If it is none, or so much or so deep that it could do harm.
        RecursionError: The same.
    """
    if len(part) > largest:
        raise _harmful()
    text = str(part, "utf-8")
    if sum(map(text.count, SEPARATORS)) > MOST_VALUES:
        raise _harmful()
    value = json.loads(text)
    if not isinstance(value, dict) or _is_deep(value, text) or _has_half_characters(value, text):
        raise _harmful()
    return value


def _is_deep(value: object, text: str) -> bool:
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _has_half_characters(value: object, text: str) -> bool:
    """Whether there is a lone surrogate: whoever prints or stores it would meet an error."""
    if "\\u" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _harmful() -> ValueError:
    return ValueError("no message")

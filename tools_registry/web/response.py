"""Reading the answer to an HTTP request, of which nothing is believed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sessions.errors import PageError

_LONGEST_LINE = 16 << 10  # bytes
_MOST_HEADERS = 100
_MOST_INTERIM = 4
_PIECE = 64 << 10
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |$)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?")
_LENGTH = re.compile(r"[0-9]{1,15}")
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, kw_only=True)
class Head:
    """The beginning of an answer.

    Attributes:
        status: The number, e.g. 200.
        headers: By name in lower case; of a name that comes twice the values are joined by commas.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Response:
    """One answer as it comes; the connection serves no second one.

    Args:
        reader: Where it comes from.
        most: Most bytes that a body may have as sent.
    """

    def __init__(self, reader: asyncio.StreamReader, most: int) -> None:
        self._reader = reader
        self._most = most

    async def head(self) -> Head:
        """Status and headers; to be read first.

        Raises:
            PageError: If it is no HTTP, or too long.
        """
        for _ in range(_MOST_INTERIM):
            status = _STATUS.match(await self._line())
            if status is None:
                msg = "it is no HTTP"
                raise _broken(msg)
            headers = await self._headers()
            if int(status[1]) >= 200:
                return Head(status=int(status[1]), headers=headers)
        msg = "it goes on saying that it will answer"
        raise _broken(msg)

    async def body(self, head: Head) -> bytes:
        """What follows the head, as sent.

        Raises:
            PageError: If it is too long, or ends before it should.
        """
        if head.status in _BODILESS:
            return b""
        coding = head.headers.get("transfer-encoding", "").lower()
        if coding not in {"", "identity", "chunked"}:
            msg = "its transfer encoding is none that was asked for"
            raise _broken(msg)
        if coding == "chunked":
            return await self._chunked()
        length = head.headers.get("content-length")
        if length is None:
            return await self._to_the_end()
        return await self._exactly(self._fitting(_number(length)))

    async def _line(self) -> bytes:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            msg = "it ends before it is whole"
            raise _broken(msg) from None
        except asyncio.LimitOverrunError:
            msg = "a line of it is too long"
            raise _broken(msg) from None
        if len(line) > _LONGEST_LINE:
            msg = "a line of it is too long"
            raise _broken(msg)
        return line.rstrip(b"\r\n")

    async def _headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _ in range(_MOST_HEADERS + 1):
            line = await self._line()
            if not line:
                return found
            name, colon, value = line.partition(b":")
            if not colon or not _NAME.fullmatch(name):
                msg = "a header of it is none"
                raise _broken(msg)
            key, text = name.decode().lower(), value.strip().decode("latin-1")
            found[key] = f"{found[key]},{text}" if key in found else text
        msg = f"it has more than {_MOST_HEADERS} headers"
        raise _broken(msg)

    async def _exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            msg = f"it ends {size - len(error.partial)} bytes too soon"
            raise _broken(msg) from None

    async def _to_the_end(self) -> bytes:
        body = bytearray()
        while piece := await self._reader.read(_PIECE):
            body += piece
            self._fitting(len(body))
        return bytes(body)

    async def _chunked(self) -> bytes:
        body = bytearray()
        while True:
            size = _SIZE.fullmatch(await self._line())
            if size is None:
                msg = "it is not chunked as it says"
                raise _broken(msg)
            if not int(size[1], 16):
                return bytes(body)  # what follows is of no use: the connection ends here
            self._fitting(len(body) + int(size[1], 16))
            body += await self._exactly(int(size[1], 16))
            if await self._line():
                msg = "it is not chunked as it says"
                raise _broken(msg)

    def _fitting(self, size: int) -> int:
        if size > self._most:
            raise too_large(self._most)
        return size


def too_large(most: int) -> PageError:
    """What is said of a page that has more bytes than it may."""
    return PageError(f"the page is larger than {most / 1e6:.1f} MB, and no larger ones are read")


def _number(length: str) -> int:
    values = {value.strip() for value in length.split(",")}
    if len(values) != 1 or not _LENGTH.fullmatch(value := values.pop()):
        msg = "its length is no number"
        raise _broken(msg)
    return int(value)


def _broken(why: str) -> PageError:
    return PageError(f"the server's answer can't be read: {why}")

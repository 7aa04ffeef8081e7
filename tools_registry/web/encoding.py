"""Bytes of a page as text: unpacked, no further than may be, and decoded."""

from __future__ import annotations

import codecs
import re
import zlib

from sessions.errors import PageError
from tools_registry.web.response import too_large

_GZIP = frozenset({"gzip", "x-gzip"})
_META = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 4096  # bytes in which a page says its own charset
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
# What browsers read; Python knows more, some of it slow on purpose-made input.
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
_CHARSETS = frozenset(
    {"utf-8", "utf-16", "utf-16-be", "utf-16-le", "koi8-r", "koi8-u", "mac-roman", "cp866"}
    | {"shift_jis", "cp932", "euc_jp", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5"}
    | {"euc_kr", "cp949", "cp874", "tis-620"}
    | {f"iso8859-{number}" for number in range(2, 17)}
    | {f"cp{number}" for number in range(1250, 1259)}
)


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """A body as it was before its server packed it.

    Args:
        body: As sent.
        coding: What the header `Content-Encoding` says.
        most: Most bytes that it may have then.

    Raises:
        PageError: If it would be larger, is damaged, or packed in a way that was not asked for.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return body
    if coding in _GZIP:
        return _inflated(body, 16 + zlib.MAX_WBITS, most)
    if coding == "deflate":  # with a header or, from some servers, without
        has_header = len(body) > 1 and body[0] & 15 == 8 and not int.from_bytes(body[:2]) % 31
        return _inflated(body, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS, most)
    msg = f"the page is packed as {coding[:40]!a}, which was not asked for"
    raise PageError(msg)


def decoded(body: bytes, charset: str) -> str:
    """The text of a page; what can't be decoded becomes a replacement character.

    Args:
        body: As it was before it was packed.
        charset: What the header says; "" if nothing.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    named = _known(charset) or _known(_said_inside(body))
    if named:
        return body.decode(named, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _inflated(body: bytes, bits: int, most: int) -> bytes:
    worker = zlib.decompressobj(bits)
    try:
        content = worker.decompress(body, most + 1)
    except zlib.error:
        msg = "the page is damaged: it can't be unpacked"
        raise PageError(msg) from None
    if len(content) > most:
        raise too_large(most)
    if not worker.eof:
        msg = "the page is damaged: it ends before it is whole"
        raise PageError(msg)
    return content


def _said_inside(body: bytes) -> str:
    found = _META.search(body, 0, _HEAD) or _XML.search(body, 0, _HEAD)
    name = found[1].decode("ascii", "replace") if found else ""
    # A page whose own words could be read as bytes is in no encoding of wider units.
    return "utf-8" if name.lower().startswith("utf-16") else name


def _known(charset: str) -> str:
    """Python's name of a charset that pages may be in; "" if it is none."""
    if not charset.isascii() or not charset.isprintable():
        return ""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")[:40]).name if charset else ""
    except (LookupError, ValueError):
        return ""
    if name in _LATIN:
        return "cp1252"  # what pages mean by these names
    return name if name in _CHARSETS else ""

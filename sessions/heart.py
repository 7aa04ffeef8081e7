"""Answers a front end's heartbeat, whoever else may connect to that port."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sessions.zmtp import GREETING, Decoder, ProtocolError, encode, ready

_KINDS = frozenset({b"REQ", b"DEALER"})
_LARGEST = 1 << 16  # bytes of a beat
_MOST = 8  # frames of a beat


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back each message of one connection until it ends or goes beyond what a beat may be.

    Libraries collect a message of frames without end before they show it, at the cost of our
    memory; so it is read here, piece by piece.
    """
    decoder = Decoder(_KINDS, largest=_LARGEST, most=_MOST)
    writer.writelines([GREETING, ready(b"ROUTER")])
    with suppress(OSError, ProtocolError):
        while piece := await reader.read(len(decoder.room())):
            decoder.room()[: len(piece)] = piece
            for message in decoder.took(len(piece)):
                writer.writelines(encode(message))
            writer.writelines(decoder.answers)
            decoder.answers.clear()
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()

"""The heartbeat is answered, and nobody can make it hold much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from sessions.heart import echo
from sessions.zmtp import GREETING, encode, ready


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Path]:
    async with await asyncio.start_unix_server(echo, tmp_path / "hb"):
        yield tmp_path / "hb"


async def test_a_library_gets_its_beats_back(place: Path) -> None:
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(f"ipc://{place}")
        for beat in (b"ping", b"", b"x" * 40_000):
            await socket.send(beat)
            assert await asyncio.wait_for(socket.recv(), 5) == beat


@pytest.mark.parametrize(
    "flood",
    [
        b"\x01\x01x" * 1000,
        b"\x03" + (1 << 40).to_bytes(8, "big") + bytes(1000),
        b"".join(map(bytes, encode([bytes(70_000)]))),
        b"\x04\xff" + bytes(300),
    ],
    ids=["frames", "length", "large", "command"],
)
async def test_who_sends_too_much_is_hung_up_on(place: Path, flood: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(place)
    writer.writelines([GREETING, ready(b"REQ"), flood])
    said = await asyncio.wait_for(reader.read(), 5)
    assert len(said) < 300
    writer.close()


async def test_what_is_no_heartbeat_is_hung_up_on(place: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(place)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(GREETING)
    writer.close()

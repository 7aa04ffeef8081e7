"""What is sent is received, however it is cut; what breaks the protocol or a limit is refused."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as some

from sessions import zmtp
from sessions.zmtp import Decoder, ProtocolError

ROUTER = frozenset({b"ROUTER"})
BEGIN = zmtp.GREETING + zmtp.ready(b"ROUTER")
HUGE = b"\x02" + (1 << 62).to_bytes(8, "big")

_FRAMES = some.binary(max_size=300) | some.sampled_from([bytes(255), bytes(256), bytes(70_000)])
_MESSAGES = some.lists(some.lists(_FRAMES, min_size=1, max_size=6), max_size=4)


def stream_of(messages: Iterable[list[bytes]]) -> bytes:
    return BEGIN + b"".join(piece for frames in messages for piece in zmtp.encode(frames))


def received(
    decoder: Decoder, stream: bytes, steps: Iterator[int] | None = None
) -> list[list[bytes]]:
    """The messages of a stream that arrives in pieces, as plain bytes."""
    found: list[list[bytes]] = []
    rest = memoryview(stream)
    while rest:
        room = decoder.room()
        assert room
        count = min(len(rest), len(room), next(steps, 1 << 30) if steps else 1 << 30)
        room[:count] = rest[:count]
        rest = rest[count:]
        found += [list(map(bytes, message)) for message in decoder.took(count)]
    return found


@given(_MESSAGES, some.lists(some.integers(1, 40_000)))
def test_a_stream_is_the_same_however_it_is_cut(
    messages: list[list[bytes]], steps: list[int]
) -> None:
    assert received(Decoder(ROUTER), stream_of(messages), iter(steps)) == messages


@given(some.lists(some.lists(some.binary(max_size=300), min_size=1), max_size=3))
def test_a_stream_may_come_byte_by_byte(messages: list[list[bytes]]) -> None:
    stream = stream_of(messages)
    assert received(Decoder(ROUTER), stream, iter([1] * len(stream))) == messages


@given(some.binary(max_size=200), some.lists(some.integers(1, 50)))
def test_garbage_is_taken_or_refused_and_nothing_else(garbage: bytes, steps: list[int]) -> None:
    for stream in (garbage, zmtp.GREETING + garbage, BEGIN + garbage):
        told = received_or_refused(stream, iter(steps))
        assert all(part in stream for message in told for part in message)


def received_or_refused(stream: bytes, steps: Iterator[int]) -> list[list[bytes]]:
    """The messages of a stream, none if it is refused."""
    try:
        return received(Decoder(ROUTER), stream, steps)
    except ProtocolError:
        return []


def test_large_frames_are_neither_copied_when_sent_nor_of_a_fixed_type() -> None:
    large = bytearray(100_000)
    floats: Any = memoryview(large).cast("d")
    pieces = zmtp.encode([b"a", floats, b""])
    large[0] = 1
    assert [len(piece) for piece in pieces] == [3 + 9, 100_000, 2]
    assert pieces[1][0] == 1


@pytest.mark.parametrize(
    "told",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" + bytes(9),
        b"\xff" + bytes(8) + b"\x7f\x01\x00" + b"NULL".ljust(52, b"\0"),
        b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(52, b"\0"),
        zmtp.GREETING + zmtp.encode([b"before it was ready"])[0],
        zmtp.GREETING + b"\x04\x05\x04PING",
        zmtp.GREETING + zmtp.ready(b"PUB"),
        zmtp.GREETING + b"\x04\x0b\x05READY\x01a\x00\x00\x00",
        zmtp.GREETING + b"\x04\x06\x05ERROR",
        BEGIN + zmtp.ready(b"ROUTER"),
        BEGIN + b"\x04\x00",
        BEGIN + b"\x04\x06\x05HELLO",
        BEGIN + b"\x05\x07\x04PING\x00\x00",
        BEGIN + b"\x06" + (1 << 20).to_bytes(8, "big"),
        BEGIN + b"\x08\x00",
        BEGIN + b"\xff\x00",
        BEGIN + HUGE,
    ],
)
def test_what_breaks_the_protocol_is_refused(told: bytes) -> None:
    with pytest.raises(ProtocolError):
        received(Decoder(ROUTER), told + bytes(100))


def test_a_message_has_so_many_bytes_and_frames_and_no_more() -> None:
    for limits in ({"largest": 1000}, {"most": 10}):
        fits = [[bytes(100)] * 10, [bytes(100)]]
        assert received(Decoder(ROUTER, **limits), stream_of(fits)) == fits
        with pytest.raises(ProtocolError, match="message"):
            received(Decoder(ROUTER, **limits), stream_of([[*fits[0], b"."]]))


def test_endless_empty_frames_are_refused() -> None:
    with pytest.raises(ProtocolError, match="too many frames"):
        received(Decoder(ROUTER), BEGIN + b"\x01\x00" * 100_000)


def test_a_length_alone_takes_no_memory() -> None:
    before = resident()
    decoders = [Decoder(ROUTER) for _ in range(20)]
    for decoder in decoders:
        received(decoder, BEGIN + b"\x02" + (60 << 20).to_bytes(8, "big") + b"x")
    assert resident() - before < 20 << 20


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_a_ping_is_answered_with_its_context() -> None:
    decoder = Decoder(ROUTER)
    ping = b"\x04\x0a\x04PING\x00\x00abc"
    assert received(decoder, BEGIN + ping + b"\x04\x05\x04PONG" + stream_of([[b"a"]])[len(BEGIN) :])
    assert decoder.answers == [b"\x04\x08\x04PONGabc"]


def test_pings_may_come_between_the_frames_of_a_message() -> None:
    stream = BEGIN + b"\x01\x01a" + b"\x04\x07\x04PING\x00\x00" + b"\x00\x01b"
    assert received(Decoder(ROUTER), stream) == [[b"a", b"b"]]


@pytest.mark.parametrize(("version", "by_command"), [(b"\x03\x00", False), (b"\x03\x01", True)])
def test_the_version_says_how_to_subscribe(version: bytes, by_command: bool) -> None:
    decoder = Decoder(ROUTER)
    received(decoder, BEGIN[:10] + version + BEGIN[12:])
    assert decoder.ready
    assert decoder.subscribes_by_command == by_command
    assert zmtp.subscription(by_command=by_command)[0] == (4 if by_command else 0)


def test_libzmq_is_the_release_that_was_tried() -> None:
    assert zmq.zmq_version() == "4.3.5"

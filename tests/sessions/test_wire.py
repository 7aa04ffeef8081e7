"""A connection against real libzmq, and against whoever pretends to be a kernel."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zmq

from sessions import wire as wires
from sessions import zmtp
from sessions.wire import Wire
from sessions.zmtp import Frame

ROUTER = frozenset({b"ROUTER"})
XPUB = frozenset({b"XPUB"})
SECONDS = 20.0


class Ears:
    """Keeps what a wire tells."""

    def __init__(self) -> None:
        self.messages: list[list[bytes]] = []
        self.lost = 0
        self._news = asyncio.Event()

    def receive(self, frames: list[Frame]) -> None:
        self.messages.append(list(map(bytes, frames)))
        self._news.set()

    def lose(self) -> None:
        self.lost += 1
        self._news.set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not done():
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "socket")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@asynccontextmanager
async def wired(
    path: str, ears: Ears, kind: bytes = b"DEALER", others: frozenset[bytes] = ROUTER
) -> AsyncIterator[Wire]:
    wire = Wire(path, kind, others, ears.receive, ears.lose)
    try:
        async with asyncio.timeout(SECONDS):
            await wire.connect()
        yield wire
    finally:
        wire.close()


@contextlib.contextmanager
def libzmq(kind: int, path: str) -> Iterator[zmq.Socket[bytes]]:
    with zmq.Context() as context, context.socket(kind) as peer:
        peer.linger = 0
        peer.rcvtimeo = peer.sndtimeo = int(SECONDS * 1000)
        peer.bind(f"ipc://{path}")
        yield peer


MESSAGES = [
    [b""],
    [b"a", b"", b"c"],
    [bytes(255), bytes(256), bytes(65_535)],
    [b"x" * 3_000_000, b"y" * 20_000, b"", b"z" * 100_000],
    [b"f"] * 1000,
]


async def test_a_router_gets_what_is_sent_and_the_other_way_round(path: str, ears: Ears) -> None:
    with libzmq(zmq.ROUTER, path) as router:
        async with wired(path, ears) as wire:
            assert await wire.shake_hands()
            for number, frames in enumerate(MESSAGES):
                wire.send(str(number), frames)
                identity, *found = await asyncio.to_thread(router.recv_multipart)
                assert found == frames
                router.send_multipart([identity, *frames])
            await ears.until(lambda: len(ears.messages) == len(MESSAGES))
            assert ears.messages == MESSAGES
            assert wire.is_idle
    assert ears.lost == 0


async def test_a_publisher_is_subscribed_to(path: str, ears: Ears) -> None:
    with libzmq(zmq.XPUB, path) as publisher:
        async with wired(path, ears, b"SUB", XPUB) as wire:
            assert await wire.shake_hands()
            wire.subscribe()
            assert await asyncio.to_thread(publisher.recv) == b"\x01"
            for frames in MESSAGES:
                publisher.send_multipart(frames)
            await ears.until(lambda: len(ears.messages) == len(MESSAGES))
            assert ears.messages == MESSAGES


async def test_libzmq_s_pings_are_answered(path: str, ears: Ears) -> None:
    with libzmq(zmq.ROUTER, path) as router:
        router.unbind(f"ipc://{path}")
        router.heartbeat_ivl = router.heartbeat_timeout = 100
        router.bind(f"ipc://{path}")
        async with wired(path, ears) as wire:
            assert await wire.shake_hands()
            await asyncio.sleep(0.5)
            wire.send("", [b"still there"])
            assert (await asyncio.to_thread(router.recv_multipart))[1:] == [b"still there"]
    assert ears.lost == 0


async def test_another_kind_of_socket_is_refused(path: str, ears: Ears) -> None:
    with libzmq(zmq.PULL, path):
        async with wired(path, ears) as wire:
            assert not await wire.shake_hands()
    assert ears.lost


async def test_somebody_who_listens_later_is_waited_for(path: str, ears: Ears) -> None:
    def late() -> None:
        time.sleep(0.2)
        with libzmq(zmq.ROUTER, path) as router:
            router.send_multipart([router.recv_multipart()[0], b"hello"])
            time.sleep(0.2)

    thread = threading.Thread(target=late)
    thread.start()
    async with wired(path, ears) as wire:
        assert await wire.shake_hands()
        wire.send("", [b"hello"])
        await ears.until(lambda: bool(ears.messages))
    await asyncio.to_thread(thread.join)


async def test_a_path_that_can_t_be_is_an_error_at_once(tmp_path: Path, ears: Ears) -> None:
    with pytest.raises(OSError, match="too long"):
        async with wired(f"{tmp_path}/{'x' * 200}", ears):
            pass


Behaviour = Callable[[socket.socket], None]
BEGIN = zmtp.GREETING + zmtp.ready(b"ROUTER")


@contextlib.contextmanager
def hostile(path: str, behave: Behaviour) -> Iterator[None]:
    """Somebody who does as a kernel does, only worse; ends when the wire hangs up."""

    def serve() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as peer:
            behave(peer)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
    thread.join(SECONDS)
    assert not thread.is_alive()


def tells(begin: bytes, endless: bytes) -> Behaviour:
    def behave(peer: socket.socket) -> None:
        peer.sendall(begin)
        while True:
            peer.sendall(endless)

    return behave


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize(
    "behave",
    [
        tells(BEGIN, b"\x01\x00" * 1000),
        tells(BEGIN, b"\x01\xff" + bytes(255)),
        tells(BEGIN, b"\x03" + (1 << 20).to_bytes(8, "big") + bytes(1 << 20)),
        tells(BEGIN, b"\x02" + (1 << 62).to_bytes(8, "big")),
        tells(BEGIN, b"\xff" * 1000),
        tells(b"", b"HTTP/1.1 200 OK\r\n"),
        tells(zmtp.GREETING, b"\x00\x00"),
        tells(BEGIN, b"\x04\x07\x04PING\x00\x00" * 100),
    ],
)
async def test_a_flood_ends_the_connection_and_takes_no_memory(
    path: str, ears: Ears, behave: Behaviour
) -> None:
    before = resident()
    with hostile(path, behave):
        async with wired(path, ears) as wire:
            await ears.until(lambda: ears.lost > 0)
            assert not await wire.shake_hands()
            assert resident() - before < 100 << 20


async def test_a_greeting_that_never_ends_can_be_given_up(path: str, ears: Ears) -> None:
    def slowly(peer: socket.socket) -> None:
        for byte in BEGIN:
            peer.send(bytes([byte]))
            time.sleep(0.05)

    with hostile(path, slowly):
        async with wired(path, ears) as wire:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(wire.shake_hands(), 0.3)
    assert ears.lost == 0


async def test_who_does_not_read_holds_up_nobody_and_gets_nothing_more(
    path: str, ears: Ears
) -> None:
    hung_up = threading.Event()

    def deaf(peer: socket.socket) -> None:
        peer.sendall(BEGIN)
        hung_up.wait(SECONDS)

    push = bytes(16 << 20)
    with hostile(path, deaf):
        async with wired(path, ears) as wire:
            assert await wire.shake_hands()
            started, before = time.monotonic(), resident()
            for number in range(50):
                wire.send(str(number), [push])
                wire.withdraw(str(number))
            await asyncio.sleep(0)
            assert not wire.is_idle
            assert len(wire._waiting) == 0
            assert sum(map(len, wire._begun)) <= len(push) + 100
            assert time.monotonic() - started < 5
            assert resident() - before < 1 << 20
        hung_up.set()


async def test_what_was_begun_is_sent_whole_though_it_is_withdrawn(path: str, ears: Ears) -> None:
    with libzmq(zmq.ROUTER, path) as router:
        async with wired(path, ears) as wire:
            assert await wire.shake_hands()
            for name in ("a", "b", "c"):
                wire.send(name, [name.encode(), bytes(8 << 20)])
            wire.withdraw("a")
            wire.withdraw("b")
            found = [(await asyncio.to_thread(router.recv_multipart))[1] for _ in range(2)]
            assert found == [b"a", b"c"]


async def test_what_nobody_takes_is_left_with_the_sender(path: str, ears: Ears) -> None:
    sent = 0

    def talk(peer: socket.socket) -> None:
        nonlocal sent
        peer.sendall(BEGIN)
        piece = b"".join(zmtp.encode([bytes(1 << 20)]))
        for _ in range(100):
            peer.sendall(piece)
            sent += 1

    held: list[int] = []

    def receive(frames: list[Frame]) -> None:
        held.append(len(frames[0]))
        wire.hold(held[-1])

    with hostile(path, talk):
        async with wired(path, ears) as wire:
            wire._receive = receive
            await asyncio.sleep(0.5)
            assert sum(held) <= wires._HIGH + (1 << 20)
            assert sent <= len(held) + 2
            async with asyncio.timeout(SECONDS):
                for taken in range(100):
                    while len(held) <= taken:  # noqa: ASYNC110 -- a wire has no event
                        await asyncio.sleep(0.001)
                    wire.release(held[taken])
    assert sent == 100


async def test_the_last_words_of_who_hangs_up_are_heard(path: str, ears: Ears) -> None:
    words = [[b"last"], [b"words", bytes(50_000)]]

    def ends(peer: socket.socket) -> None:
        peer.sendall(BEGIN + b"".join(piece for w in words for piece in zmtp.encode(w)))

    with hostile(path, ends):
        async with wired(path, ears) as wire:
            await ears.until(lambda: ears.lost > 0)
            assert ears.messages == words
            assert not await wire.shake_hands()
            wire.send("", [b"to nobody"])
            assert wire.is_idle

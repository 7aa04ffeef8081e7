"""The host's desk against who asks too much and takes no answers."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import suppress

from sessions.channel import Pace
from sessions.handlers import Handler
from sessions.kernel.lines import MOST_ANSWER
from tests.support.desk import Inside, Lag, desk


async def flood(inside: Inside, line: bytes, seconds: float) -> int:
    """Send as fast as the other side lets us."""
    sent, end = 0, time.monotonic() + seconds
    many = line * 100
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(seconds):
            while time.monotonic() < end:
                await asyncio.get_running_loop().sock_sendall(inside.socket, many)
                await asyncio.sleep(0)
                sent += 100
    return sent


async def test_a_flood_waits_outside() -> None:
    line = b'{"id": 1, "call": "add", "arguments": {"a": 1}}\n'
    answered: list[bytes] = []
    async with desk(pace=Pace()) as (_, inside), Lag() as lag:
        drain = asyncio.create_task(read_all(inside, answered))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await flood(inside, line, 1.0)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        drain.cancel()
    assert 40 <= b"".join(answered).count(b"\n") <= 40 + 30
    assert lag.most < 0.5
    assert after - before < 20_000  # KB


async def read_all(inside: Inside, into: list[bytes]) -> None:
    while piece := await asyncio.get_running_loop().sock_recv(inside.socket, 1 << 16):
        into.append(piece)


async def test_a_flood_between_cells_waits_as_well() -> None:
    line = b'{"id": 1, "call": "add", "arguments": {"a": 1}}\n'
    async with desk(pace=Pace()) as (host, inside), Lag() as lag:
        await host.requests.close()
        sent = await flood(inside, line, 0.5)
    assert sent < 20_000
    assert host.events == []
    assert lag.most < 0.5


async def test_cancels_can_not_flood_either() -> None:
    async with desk(pace=Pace()) as (_, inside), Lag() as lag:
        sent = await flood(inside, b'{"id": 1, "cancel": true}\n', 0.5)
    assert sent < 40_000
    assert lag.most < 0.5


async def test_answers_that_nobody_takes_pile_up_no_further_than_the_requests_in_flight() -> None:
    async def much() -> str:
        return "x" * (MOST_ANSWER - 100)

    async with desk({"much": Handler.of(much)}) as (host, inside), Lag() as lag:
        for number in range(30):
            await inside.send({"id": number, "call": "much", "arguments": {}})
        await asyncio.sleep(0.3)
        assert len(host.calls) == 8
        await host.requests.close()  # does not wait for them
        host.requests.open(host.events.append)
        assert lag.most < 0.5
        numbers = set()
        for _ in range(23):  # the one half sent, and those that were still unread
            numbers.add((await inside.told())["id"])
        assert len(numbers) == 23
        assert (await inside.call("much", 99))["id"] == 99  # and none of the forgotten

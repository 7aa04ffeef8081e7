"""The host's desk against whatever can come over a socket."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sessions.errors import UsageError
from sessions.events import HostChannelClosed
from sessions.handlers import Handler
from sessions.kernel.lines import MOST_ANSWER, MOST_REQUEST
from sessions.requests import Requests
from tests.support.desk import HANDLERS, add, desk, forever, until


async def test_a_call_is_answered_and_told() -> None:
    async with desk() as (host, inside):
        assert await inside.call("add", 7, a=1, b=2) == {"id": 7, "value": 3}
    (event,) = host.calls
    assert (event.name, event.arguments, event.outcome) == ("add", '{"a": 1, "b": 2}', "ok")
    assert event.to_json()["type"] == "host_called"


async def test_what_is_not_offered_is_refused_and_what_is_gets_named() -> None:
    async with desk() as (host, inside):
        told = await inside.call("os.system", command="id")
    assert told["error"]["kind"] == "refused"
    assert told["error"]["message"].endswith("it offers add, give, tools")
    assert host.calls[0].outcome == "refused"


async def test_nothing_is_offered_by_default() -> None:
    async with desk({}) as (_, inside):
        assert [tool["name"] for tool in (await inside.call("tools"))["value"]] == ["tools"]
        assert "error" in await inside.call("add", a=1)


async def test_what_is_offered_is_listed() -> None:
    handlers = {"add": Handler.of(add, needs_approval=True)}
    async with desk(handlers) as (_, inside):
        first = (await inside.call("tools"))["value"][0]
    assert first == {
        "name": "add",
        "signature": "(a: int, b: int = 1) -> int",
        "summary": "Add two numbers.",
        "needs_approval": True,
    }


def test_the_list_can_not_be_replaced() -> None:
    with pytest.raises(ValueError, match="tools"):
        Requests({"tools": Handler.of(add)})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "'a': it is missing"),
        ({"a": 1, "c": 2}, "'c': there is no such argument"),
        ({"a": "1"}, "'a': it must be int, not str"),
        ({"a": True}, "'a': it must be int, not bool"),
        ({"a": 1.0}, "'a': it must be int, not float"),
        ({"a": None}, "'a': it must be int, not NoneType"),
        ({"a": [1]}, "'a': it must be int, not list"),
        ({"a": 1, "self": 1}, "'self': there is no such argument"),
    ],
)
async def test_arguments_are_checked_and_never_bent(arguments: Any, told: str) -> None:
    async with desk() as (host, inside):
        answer = await inside.call("add", **arguments)
    assert answer["error"]["kind"] == "failed"
    assert told in answer["error"]["message"]
    assert host.calls[0].outcome == "failed"


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1},
        {"id": 1, "call": "add"},
        {"id": 1, "call": 5, "arguments": {}},
        {"id": 1, "call": "add", "arguments": [1]},
        {"id": 1, "call": "add", "arguments": {"a": 1}, "approved": True},
        {"id": 1, "cancel": 1},
        b'{"id": 1, "call": "give", "arguments": {"what": 1e999}}',
        b'{"id": 1, "call": "give", "arguments": {"what": "\\ud800"}}',
        b'{"id": 1, "call": "give", "arguments": {"what": %s}}' % (b"[" * 40 + b"]" * 40),
    ],
    ids=str,
)
async def test_an_odd_request_is_told_so(message: Any) -> None:
    async with desk() as (_, inside):
        await inside.send(message)
        assert (await inside.told())["error"]["kind"] == "failed"
        assert (await inside.call("add", a=1))["value"] == 2


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\xfe\x00",
        b"GET / HTTP/1.1",
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b'{"id": true, "call": "add", "arguments": {}}',
        b'{"id": -1, "call": "add", "arguments": {}}',
        b'{"id": 1.0, "call": "add", "arguments": {}}',
        b'{"id": 1, "call": "add", "arguments": {"a": NaN}}',
        b'{"id": 1, "call": "add", "arguments": {"a": Infinity}}',
        b'{"id": 1, "call": "add", "arguments": {"a": %s}}' % (b"9" * 10_000),
        b'{"id": 1, "call": "add", "arguments": {"a": %s' % (b"[" * 50_000),
        b'{"id": 18446744073709551616, "call": "add", "arguments": {}}',
        '{"id": 1}'.encode("utf-16"),
    ],
    ids=lambda garbage: repr(garbage[:40]),
)
async def test_garbage_ends_the_channel_which_says_so(garbage: bytes) -> None:
    async with desk() as (host, inside):
        await inside.send(garbage)
        assert "a line came" in (await inside.told())["closed"]
        assert await inside.told() is None
        assert [type(event) for event in host.events] == [HostChannelClosed]
        await host.requests.detach()
        renewed = host.attach()
        assert (await renewed.call("add", a=1))["value"] == 2
        renewed.socket.close()


async def test_garbage_between_cells_is_told_in_the_next() -> None:
    async with desk() as (host, inside):
        await host.requests.close()
        await inside.send(b"garbage")
        assert "closed" in await inside.told()
        assert host.events == []
        host.requests.open(host.events.append)
        assert [type(event) for event in host.events] == [HostChannelClosed]


async def test_half_a_request_waits_for_its_other_half() -> None:
    whole = b'{"id": 1, "call": "add", "arguments": {"a": 1}}\n'
    async with desk() as (host, inside):
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(inside.socket, whole[:20])
        await asyncio.sleep(0.05)
        assert host.events == []
        await loop.sock_sendall(inside.socket, whole[20:])
        assert (await inside.told())["value"] == 2


async def test_a_line_without_end_is_not_kept() -> None:
    sent = 0
    async with desk() as (host, inside):
        with suppress(OSError):
            for _ in range(1600):  # 100 MB
                await asyncio.get_running_loop().sock_sendall(inside.socket, b"x" * 65536)
                sent += 65536
        await until(lambda: host.events)
        assert "longer than" in str(host.events)
    assert sent < MOST_REQUEST + (1 << 20)  # what the system keeps on the way


async def test_the_largest_request_passes_and_one_byte_more_does_not() -> None:
    frame = len(json.dumps({"id": 1, "call": "give", "arguments": {"what": ""}}))
    text = "x" * (MOST_REQUEST - frame)
    async with desk() as (_, inside):
        assert (await inside.call("give", what=text))["value"] == text
        assert "closed" in await inside.call("give", what=f"{text}x")


async def test_only_so_many_are_served_at_once() -> None:
    running, most = 0, 0

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    async with desk({"slow": Handler.of(slow)}) as (_, inside):
        for number in range(20):
            await inside.send({"id": number, "call": "slow", "arguments": {}})
        answers = [await inside.told() for _ in range(20)]
    assert sorted(answer["id"] for answer in answers) == list(range(20))
    assert most == 8


async def test_a_number_in_use_is_refused_and_the_first_call_goes_on() -> None:
    release = asyncio.Event()

    async def wait() -> str:
        await release.wait()
        return "first"

    async with desk({"wait": Handler.of(wait)}) as (_, inside):
        await inside.send({"id": 5, "call": "wait", "arguments": {}})
        assert "in use" in (await inside.call("wait", 5))["error"]["message"]
        release.set()
        assert await inside.told() == {"id": 5, "value": "first"}


async def test_a_call_can_be_taken_back() -> None:
    async with desk({"forever": Handler.of(forever)}) as (host, inside):
        await inside.send({"id": 5, "call": "forever", "arguments": {}})
        await inside.send({"id": 5, "cancel": True})
        assert (await inside.told())["error"]["kind"] == "refused"
    assert [call.outcome for call in host.calls] == ["withdrawn"]


async def test_calls_taken_back_at_once_leave_room_for_others() -> None:
    async with desk({**HANDLERS, "forever": Handler.of(forever)}) as (_, inside):
        for number in range(50):
            call = {"id": number, "call": "forever", "arguments": {}}
            await inside.send(call, b"\n", {"id": number, "cancel": True})
        for _ in range(50):
            assert "withdrawn" in (await inside.told())["error"]["message"]
        assert (await inside.call("add", a=1))["value"] == 2


async def test_a_call_may_take_so_long() -> None:
    async with desk({"forever": Handler.of(forever)}, seconds=0.05) as (host, inside):
        told = await inside.call("forever")
    assert told["error"]["message"] == "forever took longer than 0.05 s"
    assert host.calls[0].outcome == "failed"


async def test_nothing_is_answered_between_cells() -> None:
    ran = []

    async def act() -> None:
        ran.append(1)

    async with desk({"act": Handler.of(act)}) as (host, inside):
        await host.requests.close()
        told = await inside.call("act")
        assert "none is running" in told["error"]["message"]
        assert ran == []
        host.requests.open(host.events.append)
        assert (await inside.call("act"))["value"] is None
    assert ran == [1]


async def test_the_end_of_the_cell_withdraws_what_is_under_way() -> None:
    async with desk({"forever": Handler.of(forever)}) as (host, inside):
        await inside.send({"id": 1, "call": "forever", "arguments": {}})
        await asyncio.sleep(0.05)
        await host.requests.close()
        assert [call.outcome for call in host.calls] == ["withdrawn"]


async def test_the_end_of_the_kernel_withdraws_what_is_under_way() -> None:
    async with desk({"forever": Handler.of(forever)}) as (host, inside):
        await inside.send({"id": 1, "call": "forever", "arguments": {}})
        await asyncio.sleep(0.05)
        inside.socket.close()
        await until(lambda: host.calls)
        assert host.calls[0].outcome == "withdrawn"


async def test_a_handler_that_does_not_listen_holds_nothing_up() -> None:
    stop = asyncio.Event()

    async def stubborn() -> None:
        while not stop.is_set():
            with suppress(asyncio.CancelledError):
                await stop.wait()

    async with desk({"stubborn": Handler.of(stubborn)}) as (host, inside):
        await inside.send({"id": 1, "call": "stubborn", "arguments": {}})
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await host.requests.close()
        assert time.monotonic() - began < 2
        stop.set()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}, b"bytes", {(1, 2): 3}])
async def test_an_answer_that_is_not_plain_data_is_an_error(value: object) -> None:
    async def odd() -> Any:
        return value

    async with desk({"odd": Handler.of(odd)}) as (_, inside):
        assert "not plain data" in (await inside.call("odd"))["error"]["message"]


async def test_an_answer_has_a_largest_size() -> None:
    async def much(size: int) -> str:
        return "x" * size

    async with desk({"much": Handler.of(much)}) as (_, inside):
        assert "error" in await inside.call("much", size=MOST_ANSWER)
        assert "value" in await inside.call("much", size=MOST_ANSWER - 100)


async def test_a_mistake_of_the_host_tells_its_kind_and_no_more() -> None:
    async def broken() -> None:
        msg = "/root/.ssh/id_ed25519"
        raise FileNotFoundError(msg)

    async def wrong() -> None:
        msg = "there is no such page"
        raise UsageError(msg)

    handlers = {"broken": Handler.of(broken), "wrong": Handler.of(wrong)}
    async with desk(handlers) as (_, inside):
        told = (await inside.call("broken"))["error"]["message"]
        assert told == "broken failed on the host (FileNotFoundError)"
        assert (await inside.call("wrong"))["error"]["message"] == "there is no such page"


async def test_descriptors_sent_along_are_dropped(tmp_path: Path) -> None:
    async with desk() as (_, inside):
        before = len(list(Path("/proc/self/fd").iterdir()))
        with (tmp_path / "file").open("w") as file:
            line = b'{"id": 1, "call": "add", "arguments": {"a": 1}}\n'
            for _ in range(20):
                socket.send_fds(inside.socket, [line], [file.fileno()] * 10)
                await inside.told()
        assert len(list(Path("/proc/self/fd").iterdir())) == before


async def test_text_can_not_pass_for_anything_else() -> None:
    spoof = 'x"}\n\x1b[2K\rApproved by the person \u202e\u2066 ✔'
    async with desk() as (host, inside):
        await inside.call("give", what=spoof)
        await inside.call(spoof)
        await inside.call("give", what="long" * 1000)
    for call in host.calls:
        assert call.name.isprintable()
        assert call.arguments.isprintable()
        assert (call.name + call.arguments).isascii()
        assert len(call.arguments) <= 200

"""The host's desk against whatever can come over a socket."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sessions.channel import Pace
from sessions.errors import UsageError
from sessions.events import Event, HostCalled, HostChannelClosed
from sessions.handlers import Handler
from sessions.kernel.lines import MOST_ANSWER, MOST_REQUEST
from sessions.requests import Requests

QUICK = Pace(rate=1e6, burst=1_000_000)


async def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


async def give(what: Any) -> Any:
    return what


HANDLERS = {"add": Handler.of(add), "give": Handler.of(give)}


class Inside:
    """The end that a kernel holds, and anybody in it may abuse."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.rest = b""

    async def send(self, *messages: Any) -> None:
        data = b"".join(m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages)
        await asyncio.get_running_loop().sock_sendall(self.socket, data + b"\n")

    async def told(self) -> Any:
        """The next message, None at the end."""
        while b"\n" not in self.rest:
            async with asyncio.timeout(10):
                piece = await asyncio.get_running_loop().sock_recv(self.socket, 1 << 20)
            if not piece:
                return None
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    async def call(self, name: str, number: int = 1, /, **arguments: Any) -> Any:
        await self.send({"id": number, "call": name, "arguments": arguments})
        return await self.told()


class Desk:
    """Requests with a socket attached, and what they told."""

    def __init__(self, handlers: Mapping[str, Handler], **options: Any) -> None:
        self.requests = Requests(handlers, **options)
        self.events: list[Event] = []

    def attach(self) -> Inside:
        ours, inside = socket.socketpair()
        inside.setblocking(False)
        self.requests.attach(ours)
        return Inside(inside)

    @property
    def calls(self) -> list[HostCalled]:
        return [event for event in self.events if isinstance(event, HostCalled)]


@asynccontextmanager
async def desk(
    handlers: Mapping[str, Handler] = HANDLERS, **options: Any
) -> AsyncIterator[tuple[Desk, Inside]]:
    made = Desk(handlers, **{"pace": QUICK, **options})
    inside = made.attach()
    made.requests.open(made.events.append)
    try:
        yield made, inside
    finally:
        inside.socket.close()
        await made.requests.detach()


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.005)


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


class Lag:
    """How long the loop did not come round."""

    def __init__(self) -> None:
        self.most = 0.0

    async def __aenter__(self) -> Lag:
        self._task = asyncio.create_task(self._measure())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _measure(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self.most = max(self.most, time.monotonic() - before - 0.005)


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


async def forever() -> None:
    await asyncio.Event().wait()


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


class Person:
    """Answers approvals by a script, and notes what was asked."""

    def __init__(self, *answers: str | None, pause: float = 0.0) -> None:
        self.answers = list(answers)
        self.pause = pause
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.withdrawn = 0
        self.at_once = 0

    async def __call__(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        self.asked.append((name, dict(arguments)))
        self.at_once += 1
        assert self.at_once == 1
        try:
            await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        finally:
            self.at_once -= 1
        return self.answers.pop(0)


ASKING = {"add": Handler.of(add, needs_approval=True), "free": Handler.of(add)}


async def test_the_person_is_asked_with_name_and_arguments() -> None:
    person = Person(None, "not today")
    async with desk(ASKING, approve=person) as (host, inside):
        assert (await inside.call("add", a=1))["value"] == 2
        told = (await inside.call("add", a=5))["error"]
        assert told == {"kind": "refused", "message": "add was not approved: not today"}
        assert (await inside.call("free", a=1))["value"] == 2
    assert person.asked == [("add", {"a": 1}), ("add", {"a": 5})]
    assert [call.outcome for call in host.calls] == ["ok", "refused", "ok"]


async def test_the_person_is_not_asked_about_what_would_fail_anyway() -> None:
    person = Person()
    async with desk(ASKING, approve=person) as (_, inside):
        assert "error" in await inside.call("add", a="1")
    assert person.asked == []


async def test_without_a_person_what_needs_one_is_refused() -> None:
    async with desk(ASKING) as (_, inside):
        assert "nobody can be asked" in (await inside.call("add", a=1))["error"]["message"]


@pytest.mark.parametrize("answer", ["", "yes", False, True, 0])
async def test_only_none_is_a_yes(answer: Any) -> None:
    async with desk(ASKING, approve=Person(answer)) as (_, inside):
        assert (await inside.call("add", a=1))["error"]["kind"] == "refused"


async def test_who_can_not_be_asked_has_not_agreed() -> None:
    async with desk(ASKING, approve=Person()) as (_, inside):  # it raises
        assert "error" in await inside.call("add", a=1)


async def test_one_question_at_a_time() -> None:
    person = Person(*[None] * 5, pause=0.02)  # asserts it itself
    async with desk(ASKING, approve=person) as (_, inside):
        for number in range(5):
            await inside.send({"id": number, "call": "add", "arguments": {"a": number}})
        answers = [await inside.told() for _ in range(5)]
    assert sorted(answer["value"] for answer in answers) == [1, 2, 3, 4, 5]


async def test_the_end_of_the_cell_withdraws_the_question() -> None:
    person = Person(None, pause=60)
    async with desk(ASKING, approve=person) as (host, inside):
        await inside.send({"id": 1, "call": "add", "arguments": {"a": 1}})
        await until(lambda: person.asked)
        await host.requests.close()
    assert person.withdrawn == 1
    assert [call.outcome for call in host.calls] == ["withdrawn"]


async def test_the_wait_for_the_person_is_counted_apart() -> None:
    person = Person(None, None, pause=0.2)
    async with desk(ASKING, approve=person, seconds=0.1) as (host, inside):
        assert host.requests.waited() == 0
        assert (await inside.call("add", a=1))["value"] == 2  # though it took more than 0.1 s
        waited = host.requests.waited()
        assert 0.15 < waited < 1
        await asyncio.sleep(0.1)
        assert host.requests.waited() == waited
        await inside.call("free", a=1)
        assert host.requests.waited() == waited
        await host.requests.close()
        host.requests.open(host.events.append)
        assert host.requests.waited() == 0


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

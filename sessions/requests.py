"""Answers what code in a kernel asks of the host: deny by default, and only while a cell runs.

A request is a line `{"id": 1, "call": NAME, "arguments": {…}}`, answered by `{"id": 1, "value": …}`
or `{"id": 1, "error": {"kind": …, "message": …}}`; `{"id": 1, "cancel": true}` takes it back. It
says nothing about who asks: whoever holds the other end is code in the kernel, and no more.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from sessions.channel import Channel, Pace, encoded
from sessions.errors import AgentError, RefusedError, UsageError
from sessions.events import Event, HostCalled, HostChannelClosed, HostOutcome
from sessions.handlers import Handler
from sessions.kernel.lines import MOST_ANSWER
from sessions.wire_format import Call, Cancel, preview, read

Approve = Callable[[str, Mapping[str, Any]], Awaitable[str | None]]
"""Asks the person about a call by name and arguments: None for yes, or the reason for no. It is
cancelled when the answer does not matter any more. The arguments come from inside: show them as
data that may say anything."""

Tell = Callable[[Event], None]
"""Given the events of the calls."""

_LONGEST_MESSAGE = 2_000  # characters
_WITHDRAW_SECONDS = 0.5
_NO_CELL = "the host answers while a cell runs, and none is running"


class Requests:
    """The desk of one session; its kernel may be replaced, the desk stays.

    Args:
        handlers: Name → what may be asked. `tools`, which lists them, is always there.
        approve: Asks the person; without it, what needs approval is refused.
        pace: How much may be asked.
        seconds: How long one call may take, the wait for the person not counted.

    Raises:
        ValueError: If a handler is called `tools`, or like another one.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler] = MappingProxyType({}),
        *,
        approve: Approve | None = None,
        pace: Pace | None = None,
        seconds: float = 60.0,
    ) -> None:
        self._handlers = {"tools": Handler.of(self._list_tools)}
        for name, handler in handlers.items():
            self.offer(name, handler)
        self._approve = approve
        self._pace = pace or Pace()
        self._seconds = seconds
        self._channel: Channel | None = None
        self._tell: Tell | None = None
        self._fault = ""
        self._calls: dict[int, asyncio.Task[bytes]] = {}
        self._person = asyncio.Lock()
        self._waits = _Stopwatch()

    def offer(self, name: str, handler: Handler) -> None:
        """Let code in the kernel ask for one thing more.

        Raises:
            ValueError: If something is offered under this name.
        """
        if name in self._handlers:
            msg = f"{name!r} is offered already: call this one otherwise"
            raise ValueError(msg)
        self._handlers[name] = handler

    def waited(self) -> float:
        """Seconds of the cell so far in which the person was being asked."""
        return self._waits.seconds

    def attach(self, connection: socket.socket) -> None:
        """Serve the kernel at the other end of a stream socket, which is the desk's from now on."""
        assert self._channel is None
        self._fault = ""
        self._channel = Channel(connection, self._take, self._pace, self._on_end)

    async def detach(self) -> None:
        """Let go of the kernel; may be called again."""
        channel, self._channel = self._channel, None
        await self._withdraw()
        if channel is not None:
            await channel.close()

    def open(self, tell: Tell) -> None:
        """Answer from now on: a cell begins.

        Args:
            tell: Given the events of its calls.
        """
        self._tell = tell
        if self._fault:
            tell(HostChannelClosed(reason=self._fault))
            self._fault = ""
        self._waits = _Stopwatch()

    async def close(self) -> None:
        """Answer no more: the cell is over. What is still under way is withdrawn."""
        await self._withdraw()
        self._tell = None
        if self._channel is not None:
            self._channel.drop_answers()

    def _take(self, line: bytes) -> bool:
        match read(line):
            case Cancel(id=number):
                if task := self._calls.get(number):
                    task.cancel()
                return False
            case Call() as call:
                assert self._channel is not None
                self._begin(call, self._channel)
                return True

    def _begin(self, call: Call, channel: Channel) -> None:
        if self._tell is None:
            channel.answer(_error(call, RefusedError(_NO_CELL)))
        elif call.id in self._calls:
            channel.answer(_error(call, UsageError("this number is in use")))
        else:
            begun = _Begun(call=call, channel=channel, tell=self._tell)
            task = asyncio.get_running_loop().create_task(self._answer(call))
            self._calls[call.id] = task
            task.add_done_callback(partial(self._finish, begun))

    def _finish(self, begun: _Begun, task: asyncio.Task[bytes]) -> None:
        call = begun.call
        if self._calls.get(call.id) is task:
            del self._calls[call.id]
        outcome, answer = self._outcome(call, task)
        begun.channel.answer(answer)
        event = HostCalled(
            name=preview(call.name),
            arguments=preview(call.arguments),
            outcome=outcome,
            seconds=time.monotonic() - begun.started,
        )
        begun.tell(event)

    def _outcome(self, call: Call, task: asyncio.Task[bytes]) -> tuple[HostOutcome, bytes]:
        if task.cancelled():
            return "withdrawn", _error(call, RefusedError("the call was withdrawn"))
        match task.exception():
            case None:
                return "ok", task.result()
            case RefusedError() as error:
                return "refused", _error(call, error)
            case TimeoutError():
                told = f"{call.name} took longer than {self._seconds:g} s"
            case AgentError() as error:
                told = str(error)
            case error:  # its text may tell of the host
                told = f"{call.name} failed on the host ({type(error).__name__})"
        return "failed", _error(call, AgentError(told))

    async def _answer(self, call: Call) -> bytes:
        """Check, ask, do.

        Raises:
            Exception: Of many kinds, if anything stands in the way.
        """
        if call.fault:
            raise UsageError(call.fault)
        handler = self._handlers.get(call.name)
        if handler is None:
            msg = f"the host offers no {ascii(call.name)[:80]}; it offers {self._offered()}"
            raise RefusedError(msg)
        handler.check(call.arguments)
        if handler.needs_approval:
            await self._ask_person(call)
        async with asyncio.timeout(self._seconds):
            value = await handler.run(**call.arguments)
        return _value(call, value)

    async def _ask_person(self, call: Call) -> None:
        if self._approve is None:
            msg = f"{call.name} needs a person's approval, and nobody can be asked"
            raise RefusedError(msg)
        with self._waits.running():
            async with self._person:  # one question at a time
                reason = await self._approve(call.name, MappingProxyType(call.arguments))
        if reason is not None:
            msg = f"{call.name} was not approved: {reason}"
            raise RefusedError(msg)

    async def _withdraw(self) -> None:
        tasks = list(self._calls.values())
        for task in tasks:
            task.cancel()
        if tasks:  # one that does not listen is left behind
            await asyncio.wait(tasks, timeout=_WITHDRAW_SECONDS)
        self._calls.clear()

    def _on_end(self, reason: str) -> None:
        for task in self._calls.values():
            task.cancel()
        if reason and self._tell is not None:
            self._tell(HostChannelClosed(reason=reason))
        else:
            self._fault = reason

    def _offered(self) -> str:
        return ", ".join(sorted(self._handlers))

    async def _list_tools(self) -> list[dict[str, Any]]:
        """List what the host offers."""
        return [
            {
                "name": name,
                "signature": handler.signature,
                "summary": handler.summary,
                "needs_approval": handler.needs_approval,
            }
            for name, handler in sorted(self._handlers.items())
        ]


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """A call under way, and who is told of its end."""

    call: Call
    channel: Channel
    tell: Tell
    started: float = field(default_factory=time.monotonic)


@dataclass
class _Stopwatch:
    """Time in which at least one of several things was under way."""

    _before: float = 0.0
    _since: float = 0.0
    _under_way: int = 0

    @property
    def seconds(self) -> float:
        now = time.monotonic() - self._since if self._under_way else 0.0
        return self._before + now

    @contextmanager
    def running(self) -> Iterator[None]:
        if not self._under_way:
            self._since = time.monotonic()
        self._under_way += 1
        try:
            yield
        finally:
            before = self.seconds
            self._under_way -= 1
            if not self._under_way:
                self._before = before


def _value(call: Call, value: Any) -> bytes:
    try:
        line = encoded({"id": call.id, "value": value})
    except (TypeError, ValueError, RecursionError):
        msg = f"the answer of {call.name} is not plain data"
        raise AgentError(msg) from None
    if len(line) > MOST_ANSWER:
        msg = f"the answer of {call.name} takes {len(line)} bytes, and {MOST_ANSWER} is the most"
        raise AgentError(msg)
    return line


def _error(call: Call, error: Exception) -> bytes:
    kind = "refused" if isinstance(error, RefusedError) else "failed"
    told = {"kind": kind, "message": str(error)[:_LONGEST_MESSAGE]}
    return encoded({"id": call.id, "error": told})

"""Talks to a kernel: sends requests, and yields all that comes back about each.

The host reads the kernel's sockets itself: nothing that a kernel sends is taken in without bound,
and no message waits for a thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import Any, Self

from sessions.errors import KernelError
from sessions.messages import Letter, Message, Post
from sessions.wire import Wire
from sessions.zmtp import Buffer, Frame

__all__ = ["Client", "KernelGone", "Message", "Request", "Unanswered"]

_ROUTER, _PUBLISHER = frozenset({b"ROUTER"}), frozenset({b"XPUB", b"PUB"})
_WIRES = {
    "shell": (b"DEALER", _ROUTER),
    "control": (b"DEALER", _ROUTER),
    "iopub": (b"SUB", _PUBLISHER),
}
_GREETING_SECONDS = 0.02


class KernelGone(Exception):  # noqa: N818 -- an event; the session decides if it is an error
    """The kernel ended while a request was under way, or it sent what no kernel sends."""


class Unanswered(LookupError):  # noqa: N818 -- an event; the session decides if it is an error
    """The kernel has no answer.

    Attributes:
        kind: Name of the exception that it met, as it says.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Request:
    """What a kernel says about one request, in order, until both reply and `idle` are there.

    Waiting for a message may be cancelled and begun again; nothing is lost by it. Let go of it by
    `close`, unless it was iterated to its end: what nobody takes keeps all others waiting.

    Args:
        due: What is to come: the type of the reply, and `idle`.
        release: Is called when nobody waits any more.
    """

    def __init__(self, due: set[str], release: Callable[[], object]) -> None:
        self._due = due
        self._release = release
        self._letters: deque[tuple[Letter, Callable[[int], None]]] = deque()
        self._news = asyncio.Event()
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        """The next message.

        Raises:
            KernelGone: If the kernel ends first.
        """
        while self._due:
            if not self._letters:
                await self._wait()
            letter, release = self._letters.popleft()
            release(letter.size)
            if (message := letter.open()) is not None:
                self._due -= {letter.kind, _state(message)}
                return message
        self.close()
        raise StopAsyncIteration

    def put(self, letter: Letter, release: Callable[[int], None]) -> None:
        """Add a message; `release` is told its size when somebody has taken it."""
        self._letters.append((letter, release))
        self._news.set()

    def end(self) -> None:
        """No more will come."""
        self._ended = True
        self._news.set()

    def close(self) -> None:
        """Let go of it: what is still to come goes to nobody."""
        self._release()
        while self._letters:
            letter, release = self._letters.popleft()
            release(letter.size)

    async def _wait(self) -> None:
        while not self._letters:
            if self._ended:
                self.close()
                raise KernelGone
            self._news.clear()
            await self._news.wait()


class Client:
    """One connection to one kernel. Results are complete: reply and `idle`, whichever is last.

    Args:
        connection: As in a Jupyter connection file, over `ipc`.
    """

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self._post = Post(connection["key"])
        self._paths = {name: f"{connection['ip']}-{connection[f'{name}_port']}" for name in _WIRES}
        self._wires: dict[str, Wire] = {}
        self._waiting: dict[str, Request] = {}
        self._subscribed = asyncio.Event()
        self._gone = False

    @property
    def is_gone(self) -> bool:
        """Whether the kernel has ended, or was hung up on: no request will be answered."""
        return self._gone

    async def open(self, seconds: float = 10.0) -> None:
        """Connect; returns when output can no longer be missed.

        Raises:
            KernelError: If the kernel does not answer in time.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._connect()
                await self._subscribe()
        except TimeoutError:
            msg = f"the kernel did not answer within {seconds:.0f} s"
            raise KernelError(msg) from None
        except OSError as error:
            msg = f"the kernel can't be connected to ({error.strerror})"
            raise KernelError(msg) from None

    async def close(self) -> None:
        """Disconnect and leave nothing behind."""
        self.hang_up()

    def hang_up(self) -> None:
        """The same at once, and also when the loop has ended."""
        self._gone = True
        for wire in self._wires.values():
            wire.close()

    def gone(self) -> None:
        """Tell every request under way that the kernel has ended, after its last words."""
        if self._gone:
            return
        self._gone = True
        for wire in self._wires.values():
            wire.finish()
        for request in self._waiting.values():
            request.end()
        self._subscribed.set()

    def execute(self, code: str) -> Request:
        """Run a cell and yield its messages, the reply among them.

        Raises:
            KernelGone: If the kernel ends first.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        return self._request("execute_request", content, "execute_reply")

    async def ask(self, question: str, **details: Any) -> Any:
        """Ask the kernel about its state (`variables`, `inspect`).

        Raises:
            KernelGone: If the kernel ends first.
            Unanswered: If the kernel has no answer.
        """
        return (await self.exchange(question, details))[0]

    async def exchange(
        self, question: str, details: Mapping[str, Any], buffers: Sequence[Buffer] = ()
    ) -> tuple[Any, Sequence[Any]]:
        """Ask the kernel; its answer, and the buffers that came with it.

        Raises:
            KernelGone: If the kernel ends first.
            Unanswered: If the kernel has no answer, with its reason.
        """
        content = {"ask": question, **details}
        reply: Message = {}
        with closing(self._request("agent_request", content, "agent_reply", buffers)) as messages:
            async for message in messages:
                if message["msg_type"] == "agent_reply":
                    reply = message
        answer = reply.get("content", {})
        if answer.get("status") != "ok":
            raise Unanswered(str(answer.get("ename")), str(answer.get("evalue", "no answer")))
        return answer.get("answer"), reply.get("buffers", [])

    def interrupt(self) -> None:
        """Ask the kernel to raise `KeyboardInterrupt` in the running cell."""
        if self._wires["control"].is_idle:  # else it has not even read the one before
            self._wires["control"].send(*self._post.write("interrupt_request", {}))

    async def _connect(self) -> None:
        for name, (kind, others) in _WIRES.items():
            receive = partial(self._receive, name)
            self._wires[name] = Wire(self._paths[name], kind, others, receive, self.gone)
            await self._wires[name].connect()
        for wire in self._wires.values():
            await wire.shake_hands()

    async def _subscribe(self) -> None:
        """Wait for the first output message, and provoke one if none comes.

        A kernel greets each subscriber, but misses one that arrives while it is sending.
        """
        if not self._gone:
            self._wires["iopub"].subscribe()
        while not self._subscribed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._subscribed.wait(), _GREETING_SECONDS)
            if not self._subscribed.is_set():
                self._wires["shell"].send(*self._post.write("kernel_info_request", {}))
        if self._gone:
            msg = "the kernel hung up while it was connected to"
            raise KernelError(msg)

    def _request(
        self, kind: str, content: Mapping[str, Any], reply: str, buffers: Sequence[Buffer] = ()
    ) -> Request:
        number, frames = self._post.write(kind, content, buffers)
        request = Request({reply, "idle"}, partial(self._forget, number))
        if self._gone:
            request.end()
        else:
            self._waiting[number] = request
            self._wires["shell"].send(number, frames)
        return request

    def _forget(self, number: str) -> None:
        if self._waiting.pop(number, None) is not None:
            self._wires["shell"].withdraw(number)

    def _receive(self, channel: str, frames: Sequence[Frame]) -> None:
        """Take a message in; what is none is left out: a cell can send anything."""
        letter = self._post.read(frames)
        # Replies have a channel of their own: no output can pass for one.
        if letter is None or letter.kind.endswith("_reply") == (channel == "iopub"):
            return
        if letter.kind in ("iopub_welcome", "status"):
            self._subscribed.set()
        if (request := self._waiting.get(letter.parent)) is not None:
            wire = self._wires[channel]
            wire.hold(letter.size)
            request.put(letter, wire.release)


def _state(message: Message) -> str:
    is_status = message["msg_type"] == "status"
    return str(message["content"].get("execution_state")) if is_status else ""

"""Talks to a kernel: sends requests, and yields all that comes back about each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Self, cast

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient

from sessions.errors import KernelError

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

Message = Mapping[str, Any]

_SOCKET_OPTIONS = {
    zmq.RCVHWM: 100,  # messages; beyond it the kernel keeps them, and pays for the memory
    zmq.MAXMSGSIZE: 128 << 20,  # bytes; the kernel sends none so large, unless a cell forges it
    zmq.RECONNECT_IVL: 5,  # milliseconds
    zmq.LINGER: 0,
}
_GREETING_SECONDS = 0.05


class KernelGone(Exception):  # noqa: N818 -- an event; the session decides if it is an error
    """The kernel ended while a request was under way."""


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

    Waiting for a message may be cancelled and begun again; nothing is lost by it.

    Attributes:
        queue: What was received and not yet asked for; None means that the kernel is gone.
    """

    def __init__(self, due: set[str], release: Callable[[], object]) -> None:
        self.queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self._due = due
        self._release = release

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        """The next message.

        Raises:
            KernelGone: If the kernel ends first.
        """
        if not self._due:
            self.close()
            raise StopAsyncIteration
        received = await self.queue.get()
        if received is None:
            self.close()
            raise KernelGone
        self._due.discard(received["msg_type"])
        self._due.discard(_state(received))
        return received

    def close(self) -> None:
        """Let go of it: what is still to come goes to nobody."""
        self._release()


class Client:
    """One connection to one kernel. Results are complete: reply and `idle`, whichever is last."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self._context = zmq.asyncio.Context()
        for option, value in _SOCKET_OPTIONS.items():
            self._context.setsockopt(option, value)
        self._client = AsyncKernelClient(context=self._context)
        self._client.load_connection_info(cast("KernelConnectionInfo", dict(connection)))
        self._waiting: dict[str, asyncio.Queue[Message | None]] = {}
        self._subscribed = asyncio.Event()
        self._readers: list[asyncio.Task[None]] = []

    async def open(self, seconds: float = 10.0) -> None:
        """Connect; returns when output can no longer be missed.

        Raises:
            KernelError: If the kernel does not answer in time.
        """
        client = self._client
        client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True)
        channels = [client.shell_channel, client.iopub_channel, client.control_channel]
        self._readers = [asyncio.create_task(self._read(channel)) for channel in channels]
        try:
            async with asyncio.timeout(seconds):
                await self._subscribe()
        except TimeoutError:
            msg = f"the kernel did not answer within {seconds:.0f} s"
            raise KernelError(msg) from None

    async def close(self) -> None:
        """Disconnect and leave nothing behind."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._client.stop_channels()
        self._context.destroy(linger=0)

    def gone(self) -> None:
        """Tell every request under way that the kernel has ended."""
        for queue in self._waiting.values():
            queue.put_nowait(None)

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
        self, question: str, details: Mapping[str, Any], buffers: Sequence[Any] = ()
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
        client = self._client
        client.control_channel.send(client.session.msg("interrupt_request", {}))

    async def _subscribe(self) -> None:
        """Wait for the first output message, and provoke one if none comes.

        A kernel greets each subscriber, but misses one that arrives while it is sending.
        """
        while not self._subscribed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._subscribed.wait(), _GREETING_SECONDS)
            if not self._subscribed.is_set():
                self._client.kernel_info()

    def _request(
        self, kind: str, content: Mapping[str, Any], reply: str, buffers: Sequence[Any] = ()
    ) -> Request:
        message = {**self._client.session.msg(kind, dict(content)), "buffers": list(buffers)}
        number = message["header"]["msg_id"]
        request = Request({reply, "idle"}, lambda: self._waiting.pop(number, None))
        self._waiting[number] = request.queue
        self._client.shell_channel.send(message)
        return request

    async def _read(self, channel: Any) -> None:
        is_output = channel is self._client.iopub_channel
        while True:
            try:
                message = await channel.get_msg()
            except asyncio.CancelledError:
                raise
            except Exception:  # a cell can send anything; what is not a message is none
                await asyncio.sleep(0)
                continue
            # Replies have a channel of their own: no output can pass for one.
            if _is_message(message) and message["msg_type"].endswith("_reply") != is_output:
                self._deliver(message)

    def _deliver(self, message: Message) -> None:
        if message["msg_type"] in ("iopub_welcome", "status"):
            self._subscribed.set()
        queue = self._waiting.get(message["parent_header"].get("msg_id", ""))
        if queue is not None:
            queue.put_nowait(message)


def _is_message(message: Any) -> bool:
    """Whether something has the shape of a message: a cell can forge what its kernel sends."""
    return (
        isinstance(message, dict)
        and isinstance(message.get("msg_type"), str)
        and isinstance(message.get("content"), dict)
        and isinstance(message.get("parent_header"), dict)
    )


def _state(message: Message) -> str:
    is_status = message["msg_type"] == "status"
    return str(message["content"].get("execution_state")) if is_status else ""

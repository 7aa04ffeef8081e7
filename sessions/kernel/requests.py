"""Lets code in the kernel call what the host offers: the module `agent_host`.

The host decides about everything; what is here only carries questions out and answers in.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import queue
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from types import ModuleType
from typing import Any

from .lines import MOST_ANSWER, MOST_REQUEST, Lines

_PIECE = 1 << 16
_GONE = "the host does not answer any more: it closed the channel"
_DOC = """What the host offers to code in this kernel.

`tools()` lists it; `call(name, **arguments)` calls one and waits for the answer, which is plain
data; `await acall(name, **arguments)` does the same in asynchronous code. The host may ask the
person first, and answers only while a cell runs.
"""


class HostError(Exception):
    """The host could not do what it was asked."""


class RefusedError(HostError):
    """The host, or the person behind it, said no."""


class Caller:
    """Calls the host; from several threads at once, if need be.

    Args:
        descriptor: A connected stream socket to the host, which belongs to the caller from now on.
    """

    def __init__(self, descriptor: int) -> None:
        self.renew(descriptor)

    def renew(self, descriptor: int) -> None:
        """Go on with another socket: the process was thawed, and nothing of the old one is left."""
        self._wire = _Wire(descriptor)

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Call what the host offers under a name, and wait for the answer.

        Raises:
            RefusedError: If the host or the person said no.
            HostError: If it could not be done.
            TypeError: If an argument is not plain data.
            ValueError: If an argument is plain data that JSON has no form for.
        """
        answer = self._wire.ask(name, arguments)
        try:
            error = answer.exception()
        finally:
            answer.cancel()  # an interrupt: nobody waits for it now
        if error is not None:
            raise error  # from here, for a short traceback
        return answer.result()

    async def acall(self, name: str, /, **arguments: Any) -> Any:
        """The same as `call` for asynchronous code."""
        return await asyncio.wrap_future(self._wire.ask(name, arguments))

    def tools(self) -> Any:
        """What the host offers: name, signature, summary and whether the person is asked first."""
        return self.call("tools")


class _Wire:
    """One socket, with a thread for each direction.

    An interrupt hits the main thread alone, so it never leaves half a message behind. The threads
    begin with the first question: most kernels ask none.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        self._process = os.getpid()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._unsent: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._beginning = threading.Lock()
        self._begun = False
        self._why_closed = ""

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Future[Any]:
        number = next(self._numbers)
        line = _line({"id": number, "call": name, "arguments": arguments})
        if os.getpid() != self._process:
            msg = "only the kernel's own process can call the host, not one that it forked"
            raise HostError(msg)
        self._begin()
        answer: Future[Any] = Future()
        self._waiting[number] = answer
        answer.add_done_callback(lambda done: self._forget(number, done))
        self._unsent.put(line)
        if self._why_closed:  # after the others were told
            self._fail(answer)
        return answer

    def _begin(self) -> None:
        with self._beginning:
            if not self._begun:
                for work in (self._read, self._write):
                    threading.Thread(target=work, name="agent-host", daemon=True).start()
                self._begun = True

    def _forget(self, number: int, answer: Future[Any]) -> None:
        self._waiting.pop(number, None)
        if answer.cancelled():
            self._unsent.put(_line({"id": number, "cancel": True}))

    def _write(self) -> None:
        with suppress(OSError):
            while True:
                line = memoryview(self._unsent.get())
                while line:
                    line = line[os.write(self._descriptor, line) :]

    def _read(self) -> None:
        lines = Lines(MOST_ANSWER)
        with suppress(OSError, ValueError, KeyError, TypeError):
            while piece := os.read(self._descriptor, _PIECE):
                lines.add(piece)
                while (line := lines.next()) is not None:
                    self._take(json.loads(line))
        self._why_closed = self._why_closed or _GONE
        for answer in list(self._waiting.values()):
            self._fail(answer)

    def _take(self, told: Mapping[str, Any]) -> None:
        if "closed" in told:
            self._why_closed = f"the host closed the channel: {told['closed']}"
            return
        answer = self._waiting.get(told["id"])
        if answer is None:
            return
        with suppress(InvalidStateError):  # cancelled at this very moment
            if "error" in told:
                answer.set_exception(_error(told["error"]))
            else:
                answer.set_result(told["value"])

    def _fail(self, answer: Future[Any]) -> None:
        with suppress(InvalidStateError):
            answer.set_exception(HostError(f"{self._why_closed}; a restart brings it back"))


def install(caller: Caller) -> None:
    """Make the module `agent_host` importable in this process."""
    module = ModuleType("agent_host", _DOC)
    for offered in (caller.call, caller.acall, caller.tools):
        setattr(module, offered.__name__, offered)
    module.__dict__.update(HostError=HostError, RefusedError=RefusedError)
    sys.modules[module.__name__] = module


def _line(message: Mapping[str, Any]) -> bytes:
    line = json.dumps(message, allow_nan=False).encode() + b"\n"
    if len(line) > MOST_REQUEST:
        msg = f"the arguments take {len(line)} bytes, and {MOST_REQUEST} is the most"
        raise ValueError(msg)
    return line


def _error(told: Mapping[str, Any]) -> HostError:
    kind = RefusedError if told["kind"] == "refused" else HostError
    return kind(told["message"])

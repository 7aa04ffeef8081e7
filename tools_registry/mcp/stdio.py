"""An MCP server as a process of ours: lines of JSON out and in, none of them without end.

What the server writes is taken no faster than it can be looked at, and never piles up here. At the
end its whole process group is gone, also if whoever uses it was cancelled.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import weakref
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools_registry.mcp.errors import McpError
from tools_registry.mcp.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.client._transport import TransportStreams

MOST_LINE = 8 << 20
"""Bytes of one message."""

_MOST_NONSENSE = 200  # lines that are no messages: some servers write their log there
_LINES_PER_SECOND = 1_000
_BYTES_PER_SECOND = 64 << 20
_ERROR_BYTES_PER_SECOND = 1 << 20
_STDERR_KEPT = 2_000  # bytes
_STDERR_SHOWN = 300  # characters
_LAST_SECONDS = 1.0
_START = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the server, which then ends with us even if we are killed."""
_PIECE = 1 << 16
_MEANT = re.compile(rb'\s*\{.{0,200}"jsonrpc"')


class Stdio:
    """The two pipes of a server, and what became of it.

    Args:
        command: Program and arguments.
        environment: All of its environment variables.
        folder: Where it is started.

    Attributes:
        fault: Why nothing comes from it any more; "" as long as something may.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._folder = folder
        self._errors = b""
        self.fault = ""

    @property
    def complaint(self) -> str:
        """The last of what the server wrote to stderr, as one line."""
        text = one_line(self._errors.decode(errors="replace"), _STDERR_KEPT)
        return text if len(text) <= _STDERR_SHOWN else f"…{text[-_STDERR_SHOWN:]}"

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[TransportStreams, None]:
        """Start the process, and end it with everything that it started.

        Raises:
            McpError: If it can't be started.
        """
        import anyio

        process = await self._start()
        kill = weakref.finalize(self, _kill, process.pid)  # also if the loop ends without us
        heard, hearing = anyio.create_memory_object_stream[Any](0)
        saying, said = anyio.create_memory_object_stream[Any](0)
        tasks = [
            asyncio.create_task(self._hear(process, heard)),
            asyncio.create_task(_say(process, said, heard)),
            asyncio.create_task(self._hear_errors(process)),
        ]
        try:
            yield hearing, saying
        finally:
            await _ended(_end(process, tasks, kill))
            for stream in (heard, hearing, saying, said):
                stream.close()

    async def _start(self) -> Process:
        path = self._environment.get("PATH", "")
        absolute = os.pathsep.join(p for p in path.split(os.pathsep) if p.startswith("/"))
        program = shutil.which(self._command[0], path=absolute)
        if program is None:
            msg = f"there is no program {self._command[0][:80]!r}: install it, or write its path"
            raise McpError(msg)
        try:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _START, str(os.getpid())),
                *(program, *self._command[1:]),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=self._environment,
                cwd=self._folder,
                start_new_session=True,
                limit=_PIECE,
            )
        except OSError as error:
            msg = f"{program} can't be started ({error.strerror}): see that it runs by itself"
            raise McpError(msg) from None

    async def _hear(self, process: Process, heard: Any) -> None:
        """Pass on what the server says, up to its end or the first thing that is too much."""
        assert process.stdout is not None
        try:
            await self._messages(process.stdout, heard)
            self.fault = self.fault or "it ended"
        except ValueError as error:
            self.fault = str(error)
        except (OSError, _closed()):
            self.fault = self.fault or "it ended"
        finally:
            heard.close()

    async def _messages(self, stdout: asyncio.StreamReader, heard: Any) -> None:
        from sessions.kernel.lines import Lines, LineTooLongError

        lines, nonsense, pace = Lines(MOST_LINE), 0, _Pace()
        while piece := await stdout.read(_PIECE):
            await asyncio.sleep(len(piece) / _BYTES_PER_SECOND)
            lines.add(piece)
            try:
                while (line := lines.next()) is not None:
                    await pace.wait()
                    message = _message(line)
                    nonsense += message is None
                    if message is not None:
                        await heard.send(message)
                    elif nonsense > _MOST_NONSENSE:
                        msg = "it writes to its stdout what are no messages of the protocol"
                        raise ValueError(msg)
            except LineTooLongError:
                msg = f"it sent a message of more than {MOST_LINE >> 20} MB"
                raise ValueError(msg) from None

    async def _hear_errors(self, process: Process) -> None:
        """Keep the end; take the rest, or the server would wait for ever."""
        assert process.stderr is not None
        while piece := await process.stderr.read(_PIECE):
            self._errors = (self._errors + piece)[-_STDERR_KEPT:]
            await asyncio.sleep(len(piece) / _ERROR_BYTES_PER_SECOND)


class _Pace:
    """Lets so many lines through in a second."""

    def __init__(self) -> None:
        self._second = 0
        self._lines = 0

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        if (second := int(loop.time())) != self._second:
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines > _LINES_PER_SECOND:
            await asyncio.sleep(self._second + 1 - loop.time())
        elif self._lines % 50 == 0:
            await asyncio.sleep(0)


def _message(line: bytes) -> Any:
    """A line as a message; None if it is none.

    Raises:
        ValueError: If it was meant as one and nobody can read it: who waits for it would wait on.
    """
    from mcp.shared.message import SessionMessage
    from mcp.types import jsonrpc_message_adapter
    from pydantic import ValidationError

    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        if told[0]["type"] == "json_invalid" and _MEANT.match(line):
            msg = "it sent a message that is no JSON that can be read"
            raise ValueError(msg) from None
        return None


async def _say(process: Process, said: Any, heard: Any) -> None:
    assert process.stdin is not None
    try:
        async for item in said:
            text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()
    except (OSError, _closed()):
        heard.close()  # who waits for an answer hears that there will be none


def _closed() -> type[Exception]:
    from anyio import BrokenResourceError

    return BrokenResourceError


async def _ended(work: Any) -> None:
    """See work through to its end, whoever cancels us meanwhile; then pass that on."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _end(process: Process, tasks: list[asyncio.Task[None]], kill: Any) -> None:
    """Close stdin, wait a little, and kill what is left of the group."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(_exit(process), _LAST_SECONDS)
    kill()
    with suppress(TimeoutError):
        await asyncio.wait_for(_exit(process), _LAST_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    _close_pipes(process)


async def _exit(process: Process) -> None:
    """Wait for the process alone: `wait` also waits for who has inherited its pipes."""
    while process.returncode is None:  # noqa: ASYNC110 -- nothing else tells of it
        await asyncio.sleep(0.01)


def _close_pipes(process: Process) -> None:
    # Nothing public lets go of pipes that somebody else still holds at the other end.
    with suppress(OSError):
        process._transport.close()  # type: ignore[attr-defined]


def _kill(group: int) -> None:
    with suppress(OSError):
        os.killpg(group, signal.SIGKILL)

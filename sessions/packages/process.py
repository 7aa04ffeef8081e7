"""The process of an installation, seen from the host: pip in the walls of a kernel."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sessions.errors import IsolationError, PackageError
from sessions.isolation.spec import Spec
from sessions.process import ColdProcess

_END_SECONDS = 2.0
_START_SECONDS = 60.0
_LONGEST_LINE = 1 << 20


class InstallerProcess:
    """One run of pip; to be closed.

    Args:
        spec: Its walls: the workspace of the sandbox is the directory to unpack in.

    Raises:
        IsolationError: If there are no such walls on this system.
    """

    def __init__(self, spec: Spec) -> None:
        _require_platform()
        self._directory = Path(tempfile.mkdtemp(prefix="agent-"))
        (self._directory / "root").mkdir()
        self._alive, alive = socket.socketpair()
        self.gateway, gateway = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._report, report = os.pipe()
        self._output, output = os.pipe()
        unused = os.dup(output)  # where a kernel has its control socket
        try:
            given = [alive.fileno(), report, unused, gateway.fileno(), output]
            self._process = ColdProcess(["install"], given, spec.environment)
        except BaseException:
            self._let_go()
            raise
        finally:
            alive.close()
            gateway.close()
            os.close(report)
            os.close(output)
            os.close(unused)
        root = str(self._directory / "root")
        self._spec = replace(spec, mount_point=root)

    async def start(self) -> None:
        """Let it put up its walls and begin.

        Raises:
            IsolationError: If a wall can't be put up; nothing was downloaded then.
            PackageError: If it does not start.
        """
        loop = asyncio.get_running_loop()
        self._alive.setblocking(False)
        await loop.sock_sendall(self._alive, self._spec.to_json().encode() + b"\n\n")
        async with asyncio.timeout(_START_SECONDS):
            told = await self._told()
        if "network" not in told.get("ready", {}).get("active", ()):
            raise _start_error(told)

    async def output(self) -> AsyncIterator[str]:
        """What pip says, line by line, to the end."""
        reader = asyncio.StreamReader(_LONGEST_LINE)
        pipe = open(self._output, "rb", closefd=False)  # noqa: SIM115, ASYNC230 -- a pipe
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
        try:
            while line := await reader.readline():
                yield line.decode("utf-8", "replace").rstrip()
        finally:
            transport.close()

    async def ended(self) -> int:
        """Wait for the end; the exit code, that of SIGKILL if it could not tell."""
        code = await asyncio.get_running_loop().sock_recv(self._alive, 1)
        return code[0] if code else 137

    def close(self) -> None:
        """End it, and everything it started."""
        with suppress(OSError):
            self._alive.shutdown(socket.SHUT_WR)
        if not self._process.wait(_END_SECONDS):
            self._process.kill()
            self._process.wait(None)
        self._let_go()

    def _let_go(self) -> None:
        self._alive.close()
        self.gateway.close()
        os.close(self._report)
        os.close(self._output)
        shutil.rmtree(self._directory, ignore_errors=True)

    async def _told(self) -> Mapping[str, Any]:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._report, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._report)
        told: dict[str, Any] = json.loads(os.read(self._report, 65_536) or b"{}")
        return told


def _require_platform() -> None:
    here = (sys.platform, platform.machine())
    if here != ("linux", "x86_64"):
        msg = (
            f"packages can't be fetched in isolation on {' '.join(here)}: install them into this "
            "Python yourself"
        )
        raise IsolationError(msg)


def _start_error(told: Mapping[str, Any]) -> IsolationError | PackageError:
    reason = told.get("error", "it gave no reason")
    if "error" in told and not told.get("refused"):
        return PackageError(f"the installation did not start ({reason})")
    return IsolationError(
        f"packages can't be fetched in isolation on this machine, so nothing was ({reason}); "
        "`agent doctor` says what is missing, or install them into this Python yourself"
    )

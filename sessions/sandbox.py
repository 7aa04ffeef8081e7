"""A sandbox process, seen from the host: made, watched, ended. Standard library only."""

from __future__ import annotations

import json
import os
import platform
import secrets
import select
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sessions.errors import IsolationError, KernelError
from sessions.isolation.spec import Held, Spec
from sessions.process import Process, Start, start_cold

_CHANNELS = ("shell", "iopub", "stdin", "control")
_HEARTBEAT_PORT = 5  # named in Jupyter's connection information; nobody listens there
_SOCKET_PATH = 100  # bytes; the system's limit is 108
_START_SECONDS = 60.0
_END_SECONDS = 2.0
_KILLED = bytes([128 + 9])


class Sandbox:
    """One kernel in one sandbox.

    Its sockets lie in a directory that only the host can see: the listeners are opened here and
    handed in, so nothing inside needs a path, and nobody inside can put something else there.

    Args:
        spec: What it is to be.
        start: Starts its process: afresh, or from a warm parent.
        before: An ended sandbox whose connection this one takes over.
    """

    def __init__(
        self, spec: Spec, start: Start = start_cold, *, before: Sandbox | None = None
    ) -> None:
        _require_platform(spec)
        self._directory = _run_directory(before)
        self._key: str = before._key if before else spec.kernel.get("key", secrets.token_hex(32))
        self._spec = replace(
            spec,
            mount_point=str(self._directory / "root"),
            kernel={**spec.kernel, "key": self._key},
        )
        self._alive, inside = socket.socketpair()
        self._report, report = os.pipe()
        self._code: int | None = None
        self.held: Held | None = None
        try:
            self._process = self._spawn(start, inside, report)
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise
        finally:
            inside.close()
            os.close(report)

    @property
    def connection(self) -> Mapping[str, Any]:
        """Connection information as in a Jupyter connection file."""
        ports = {f"{channel}_port": port for port, channel in enumerate(_CHANNELS, 1)}
        return {
            **ports,
            "hb_port": _HEARTBEAT_PORT,
            "transport": "ipc",
            "ip": str(self._directory / "s"),
            "key": self._key.encode(),
            "signature_scheme": "hmac-sha256",
        }

    @property
    def sockets(self) -> Mapping[str, Path]:
        """Channel → the socket on which the kernel serves it."""
        return {c: self._directory / f"s-{port}" for port, c in enumerate(_CHANNELS, 1)}

    @property
    def pid(self) -> int:
        """Process id of the launcher; everything of the sandbox descends from it."""
        return self._process.pid

    @property
    def alive(self) -> socket.socket:
        """Becomes readable (end of file) when the sandbox is gone."""
        return self._alive

    @property
    def report(self) -> int:
        """Descriptor that becomes readable when the kernel is up, or has failed to start."""
        return self._report

    @property
    def start_seconds(self) -> float:
        """How long a start may take."""
        return _START_SECONDS

    def poll(self) -> int | None:
        """Exit code, or None while it runs; 128 + N if signal N ended the kernel."""
        if self._process.runs():
            return None
        if self._code is None:
            self._code = self._last_word()
        return self._code

    def wait(self) -> int:
        """Block until the sandbox has ended; returns its exit code."""
        self._process.wait(None)
        code = self.poll()
        assert code is not None
        return code

    def wait_ready(self) -> Held:
        """Block until the kernel can take its first cell.

        Raises:
            IsolationError: If a wall could not be put up; then nothing was run.
            KernelError: If the kernel does not start.
        """
        if self.held is None:
            try:
                self.held = self._read_report()
            except BaseException:
                self.close()
                raise
        return self.held

    def kill(self) -> None:
        """End every process of the sandbox at once."""
        with suppress(OSError):
            self._alive.shutdown(socket.SHUT_WR)
        if not self._process.wait(_END_SECONDS):
            self._process.kill()
            self._process.wait(None)

    def close(self) -> None:
        """End the sandbox and leave nothing behind; may be called again."""
        if self._alive.fileno() == -1:
            return
        self.kill()
        self._process.close()
        self._alive.close()
        os.close(self._report)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _spawn(self, start: Start, inside: socket.socket, report: int) -> Process:
        listeners = [self._listen(port) for port, _ in enumerate(_CHANNELS, 1)]
        descriptors = [inside.fileno(), report, *(s.fileno() for s in listeners)]
        try:
            process = start(descriptors, self._spec.environment)
        finally:
            for listener in listeners:
                listener.close()
        self._alive.sendall(self._spec.to_json().encode() + b"\n")
        return process

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._directory / f"s-{port}"))
        listener.listen(16)
        return listener

    def _last_word(self) -> int:
        """The exit code that the launcher sends when all is over; SIGKILL's if it could not."""
        self._alive.settimeout(0)
        with suppress(OSError):
            return (self._alive.recv(1) or _KILLED)[0]
        return _KILLED[0]

    def _read_report(self) -> Held:
        end = time.monotonic() + _START_SECONDS
        text = b""
        while not text.endswith(b"}"):
            ready = select.select([self._report], [], [], max(0.0, end - time.monotonic()))[0]
            piece = os.read(self._report, 65536) if ready else b""
            if not piece:
                break
            text += piece
        report: dict[str, Any] = json.loads(text) if text else {}
        if "ready" in report:
            held = report["ready"]
            return Held(active=tuple(held["active"]), reasons=held["reasons"])
        raise _start_error(report, self._spec.isolated)


def _require_platform(spec: Spec) -> None:
    here = (sys.platform, platform.machine())
    if spec.isolated and here != ("linux", "x86_64"):
        msg = (
            f"code can't be isolated on {' '.join(here)} yet, so nothing was run: use Linux on "
            "x86-64 (also in a container or WSL 2), or switch isolation off in your own settings"
        )
        raise IsolationError(msg)


def _start_error(report: Mapping[str, Any], isolated: bool) -> KernelError | IsolationError:
    reason = report.get("error", "it gave no reason")
    if not (isolated and report.get("refused")):
        return KernelError(f"the kernel did not start ({reason}); `agent doctor` may say more")
    return IsolationError(
        f"code can't be isolated on this machine, so nothing was run ({reason}); "
        "`agent doctor` says what is missing"
    )


def _run_directory(before: Sandbox | None) -> Path:
    """A private directory with a path short enough for sockets; the one before if it is free."""
    if before is not None:
        with suppress(OSError):
            before._directory.mkdir(mode=0o700)
            (before._directory / "root").mkdir()
            return before._directory
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):
        if parent and len(parent) < _SOCKET_PATH - 24 and os.access(parent, os.W_OK | os.X_OK):
            directory = Path(tempfile.mkdtemp(prefix="agent-", dir=parent))
            (directory / "root").mkdir()
            return directory
    msg = "no directory for the kernel's sockets: /tmp is not writable"
    raise KernelError(msg)

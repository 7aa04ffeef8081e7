"""A sandbox process, seen from the host: made, watched, ended. Standard library only."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sessions.errors import IsolationError, KernelError
from sessions.isolation.cgroup import Group
from sessions.isolation.spec import Held, Spec
from sessions.polling import readable
from sessions.process import Process, Start, start_cold
from sessions.run_directory import run_directory
from sessions.snapshots import Snapshots, possible
from sessions.sweep import swept
from sessions.usage import descendants

_CHANNELS = ("shell", "iopub", "stdin", "control")
_HEARTBEAT_PORT = 5  # named in Jupyter's connection information; nobody listens there
_START_SECONDS = 60.0
_END_SECONDS = 2.0
_KILLED = bytes([128 + 9])


class Sandbox:
    """One kernel in one sandbox.

    Its sockets lie in a directory that only the host can see: the listeners are opened here and
    handed in, so nothing inside needs a path, and nobody inside can put something else there.

    Attributes:
        held: The walls that hold, once it is up.
        group: Its control group, if the host lets it have one.
        lacked_memory: Whether a process was killed for want of memory, once it has ended.

    Args:
        spec: What it is to be.
        start: Starts its process: afresh, or from a warm parent.
        before: An ended sandbox whose connection this one takes over.

    Attributes:
        requests: Socket on which the kernel asks the host; whoever answers takes it, and whoever
            does not closes it, so that nothing inside waits for an answer.
    """

    def __init__(
        self, spec: Spec, start: Start = start_cold, *, before: Sandbox | None = None
    ) -> None:
        _require_platform(spec)
        self._directory = run_directory()
        if before is not None and not before._directory.exists():
            self._directory = before._directory
        self.snapshots = Snapshots(spec.memory) if spec.snapshots and possible() else None
        self._asked_for_snapshots = spec.snapshots
        self._key: str = before._key if before else spec.kernel.get("key", secrets.token_hex(32))
        self._spec = replace(
            spec,
            mount_point=str(self._directory / "root"),
            snapshots=self.snapshots is not None,
            kernel={**spec.kernel, "key": self._key},
        )
        self.requests, self._asking = socket.socketpair()
        self._alive, inside = socket.socketpair()
        self._report, report = os.pipe()
        self._code: int | None = None
        self._first: frozenset[int] = frozenset()
        self._listeners: list[socket.socket] = []
        self.held: Held | None = None
        self.group: Group | None = None
        self.lacked_memory = False
        try:
            self._process = self._spawn(start, inside, report)
        except BaseException:
            self._let_go()
            self._alive.close()
            os.close(self._report)
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
    def scratch(self) -> Path:
        """Directory for the temporary files of a kernel that has no file system for them."""
        return self._directory / "root"

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

    @property
    def kernel_ended(self) -> bool:
        """Whether the kernel is gone, though its sandbox may live for the snapshots' sake."""
        if self.poll() is not None:
            return True
        return self.snapshots is not None and self.snapshots.kernel_ended

    @property
    def deaths(self) -> list[int]:
        """Descriptors that become readable when the kernel is gone."""
        kernel = [self.snapshots.kernel] if self.snapshots else []
        return [self._alive.fileno(), *kernel]

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
                self.held = self._with_snapshots(self._read_report())
                self._first = frozenset(descendants(self.pid))
                self.group = Group.of(self.pid)
            except BaseException:
                self.close()
                raise
        return self.held

    def kill_kernel(self) -> None:
        """End the kernel; its snapshots stay, if there are any."""
        if self.snapshots is None:
            self.kill()
        else:
            self.snapshots.kill_kernel()

    def restore(self, cells: int) -> bool:
        """Go back to the snapshot of the state after so many cells, see `Snapshots.restore`.

        `requests` is another socket afterwards.
        """
        if self.snapshots is None:
            return False
        self.requests.close()
        self.requests, asking = socket.socketpair()
        with asking:
            sockets = [*(listener.fileno() for listener in self._listeners), asking.fileno()]
            return self.snapshots.restore(cells, sockets)

    def sweep(self) -> bool:
        """End what cells left running beside the kernel and its snapshots; may block for 2 s.

        Returns:
            Whether nothing of it is left.
        """
        if self.snapshots is not None:
            return self.snapshots.sweep()
        return swept(self.pid, lambda: self._first)

    def kill(self) -> None:
        """End every process of the sandbox at once."""
        if not self._spec.isolated:  # nothing in there ends what forks faster than it is ended
            init = list(descendants(self.pid))[:1]
            swept(self.pid, lambda: init)
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
        self._let_go()

    def _close_listeners(self) -> None:
        while self._listeners:
            self._listeners.pop().close()

    def _let_go(self) -> None:
        self._close_listeners()
        self._asking.close()
        self.requests.close()
        if self.snapshots is not None:
            self.snapshots.close()
        if self.group is not None:  # the launcher does this, unless it was killed
            self.group.remove()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _with_snapshots(self, held: Held) -> Held:
        """Meet the kernel that snapshots are to be taken of, and tell whether they are."""
        if self.snapshots is not None and not self.snapshots.begin(self.pid):
            msg = "the kernel ended while it started; `agent doctor` may say more"
            raise KernelError(msg)
        return replace(held, reasons={**held.reasons, "snapshots": self._why_snapshots()})

    def _why_snapshots(self) -> str:
        if self.snapshots is not None:
            return "taken in pauses: cells can be undone, and a killed kernel comes back"
        if self._asked_for_snapshots:
            return "none: this system does not tell who sent a message (Linux 6.5 and later do)"
        return "none: they were not asked for, or there is no isolation to keep them in"

    def _spawn(self, start: Start, inside: socket.socket, report: int) -> Process:
        self._listeners = [socket.socket(socket.AF_UNIX) for _ in _CHANNELS]
        told = self._spec.to_json().encode() + b"\n"
        sent = self._alive.send(told, socket.MSG_DONTWAIT)  # as far as there is room
        with (self.snapshots.inside if self.snapshots else inside).dup() as control:
            sockets = [inside.fileno(), report, control.fileno()]
            sockets += [listener.fileno() for listener in self._listeners]
            process = start([*sockets, self._asking.fileno()], self._spec)
        try:
            self._let_begin(told[sent:])
        except BaseException:
            self._alive.close()
            process.wait(_END_SECONDS)
            process.close()
            raise
        return process

    def _let_begin(self, rest: bytes) -> None:
        """Tell the launcher the rest, then make the directory, which it removes if we are gone."""
        self._alive.sendall(rest)
        self._directory.mkdir(mode=0o700)
        (self._directory / "root").mkdir()
        for port, listener in enumerate(self._listeners, 1):
            listener.bind(str(self._directory / f"s-{port}"))
            listener.listen(16)
        self._alive.sendall(b"\n")
        self._asking.close()
        if self.snapshots is None:  # else a restored kernel needs them again
            self._close_listeners()

    def _last_word(self) -> int:
        """The exit code that the launcher sends when all is over; SIGKILL's if it could not."""
        word = b""
        with suppress(OSError):  # also if it failed to start, and was closed
            self._alive.settimeout(0)
            word = self._alive.recv(2)
        self.lacked_memory = word[1:] == b"m"
        return (word or _KILLED)[0]

    def _read_report(self) -> Held:
        end = time.monotonic() + _START_SECONDS
        text = b""
        while not text.endswith(b"}"):
            ready = readable(self._report, end - time.monotonic())
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
    here = _here()
    if spec.isolated and here != ("linux", "x86_64"):
        msg = (
            f"code can't be isolated on {' '.join(here)} yet, so nothing was run: use Linux on "
            "x86-64 (also in a container or WSL 2), or set isolation = 'off' in your own settings "
            "to run it with your own rights, under guard and limits alone"
        )
        raise IsolationError(msg)


def _here() -> tuple[str, str]:
    return sys.platform, platform.machine()


def _start_error(report: Mapping[str, Any], isolated: bool) -> KernelError | IsolationError:
    reason = report.get("error", "it gave no reason")
    if not (isolated and report.get("refused")):
        return KernelError(f"the kernel did not start ({reason}); `agent doctor` may say more")
    return IsolationError(
        f"code can't be isolated on this machine, so nothing was run ({reason}); "
        "`agent doctor` says what is missing"
    )

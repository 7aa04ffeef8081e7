"""From a specification to a running kernel, as three processes.

```
host ── launcher ── init (pid 1 inside) ── kernel ── snapshots
          waits,      reaps; ends when       runs cells
          cleans up   the host is gone
```
"""

from __future__ import annotations

import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from .ahead import Ahead
from .spec import Spec
from .walls import Walls

_DESCRIPTORS = 8


class Launch:
    """The processes of one sandbox; each method is one of them.

    Args:
        alive: Socket on which the specification comes, then an empty line when the host has made
            the directory it names, and the exit code goes; its end means that the host is gone.
        report: Pipe for the one line that tells whether the kernel is up.
        control: Socket on which host and kernel agree on snapshots.
        listeners: The kernel's listening sockets.
        program: Module whose `serve` is the innermost process, in place of the kernel's.
    """

    def __init__(
        self,
        alive: int,
        report: int,
        control: int,
        listeners: list[int],
        program: str = "_agent_kernel.serving",
    ) -> None:
        self._program = program
        self._alive = alive
        self._report = report
        self._control = control
        self._handed = [control, *listeners]
        self._listeners = listeners

    def run(self, ahead: Ahead | None = None) -> NoReturn:
        """The launcher: outside of everything, so that it can clean up.

        Args:
            ahead: Its first steps, if they were taken already.
        """
        with _Reporting(self._report):
            spec_json = self._read_specification()
            if not spec_json:
                self._turn_back(ahead)
            init = self._let_on(ahead, spec_json) or self._begin(Spec.from_json(spec_json))
            self._sandbox.open()
        _close(self._report, *self._handed)
        code = _exit_code(os.waitpid(init, 0)[1])
        lacked_memory = self._sandbox.take_down()
        with suppress(OSError):
            os.write(self._alive, bytes([code]) + (b"m" if lacked_memory else b""))
        os._exit(code)

    def _begin(self, spec: Spec) -> int:
        """Fork init; its process id."""
        sys.path += [path for path in spec.packages if path not in sys.path]
        self._serve = importlib.import_module(self._program).serve
        self._sandbox = Walls.around(spec)
        if (init := os.fork()) == 0:
            self._init()
        self._sandbox.admit(init)
        return init

    def _let_on(self, ahead: Ahead | None, spec_json: str) -> int:
        """Let the init go on that waits; its process id, or 0 if there is none that would do."""
        if ahead is None:
            return 0
        spec = Spec.from_json(spec_json)
        if ahead.suits(spec):
            with suppress(OSError):
                init = ahead.hand_on(spec_json, [self._alive, self._report, *self._handed])
                self._sandbox = ahead.walls(spec)
                return init
        ahead.give_up()
        return 0

    def go_on_as_init(self, walls: Walls) -> NoReturn:
        """Go on as init, in a process that has waited for that."""
        self._sandbox = walls
        self._serve = importlib.import_module(self._program).serve
        self._init()

    def _init(self) -> NoReturn:
        """First process of the sandbox: outlives kernels, reaps orphans, ends with the host."""
        with _Reporting(self._report):
            self._sandbox.raise_up()
            if (kernel := os.fork()) == 0:
                self._kernel()
            self._sandbox.retire()
        _close(self._report, *self._handed)
        code = _reap(0 if self._sandbox.outlives_kernels else kernel, self._alive)
        self._sandbox.sweep()
        os._exit(code)

    def _kernel(self) -> NoReturn:
        os.close(self._alive)
        with _Reporting(self._report):
            pagemap = _own_pagemap()
            held = self._sandbox.confine()
            control: int | None = self._control
            if not self._sandbox.outlives_kernels:  # nothing left behind may hold it
                os.close(self._control)
                control = None
            settings = {**self._sandbox.kernel_settings, "pagemap": pagemap}
            self._serve(settings, self._listeners, control, lambda: self._tell(held))
        os._exit(0)

    def _read_specification(self) -> str:
        """The specification, once the host has made what it needs; empty if the host is gone."""
        with socket.socket(fileno=os.dup(self._alive)) as connection, connection.makefile() as text:
            spec_json = text.readline()
            if text.readline():
                return spec_json
        if spec_json.endswith("\n"):  # the host may have begun to make it
            directory = Path(Spec.from_json(spec_json).mount_point).parent
            shutil.rmtree(directory, ignore_errors=True)
        return ""

    def _turn_back(self, ahead: Ahead | None) -> NoReturn:
        if ahead is not None:
            ahead.give_up()
        os._exit(1)

    def _tell(self, held: object) -> None:
        os.write(self._report, json.dumps({"ready": held}).encode())
        os.close(self._report)


def stand_by(mailbox: socket.socket) -> NoReturn:
    """A launcher that waits, as far on as it can be, for the descriptors of a sandbox.

    Args:
        mailbox: Brings them; its end means that none is wanted any more.
    """
    ahead = Ahead.prepare(_go_on_as_init, mailbox)
    descriptors = socket.recv_fds(mailbox, 1, _DESCRIPTORS)[1]
    mailbox.close()
    if not descriptors:
        if ahead:
            ahead.give_up()
        os._exit(0)
    alive, report, control, *listeners = descriptors
    Launch(alive, report, control, listeners).run(ahead)


def _go_on_as_init(walls: Walls, descriptors: Sequence[int]) -> NoReturn:
    alive, report, control, *listeners = descriptors
    Launch(alive, report, control, listeners).go_on_as_init(walls)


def _reap(kernel: int, alive: int) -> int:
    """Take in ended processes until the kernel (0: none) is among them, or the host is gone."""
    wake_out, wake_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.kill(os.getpid(), signal.SIGCHLD)  # a kernel that died before the handler stood
    while True:
        ready = select.select([alive, wake_out], [], [])[0]
        if alive in ready:
            return 0
        with suppress(BlockingIOError):
            os.read(wake_out, 512)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == kernel:
                    return _exit_code(ended[1])


def _own_pagemap() -> int:
    """A descriptor that tells which pages this process has written, which it can't open later."""
    with suppress(OSError):
        return os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    return -1


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class _Reporting:
    """Sends an exception to the host as one line of JSON, and ends this process."""

    def __init__(self, report: int) -> None:
        self._report = report

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            return
        with suppress(OSError):
            told = {"error": f"{kind.__name__}: {error}", "refused": issubclass(kind, OSError)}
            os.write(self._report, json.dumps(told).encode())
        os._exit(1)

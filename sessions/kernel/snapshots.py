"""Frozen copies of the kernel: forked after each cell or push, thawed when the host asks for one.

```
kernel ──fork── (passes) ──fork── snapshot: waits on a wire of the host's
                                     └─fork── kernel again, whenever the host sends new sockets
```
The state is safe with the first fork, which says so. The second hands it to the first process
inside, so that cells which wait for their own children never meet it. Walls, limits and the user
are inherited, and need nothing to be put up again.
"""

from __future__ import annotations

import array
import gc
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from tornado.ioloop import IOLoop

if TYPE_CHECKING:
    from .app import GuardedApp
    from .pauses import Pauses
    from .requests import Caller

_MESSAGE = 64  # bytes
_HANDED = 8  # descriptors at once
_FLUSH_SECONDS = 0.2
_IDLE = 0.15  # seconds after which a kernel is taken for one that was started ahead
_REST = 2.0  # seconds after which memory counts for more than the start of the next cell


class Timeline:
    """Runs a kernel, and the kernels that its snapshots become.

    Forks happen in this frame, never in a handler: a loop would nest in a loop with each return.

    Args:
        app: An initialized kernel.
        control: Socket (SOCK_SEQPACKET) to the host, which sends a wire for each snapshot to come.
        caller: Calls the host, over a new socket after each return.
    """

    def __init__(self, app: GuardedApp, control: int, caller: Caller) -> None:
        self._app = app
        self._taken = False
        self._rest_timer: object = None
        self._caller = caller
        self._control = socket.socket(fileno=control)

    def run(self, announce: Callable[[], None]) -> NoReturn:
        """Serve until the kernel is shut down."""
        self._pauses.on = True
        self._greet()
        gc.freeze()  # a collection would write to every page there is, and so copy it
        announce()
        self._app.kernel.start()
        IOLoop.current().call_later(_IDLE, self._look_ahead)
        while True:
            with suppress(KeyboardInterrupt):
                IOLoop.current().start()
            if not self._pauses.reached:
                os._exit(0)
            self._pauses.reached = False
            if self._pauses.changed:
                self._pause()
            elif self._pauses.idle:
                self._rest()

    def _pause(self) -> None:
        """Freeze the state that a request has left."""
        self._pauses.changed = False
        if self._rest_timer is not None:
            IOLoop.current().remove_timeout(self._rest_timer)
        if self._taken:
            self._app.hot_pages.learn()
        self._taken = True
        self._take_snapshot(self._app.hot_pages.populate)
        self._rest_timer = IOLoop.current().call_later(_REST, self._pauses.reach)

    def _rest(self) -> None:
        """Freeze the same state once more, and share every page with that copy until a request.

        It takes the place of the one before, whose pages were copied for the sake of speed.
        """
        self._take_snapshot(self._expect_work)

    def _expect_work(self) -> None:
        self._pauses.wake = self._app.hot_pages.populate

    def _look_ahead(self) -> None:
        """Use the time, if nobody has asked for anything yet: copy what a first cell writes to."""
        if not self._pauses.cells:
            self._app.hot_pages.populate()
            self._app.kernel.run_nothing()

    @property
    def _pauses(self) -> Pauses:
        pauses: Pauses = self._app.kernel.pauses
        return pauses

    def _greet(self) -> None:
        self._control.send(b"{}")  # by its sender the host knows which process is the kernel

    def _take_snapshot(self, go_on: Callable[[], None]) -> None:
        """Fork a snapshot; returns in the kernel, and in each kernel that a snapshot becomes.

        Args:
            go_on: What the kernel does at once, the snapshot not.
        """
        wire = self._next_wire()
        if wire is None:
            return
        self._flush()
        mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
        with wire:
            descriptors = self._fork(wire, go_on)
        if descriptors is not None:
            self._thaw(descriptors)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _next_wire(self) -> socket.socket | None:
        with suppress(OSError):
            _, descriptors = _receive(self._control, socket.MSG_DONTWAIT)
            if descriptors:
                return socket.socket(fileno=descriptors[0])
        return None

    def _flush(self) -> None:
        """Wait until all output is out: a fork would copy what is still to be sent."""
        out = threading.Event()
        self._app.iopub_thread.schedule(out.set)
        out.wait(_FLUSH_SECONDS)

    def _fork(self, wire: socket.socket, go_on: Callable[[], None]) -> list[int] | None:
        try:
            passing = os.fork()
        except OSError:  # the cell left no room for a process: no snapshot then
            return None
        if passing:
            go_on()
            with suppress(ChildProcessError):
                os.waitpid(passing, 0)
            return None
        try:
            self._tell(wire)
            heard, told = os.pipe()
            if os.fork():
                os.close(told)
                os.read(heard, 1)  # the host may not see us gone before it can know the other
                os._exit(0)
            self._tell(wire)
            os.close(told)
            os.close(heard)
            return self._freeze(wire)
        except BaseException:
            os._exit(1)  # nothing inherited may run its destructor

    def _tell(self, wire: socket.socket) -> None:
        """Tell the host that this process holds the state."""
        os.setsid()  # a cell that signals its own group does not mean us
        wire.setblocking(True)
        wire.send(json.dumps({"cells": self._pauses.cells}).encode())

    def _freeze(self, wire: socket.socket) -> list[int]:
        """The snapshot: wait for the host, for ever; returns in a kernel with new sockets."""
        children = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self._control.close()
        self._app.sockets.leave()
        while True:
            message, descriptors = _receive(wire)
            if not message:
                os._exit(0)
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGCHLD, children or signal.SIG_DFL)
                return descriptors
            for descriptor in descriptors:
                os.close(descriptor)

    def _thaw(self, descriptors: Sequence[int]) -> None:
        """Go on as the kernel, on new sockets under the same shell."""
        try:
            self._app.hot_pages.forget_process()
            self._app.hot_pages.populate()
            control, *listeners, requests = descriptors
            self._control = socket.socket(fileno=control)
            self._app.sockets.renew(listeners)
            self._app.sockets.add(requests)
            self._caller.renew(requests)
            self._app.kernel.start()
            self._greet()
        except BaseException:
            os._exit(1)


def _receive(wire: socket.socket, flags: int = 0) -> tuple[bytes, list[int]]:
    """A message of the host and its descriptors (`socket.recv_fds` ignores flags)."""
    received = array.array("i")
    space = socket.CMSG_LEN(_HANDED * received.itemsize)
    message, ancillary, *_ = wire.recvmsg(_MESSAGE, space, flags | socket.MSG_CMSG_CLOEXEC)
    for _, _, data in ancillary:
        received.frombytes(data[: len(data) - len(data) % received.itemsize])
    return message, list(received)

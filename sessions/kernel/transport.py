"""The sockets and threads under a kernel: left behind by a fork, and put anew under a thawed one.

App, kernel, shell and streams stay. Magics, history, formatters and logging handlers hold these
objects, so they are changed in place.
"""

from __future__ import annotations

import asyncio
import collections
import io
import os
import socket
import stat
import threading
import uuid
import weakref
from asyncio import selector_events
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

import zmq
from tornado.ioloop import IOLoop

from .streams import CellStream

_FIRST = 3  # descriptor after the standard streams

# What the frozen process had open is closed, and the numbers are in use again: destructors of the
# old objects would close what is ours now, so they are never destroyed.
_KEPT: list[Any] = []
_executors: weakref.WeakSet[ThreadPoolExecutor] = weakref.WeakSet()


class App(Protocol):
    """What is done here with ipykernel's application, whose attributes it declares nowhere."""

    kernel: Any
    session: Any
    context: Any
    io_loop: Any
    displayhook: Any
    listeners: dict[int, int]
    streams: tuple[Any, Any]
    shell_socket: Any
    stdin_socket: Any
    control_socket: Any
    control_thread: Any
    iopub_socket: Any
    iopub_thread: Any

    def init_sockets(self) -> None:
        """Open sockets on the listeners."""

    def open_streams(self) -> None:
        """Serve the shell and control sockets."""


class Transport:
    """What an app was initialized on.

    Args:
        app: Initialized; all sockets and event loops that this process has belong to it.
        keep: Descriptors of sockets that do not.
    """

    def __init__(self, app: App, keep: Sequence[int] = ()) -> None:
        self._app = app
        self._ours = {d for d, kind in _descriptors() if _is_ours(kind)} - set(keep)
        self._addresses = _addresses(app)

    def leave(self) -> None:
        """Close what a fork has inherited, and at once.

        A connection held here would hide the kernel's death from the client. What the user has
        open stays.
        """
        connections = {d for d, kind in _descriptors() if stat.S_ISSOCK(kind)}
        accepted = {d for d in connections if _address(d) in self._addresses}
        for descriptor in self._ours | accepted:
            with suppress(OSError):
                os.close(descriptor)

    def add(self, descriptor: int) -> None:
        """Count a socket in that `leave` has to close too."""
        self._ours.add(descriptor)

    def renew(self, listeners: Sequence[int]) -> None:
        """Serve on new listening sockets, in the order of `CHANNELS`; after `leave`."""
        before = {d for d, _ in _descriptors()} - set(listeners)
        app, kernel = self._app, self._app.kernel
        _KEPT.append(_threaded(app))
        asyncio.set_event_loop(asyncio.new_event_loop())
        zmq.Context._instance = None
        app.listeners.clear()
        app.listeners.update(enumerate(listeners, 1))
        app.context = None
        app.session.pid = os.getpid()
        app.session.session = str(uuid.uuid4())
        app.init_sockets()
        app.io_loop = IOLoop.current()
        app.open_streams()
        kernel.shell_stream, kernel.control_stream = app.streams
        kernel.control_thread, kernel.stdin_socket = app.control_thread, app.stdin_socket
        kernel.iopub_thread, kernel.iopub_socket = app.iopub_thread, app.iopub_socket
        kernel._main_asyncio_lock = asyncio.Lock()
        kernel._aborting = False
        _reconnect(app)
        self._ours = {d for d, kind in _descriptors() if not stat.S_ISFIFO(kind)} - before
        self._addresses = _addresses(app)


def watch_executors() -> None:
    """Note thread pools as they are made: after a return their threads are gone."""
    plain = ThreadPoolExecutor.__init__

    def noted(self: ThreadPoolExecutor, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        _executors.add(self)

    ThreadPoolExecutor.__init__ = noted  # type: ignore[method-assign]  # no other hook


def send_plainly() -> None:
    """Let asyncio write by `send`: `sendmsg`, which could pass descriptors on, may be refused."""
    if hasattr(selector_events, "_HAS_SENDMSG"):  # Python 3.12
        selector_events._HAS_SENDMSG = False


def _threaded(app: App) -> tuple[Any, ...]:
    """Objects over descriptors of the process that this one is a copy of."""
    kernel = app.kernel
    started = (kernel.io_loop, kernel._control_lock) if hasattr(kernel, "io_loop") else ()
    return (
        *(app.context, app.shell_socket, app.stdin_socket, app.control_socket),
        *(app.iopub_socket, app.iopub_thread, app.control_thread, app.streams),
        *(kernel._main_asyncio_lock, *started),
    )


def _reconnect(app: App) -> None:
    """Let all that writes output write it to the new sockets."""
    kernel = app.kernel
    for shows in (app.displayhook, kernel.shell.displayhook, kernel.shell.display_pub):
        shows.pub_socket = app.iopub_socket
    for stream in (kernel._stdout, kernel._stderr):
        if isinstance(stream, CellStream):
            _reconnect_stream(stream, app)
    for executor in _executors:
        executor._threads = set()
        executor._idle_semaphore = threading.Semaphore(0)


def _reconnect_stream(stream: CellStream, app: App) -> None:
    stream.pub_thread = app.iopub_thread
    stream._io_loop = app.iopub_thread.io_loop
    stream._master_pid = os.getpid()
    stream._buffer_lock = threading.RLock()
    stream._buffers = collections.defaultdict(io.StringIO)
    stream._flush_pending = False
    stream.watch_again()


def _is_ours(kind: int) -> bool:
    """Whether a descriptor of a new process is the app's: a socket, or an anonymous inode (0)."""
    return stat.S_ISSOCK(kind) or not stat.S_IFMT(kind)


def _descriptors() -> Iterator[tuple[int, int]]:
    """Open descriptors with their file modes."""
    for descriptor in range(_FIRST, os.sysconf("SC_OPEN_MAX")):
        with suppress(OSError):
            yield descriptor, os.fstat(descriptor).st_mode


def _addresses(app: App) -> set[object]:
    return {_address(listener) for listener in app.listeners.values()}


def _address(descriptor: int) -> object:
    """What a socket is bound to; a value of its own if it is not bound, or of another kind."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
        if copy.family == socket.AF_UNIX and copy.getsockname():
            return copy.getsockname()
    return object()

"""New sockets and threads under a kernel that was thawed; app, kernel, shell and streams stay.

Magics, history, formatters and logging handlers hold these objects, so they are changed in place.
"""

from __future__ import annotations

import asyncio
import collections
import io
import os
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import zmq
from tornado.ioloop import IOLoop

from .streams import CellStream

if TYPE_CHECKING:
    from .app import GuardedApp

# What the frozen process had open is closed, and the numbers are in use again: destructors of the
# old objects would close what is ours now, so they are never destroyed.
_KEPT: list[Any] = []
_executors: weakref.WeakSet[ThreadPoolExecutor] = weakref.WeakSet()


def watch_executors() -> None:
    """Note thread pools as they are made: after a return their threads are gone."""
    plain = ThreadPoolExecutor.__init__

    def noted(self: ThreadPoolExecutor, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        _executors.add(self)

    ThreadPoolExecutor.__init__ = noted  # type: ignore[method-assign]  # no other hook


def renew(app: GuardedApp, listeners: Sequence[int]) -> None:
    """Serve the kernel on new listening sockets, in the order of `CHANNELS`."""
    kernel = app.kernel
    _keep(app)
    asyncio.set_event_loop(asyncio.new_event_loop())
    zmq.Context._instance = None
    app.listeners.clear()
    app.listeners.update(enumerate(listeners, 1))
    app.context = None
    app.session.pid = os.getpid()
    app.init_sockets()
    app.io_loop = IOLoop.current()
    app.open_streams()
    kernel.shell_stream, kernel.control_stream = app.streams
    kernel.control_thread, kernel.stdin_socket = app.control_thread, app.stdin_socket
    kernel.iopub_thread, kernel.iopub_socket = app.iopub_thread, app.iopub_socket
    kernel._main_asyncio_lock = asyncio.Lock()
    kernel._aborting = False
    for shows in (app.displayhook, kernel.shell.displayhook, kernel.shell.display_pub):
        shows.pub_socket = app.iopub_socket
    for stream in (kernel._stdout, kernel._stderr):
        if isinstance(stream, CellStream):
            _reconnect(stream, app)
    for executor in _executors:
        executor._threads = set()
        executor._idle_semaphore = threading.Semaphore(0)


def _keep(app: GuardedApp) -> None:
    kernel = app.kernel
    _KEPT.append(
        (
            *(app.context, app.shell_socket, app.stdin_socket, app.control_socket),
            *(app.iopub_socket, app.iopub_thread, app.control_thread, app.streams),
            *(kernel.io_loop, kernel.io_loop.asyncio_loop),
            *(kernel._main_asyncio_lock, kernel._control_lock),
        )
    )


def _reconnect(stream: CellStream, app: GuardedApp) -> None:
    stream.pub_thread = app.iopub_thread
    stream._io_loop = app.iopub_thread.io_loop
    stream._master_pid = os.getpid()
    stream._buffer_lock = threading.RLock()
    stream._buffers = collections.defaultdict(io.StringIO)
    stream._flush_pending = False
    stream.watch_again()

"""The guarded kernel: an ordinary ipykernel on sockets that were opened outside the sandbox.

ipykernel's private seams that are replaced here are held by `tests/sessions/test_contract.py`.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import zmq
from ipykernel.control import ControlThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets import Bool
from zmq.eventloop.zmqstream import ZMQStream

from . import inspection, spare_files
from .desk import Desk
from .guard import guarded
from .hot_pages import HotPages, Range
from .limits import limit_of
from .packing import pack
from .pauses import Pauses
from .streams import CellStream, Publisher
from .transport import Transport
from .values import plain

CHANNELS = ("shell", "iopub", "stdin", "control")
_LONGEST_ERROR = 100_000  # characters


class _Shell(ZMQInteractiveShell):
    """A shell that transforms a cell once, and keeps no history in a file."""

    display_page = Bool(True)  # what `df?` tells is output: nobody pages through it
    _transformed: tuple[str, str] | None = None

    def transform_cell(self, raw_cell: str) -> str:
        """Transform as IPython does; the kernel asks twice for each cell, and once is enough."""
        known, self._transformed = self._transformed, None
        if known is not None and known[0] is raw_cell:
            return known[1]
        self._transformed = (raw_cell, super().transform_cell(raw_cell))
        return self._transformed[1]

    def showtraceback(self, *arguments: Any, **options: Any) -> None:
        """Show it as IPython does, also if the cell has used up its descriptors."""
        with spare_files.lent():
            super().showtraceback(*arguments, **options)

    @contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Nothing: IPython would keep all that cells print, for as long as the kernel lives."""
        yield

    def init_history(self) -> None:
        """History in memory only: there is no file to keep it in."""
        self.config.HistoryManager.enabled = False
        super().init_history()


GuardedShell, hand_check = guarded(_Shell)


class _NoSubshells:
    """Stands for the absent subshell thread where ipykernel reads it without asking."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class GuardedKernel(IPythonKernel):
    """A kernel that tells more with each reply, and answers questions about its state."""

    shell_class = GuardedShell
    shell_channel_thread = _NoSubshells()
    _supports_kernel_subshells = False
    _execute_sleep = 0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._desk = Desk()
        self.pauses = Pauses()
        self.shell_handlers["agent_request"] = self.agent_request
        self.control_handlers["agent_notice"] = self.agent_notice
        self._notices: list[str] = []
        self._runs = False

    async def dispatch_shell(self, *arguments: Any, **options: Any) -> None:
        """Handle a request; what follows may be a pause."""
        self.pauses.begin_work()
        try:
            await super().dispatch_shell(*arguments, **options)
        finally:
            self.pauses.end_work()

    async def interrupt_request(self, *arguments: Any, **options: Any) -> None:
        """Interrupt the cell, also one that awaits: the signal alone does not wake the loop."""
        await super().interrupt_request(*arguments, **options)
        self.io_loop.add_callback(lambda: None)

    async def do_execute(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Run a cell; the reply also carries its value as plain data and the limit it met."""
        self._runs = True
        self._show_notices()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, CellStream):
                stream.renew()
        self.iopub_thread.too_large = False
        self.pauses.cells += 1
        self.pauses.changed = True
        try:
            reply: dict[str, Any] = await super().do_execute(*arguments, **options)
        finally:
            assert self.session is not None
            if os.getpid() != self.session.pid:  # a fork of the cell's must not serve, too:
                os._exit(0)  # it would take what is sent to the kernel
        self._runs = False
        if reply["status"] == "error":
            reply["evalue"] = reply["evalue"][:_LONGEST_ERROR]
            reply["traceback"] = [line[:_LONGEST_ERROR] for line in reply["traceback"]]
        reply["agent"] = self._more()
        return reply

    def run_nothing(self) -> None:
        """Run a cell that leaves no trace, so that the next one finds its memory copied."""
        shell = self.shell
        assert shell is not None
        shell.run_cell("None", silent=True, store_history=False)
        shell.last_execution_result = None

    async def agent_notice(self, stream: Any, ident: Any, parent: Mapping[str, Any]) -> None:
        """Show a line of the host below the running cell, or else the next; in another thread."""
        self._notices.append(f"agent: {parent['content']['text']}\n")
        if self._runs:
            self._show_notices()
        assert self.session is not None
        told = {"status": "ok"}
        self.session.send(stream, "agent_notice_reply", told, dict(parent), ident=ident)

    def _show_notices(self) -> None:
        assert self.session is not None
        while self._notices:
            content = {"name": "stderr", "text": self._notices.pop(0)}
            cell = self.get_parent("shell")
            self.session.send(self.iopub_socket, "stream", content, cell, ident=b"stream.stderr")

    def _more(self) -> dict[str, Any]:
        shell = self.shell
        assert shell is not None
        result = shell.last_execution_result
        error = result.error_in_exec if result else None
        more: dict[str, Any] = {
            "limit": "output" if self.iopub_thread.too_large else limit_of(error),
            "names": inspection.names(shell.user_ns, shell.user_ns_hidden),
        }
        try:
            more["value"] = plain(result.result) if result else None
        except Exception:  # objects of the user may do anything when they are looked at
            more["value"] = None
        return more

    async def agent_request(self, stream: Any, ident: Any, parent: Mapping[str, Any]) -> None:
        """Answer a question of the host about the state, or pass values on; see `Desk`."""
        shell, buffers = self.shell, []
        assert shell is not None
        asked, pieces = parent["content"], parent["buffers"]
        self.pauses.changed |= asked.get("ask") in ("push", "load", "tidy")
        try:
            found = self._desk.answer(asked, pieces, shell.user_ns, shell.user_ns_hidden)
            content, buffers = {"status": "ok", "answer": found[0]}, list(found[1])
            if "cells" in asked:
                self.pauses.cells = asked["cells"]
        except Exception as error:
            told = str(error)[:_LONGEST_ERROR]
            content = {"status": "error", "ename": type(error).__name__, "evalue": told}
        assert self.session is not None
        self.session.send(
            stream, "agent_reply", content, dict(parent), ident=ident, buffers=buffers
        )


class GuardedApp(IPKernelApp):
    """Starts the kernel on listening sockets it is given, with nothing it does not need."""

    listeners: dict[int, int]
    key: bytes
    streams: tuple[ZMQStream, ZMQStream]
    sockets: Transport
    hot_pages: HotPages
    cell_pages: Sequence[Range] = ()

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """None: a kernel is the same whatever lies on this machine."""

    def init_connection_file(self) -> None:
        """There is no connection file inside: the key comes with the settings."""
        self.session.pack = pack
        if self.key:
            self.session.key = self.key

    def init_heartbeat(self) -> None:
        """None: the host watches the process itself."""

    def write_connection_file(self, **_: Any) -> None:
        """None, see `init_connection_file`."""

    def log_connection_info(self) -> None:
        """Nothing to tell."""
        self._ports = {}

    def init_crash_handler(self) -> None:
        """Leave `sys.excepthook` alone."""

    def _try_bind_socket(self, socket: Any, port: int) -> int:
        socket.setsockopt(zmq.USE_FD, self.listeners[port])
        socket.bind(f"ipc:///unused-{port}")
        return port

    def init_control(self, context: Any) -> None:
        """The control channel without debugger sockets, which would connect from inside."""
        self.control_socket = context.socket(zmq.ROUTER)
        self.control_socket.linger = 1000
        self.control_socket.router_handover = 1
        self._bind_socket(self.control_socket, self.control_port)
        self.control_thread = ControlThread(daemon=True)

    def init_iopub(self, context: Any) -> None:
        """The output channel without a TCP pipe for children, and without a limit on its queue."""
        socket = context.socket(zmq.XPUB)
        socket.linger = 1000
        socket.sndhwm = 0  # what waits here counts against the kernel's memory, and nothing is lost
        self._bind_socket(socket, self.iopub_port)
        self.iopub_thread = Publisher(socket, pipe=False, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_kernel(self) -> None:
        """The kernel on the shell and control channels."""
        self.open_streams()
        shell, control = self.streams
        self.log.setLevel(logging.ERROR)
        self.kernel = GuardedKernel.instance(
            parent=self,
            session=self.session,
            control_stream=control,
            shell_stream=shell,
            control_thread=self.control_thread,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            stdin_socket=self.stdin_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        kernel = self.kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def open_streams(self) -> None:
        """Serve the shell and control sockets, the latter in its thread."""
        control = ZMQStream(self.control_socket, self.control_thread.io_loop)
        self.control_thread.start()
        self.streams = (ZMQStream(self.shell_socket), control)

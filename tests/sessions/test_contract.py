"""The private seams of ipykernel and IPython that the guarded kernel replaces or relies on.

A new release that moves one of them fails here, by name, rather than as a kernel that hangs.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from IPython.core.interactiveshell import InteractiveShell


def test_the_release_is_the_one_that_was_read() -> None:
    assert version("ipykernel").startswith("7.4.")


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (IPKernelApp, "_try_bind_socket", ["self", "s", "port"]),
        (IPKernelApp, "_bind_socket", ["self", "s", "port"]),
        (IPKernelApp, "init_connection_file", ["self"]),
        (IPKernelApp, "init_control", ["self", "context"]),
        (IPKernelApp, "init_iopub", ["self", "context"]),
        (IPKernelApp, "init_heartbeat", ["self"]),
        (IPKernelApp, "init_kernel", ["self"]),
        (IOPubThread, "_really_send", ["self", "msg", "args", "kwargs"]),
        (OutStream, "_flush", ["self"]),
        (OutStream, "write", ["self", "string"]),
        (InteractiveShell, "transform_ast", ["self", "node"]),
        (InteractiveShell, "init_history", ["self"]),
        (InteractiveShell, "_tee", ["self", "channel"]),
    ],
)
def test_methods_have_the_shape_we_override(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        (IPKernelApp.init_sockets, "self.init_iopub(context)"),
        (IPKernelApp.initialize, "self.init_sockets()"),
        (IPythonKernel.do_execute, "self.shell_channel_thread.parent_thread"),
        (Kernel.execute_request, "self._execute_sleep"),
        (Kernel.__init__, "self.shell_handlers"),
        (OutStream.write, "self._schedule_flush()"),
        (OutStream._schedule_flush, "self._flush_pending = True"),
        (OutStream._flush_buffers, "self._rotate_buffers()"),
        (IPythonKernel.do_execute, "shell.transform_cell(code)"),
        (InteractiveShell.run_cell_async, "self.transform_ast(code_ast)"),
        (InteractiveShell.run_cell, "self._tee(channel="),
        (OutStream._setup_stream_redirects, "self._original_stdstream_fd"),
        (IOPubThread._setup_xpub_listener, "self._handle_subscription"),
    ],
)
def test_sources_still_use_what_we_rely_on(owner: object, text: str) -> None:
    assert text in inspect.getsource(owner)  # type: ignore[arg-type]

"""A warm parent: imports once what kernels need, then forks a sandbox in a few milliseconds.

It stays single-threaded, because a fork copies only the thread that asks for it; opens no event
loop and no ZeroMQ context; and ends with its owner, whose end of the control socket it reads.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

from .launch import Launch, stand_by
from .syscalls import die_with_parent

_MESSAGE = 65_536
_DESCRIPTORS = 8
_PAUSE = 0.05  # seconds without a request, after which nobody is kept waiting by another fork

# Imported by a kernel while it starts or runs its first cells; found by comparing `sys.modules`.
_KERNEL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.codeutil",
    "ipykernel.pickleutil",
    "jedi",
    "pdb",
    "sqlite3",
)


def serve(control: int) -> NoReturn:
    """Warm up, say so, then fork a sandbox for each message until the owner is gone.

    Args:
        control: Socket (SOCK_SEQPACKET). The first message names what to import: `packages`
            (directories to import from) and `preload` (modules); and a `directory` to make for a
            while. Each later one brings the descriptors of a sandbox, says whether it is a `usual`
            one, and is answered with the process id and a descriptor of it.
    """
    owner = socket.socket(fileno=control)
    wanted = json.loads(owner.recv(_MESSAGE))
    _warm(wanted["packages"], wanted["preload"])
    _become_template(owner, wanted["directory"])
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- their number is all we need
    owner.send(json.dumps({"threads": threads}).encode())
    if threads != 1:
        os._exit(1)
    spare: _Spare | None = None
    while True:
        if spare is None and not select.select([owner], [], [], _PAUSE)[0]:
            spare = _Spare(owner)
        message, descriptors, *_ = socket.recv_fds(owner, _MESSAGE, _DESCRIPTORS)
        if not message:
            _end(spare)
        pid = 0
        if spare and message == b"usual":
            pid, spare = spare.hand(descriptors), None
        pid = pid or _fork(owner, spare, descriptors)
        _answer(owner, pid, descriptors)
        _take_in_the_ended()


def _warm(packages: Sequence[str], preload: Sequence[str]) -> None:
    sys.path += [path for path in packages if path not in sys.path]
    app = importlib.import_module("_agent_kernel.serving")
    for name in (*_KERNEL, *preload):
        with contextlib.suppress(ImportError):  # what is not installed is not needed
            importlib.import_module(name)
    app.rehearse()


def _become_template(owner: socket.socket, directory: str) -> None:
    """Go on in a copy with a kernel made ahead; the process that it was waits and ends with it."""
    origin = os.getpid()
    serving = importlib.import_module("_agent_kernel.serving")
    if copy := serving.become_template(owner.fileno(), directory):
        owner.close()
        os.waitpid(copy, 0)
        os._exit(0)
    die_with_parent()
    if os.getppid() != origin:
        os._exit(0)


class _Spare:
    """A launcher that was forked before anybody asked for a sandbox."""

    def __init__(self, owner: socket.socket) -> None:
        self._mailbox, inside = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            self._mailbox.close()
            _stand_alone(owner)
            stand_by(inside)
        inside.close()

    def hand(self, descriptors: Sequence[int]) -> int:
        """Let it launch a sandbox; its process id, or 0 if it is gone."""
        with self._mailbox, contextlib.suppress(OSError):
            socket.send_fds(self._mailbox, [b"x"], descriptors)
            return self._pid
        return 0

    def leave(self) -> None:
        """Let go of it, in another fork."""
        self._mailbox.close()

    def end(self) -> None:
        """Tell it that it is not wanted, and wait until it has cleaned up."""
        self._mailbox.close()
        os.waitpid(self._pid, 0)


def _end(spare: _Spare | None) -> NoReturn:
    if spare:
        with contextlib.suppress(ChildProcessError):
            spare.end()
    _take_in_the_ended()
    os._exit(0)


def _fork(owner: socket.socket, spare: _Spare | None, descriptors: Sequence[int]) -> int:
    pid = os.fork()
    if pid == 0:
        if spare:
            spare.leave()
        _stand_alone(owner)
        alive, report, control, *listeners = descriptors
        Launch(alive, report, control, listeners).run()
    return pid


def _stand_alone(owner: socket.socket) -> None:
    """Make a fork of this process a launcher."""
    owner.close()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _reseed()


def _answer(owner: socket.socket, pid: int, descriptors: Sequence[int]) -> None:
    process = os.pidfd_open(pid)
    socket.send_fds(owner, [str(pid).encode()], [process])
    for descriptor in (process, *descriptors):
        os.close(descriptor)


def _reseed() -> None:
    """Give a child random numbers of its own."""
    random.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


def _take_in_the_ended() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue

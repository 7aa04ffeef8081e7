"""One frozen copy of a kernel, and the wires that lead to such copies.

What is inside may send anything: the sender of a message is known by the operating system, and no
descriptor is taken from inside.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sessions.polling import readable
from sessions.usage import descendants

_MESSAGE = 64  # bytes
_RIGHTS = 253  # descriptors a message can carry
_SO_PASSPIDFD, _SCM_PIDFD = 76, 4  # Linux 6.5


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A frozen process.

    Attributes:
        cells: Number of its state, that is of the cells and pushes that led to it, as it says.
        process: Descriptor of it.
        pid: Its process id; holds as long as `process` is not readable.
        size: Resident bytes when it was taken.
        wire: Wakes it with a message, ends it when closed.
        passes: Whether it is about to hand the state on to a process that can be thawed, which
            will say so on the same wire before this one ends.
    """

    cells: int
    process: int
    pid: int
    size: int
    wire: socket.socket
    passes: bool = True

    @property
    def lives(self) -> bool:
        """Whether it could still be thawed."""
        return not readable(self.process, 0) or (self.passes and has_message(self.wire))

    @property
    def pids(self) -> set[int]:
        """Its process, and the one that it may just be handing the state to."""
        return {self.pid, *(descendants(self.pid) if self.passes else ())}

    def end(self) -> None:
        """End it, whether it listens or not."""
        send_signal(self.process, signal.SIGKILL)
        os.close(self.process)
        self.wire.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Our end, which learns who sends, and the one that goes inside."""
    ours, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        ours.setsockopt(socket.SOL_SOCKET, _SO_PASSPIDFD, 1)
    except OSError:
        ours.close()
        inside.close()
        raise
    ours.setblocking(False)
    return ours, inside


def has_message(wire: socket.socket) -> bool:
    """Whether there is something to receive, not only an end."""
    try:
        return bool(wire.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False


def receive(wire: socket.socket) -> tuple[bytes, int]:
    """A message and a descriptor of its sender, -1 if there is none; others are closed."""
    space = socket.CMSG_SPACE(4 * _RIGHTS) + 4 * socket.CMSG_SPACE(16)
    process = -1
    try:
        message, ancillary, *_ = wire.recvmsg(_MESSAGE, space, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return b"", -1
    for level, kind, data in ancillary:
        if level != socket.SOL_SOCKET or kind not in (socket.SCM_RIGHTS, _SCM_PIDFD):
            continue
        received = struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4])
        if kind == _SCM_PIDFD and message:
            process = received[0]
            continue
        for descriptor in received:
            if descriptor >= 0:
                os.close(descriptor)
    return message, process


def pid_of(process: int) -> int:
    """Process id behind a descriptor; not positive if it has ended."""
    for line in Path(f"/proc/self/fdinfo/{process}").read_text().splitlines():
        if line.startswith("Pid:"):
            return max(int(line.split()[1]), 0)
    return 0


def send_signal(process: int, number: int) -> None:
    """Signal the process behind a descriptor, if it has not ended."""
    with suppress(OSError):
        signal.pidfd_send_signal(process, number)

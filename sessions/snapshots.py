"""Frozen copies of a kernel, seen from the host: kept, thinned, thawed, ended.

What is inside may send anything: a message only ever says of which state a snapshot is, the sender
is known by the operating system, and no descriptor is taken from inside.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sessions.isolation.victims import prefer_as_victim, spare
from sessions.polling import readable
from sessions.sweep import swept
from sessions.usage import descendants, proportional, resident

KEPT = 8
_NEWEST = 5  # never thinned out
_WIRES = 6  # sent ahead, each for one snapshot; a kernel that has none takes none
_MESSAGE = 64  # bytes
_RIGHTS = 253  # descriptors a message can carry
_SECONDS = 5.0  # for the kernel to end, to be swept after, and to come back
_SO_PASSPIDFD, _SCM_PIDFD = 76, 4  # Linux 6.5


def possible() -> bool:
    """Whether this system tells who sent a message, so that nobody can pass for another process."""
    try:
        for end in _pair():
            end.close()
    except (OSError, AttributeError):
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A frozen process.

    Attributes:
        cells: Number of its state, that is of the cells and pushes that led to it, as it says.
        process: Descriptor of it.
        pid: Its process id; holds as long as `process` is not readable.
        size: Resident bytes when it was taken.
        wire: Wakes it with a message, ends it when closed.
    """

    cells: int
    process: int
    pid: int
    size: int
    wire: socket.socket

    @property
    def lives(self) -> bool:
        """Whether it could still be thawed."""
        return not readable(self.process, 0)

    def end(self) -> None:
        """End it, whether it listens or not."""
        _signal(self.process, signal.SIGKILL)
        os.close(self.process)
        self.wire.close()


class Snapshots:
    """The kernel of one sandbox and its snapshots.

    Args:
        memory: Bytes that all snapshots may use together.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._control, self.inside = _pair()
        self._kept: list[Snapshot] = []
        self._wires: list[socket.socket] = []
        self._superseded: set[int] = set()
        self._keepers: set[int] = set()
        self._launcher = 0
        self.kernel = -1
        self._send_wires()  # there before the kernel is, which may pause before we know of it

    def begin(self, launcher: int) -> bool:
        """The kernel is up; whether it can be told from other processes."""
        self.inside.close()
        self._launcher = launcher
        self._keepers = set(list(descendants(launcher))[:1])  # init
        return self._meet_kernel()

    @property
    def kernel_ended(self) -> bool:
        """Whether the kernel of the moment has ended."""
        return readable(self.kernel, 0)

    def interrupt_kernel(self) -> None:
        """Interrupt the kernel of the moment by a signal, which needs no thread to receive it."""
        _signal(self.kernel, signal.SIGINT)

    def kill_kernel(self) -> None:
        """End the kernel of the moment, and nothing else."""
        _signal(self.kernel, signal.SIGKILL)

    def states(self) -> list[int]:
        """States of which there is a snapshot, ascending."""
        self.take_in()
        return [snapshot.cells for snapshot in self._kept if snapshot.lives]

    def has(self, cells: int) -> bool:
        """Whether a state that `states` told of is still there; lets go of none meanwhile."""
        return any(snapshot.cells == cells and snapshot.lives for snapshot in self._kept)

    def supersede(self, cells: int) -> None:
        """Keep the snapshot of a state no longer than until there is one of the next.

        Nobody goes back to between a cell and values that were pushed after it: many pushes would
        cost as many of the states before them.
        """
        self._superseded.add(cells)

    def spared(self) -> Mapping[int, int]:
        """Process id of each snapshot → bytes that are not the running cell's."""
        self.take_in()
        return {snapshot.pid: snapshot.size for snapshot in self._kept if snapshot.lives}

    def take_in(self) -> None:
        """Note the snapshots that were taken since, and let go of superfluous ones."""
        before = len(self._wires)
        self._admit_waiting()
        if len(self._wires) < before:
            self._thin()
        self._send_wires()

    def restore(self, cells: int, listeners: Sequence[int]) -> bool:
        """Make the snapshot of a state the kernel, in place of the one there is.

        Blocks for some 20 ms, 12 s at most. Later snapshots are gone afterwards.

        Returns:
            Whether it worked; the sandbox is of no more use if not.
        """
        self._admit_waiting()  # and thin nothing out, which could be the very one
        self.kill_kernel()
        if not readable(self.kernel, _SECONDS):
            return False
        self._forget(cells)
        if not (self._kept and self._kept[-1].cells == cells and self._nothing_else_runs()):
            return False
        self._control.close()
        os.close(self.kernel)
        self.kernel = -1
        return self._thaw(self._kept[-1], listeners) and self._meet_kernel()

    def sweep(self) -> bool:
        """End all that is neither kernel nor snapshot; whether nothing else is left."""
        return self._nothing_else_runs(self._pid_of_kernel())

    def close(self) -> None:
        """Let go of everything; may be called again."""
        self._forget(-1)
        self._control.close()
        self.inside.close()
        if self.kernel >= 0:
            os.close(self.kernel)
            self.kernel = -1

    def _admit_waiting(self) -> None:
        for wire in [wire for wire in self._wires if readable(wire, 0)]:
            self._wires.remove(wire)
            self._admit(wire)

    def _admit(self, wire: socket.socket) -> None:
        message, process = _receive(wire)
        try:
            cells = json.loads(message)["cells"]
            if process < 0 or not isinstance(cells, int) or cells < 0:
                raise ValueError
            if not (pid := _pid(process)) or pid == self._pid_of_kernel():
                raise ValueError  # it has ended; or a cell of the kernel poses as a snapshot
            size = resident(pid)
            spare(pid)
        except (ValueError, TypeError, KeyError, RecursionError, OSError):
            wire.close()
            if process >= 0:
                os.close(process)
            return
        self._drop([s for s in self._kept if s.cells >= cells])  # the same state, or a past one
        self._kept.append(Snapshot(cells=cells, process=process, pid=pid, size=size, wire=wire))

    def _pid_of_kernel(self) -> int:
        return _pid(self.kernel) if self.kernel >= 0 else 0

    def _thin(self) -> None:
        self._drop([s for s in self._kept if not s.lives])
        there = {s.cells for s in self._kept}
        self._drop([s for s in self._kept if s.cells in self._superseded and s.cells + 1 in there])
        while len(self._kept) > KEPT:
            states = [snapshot.cells for snapshot in self._kept]
            self._drop([self._kept[_superfluous(states, self._superseded)]])
        while sum(s.size for s in self._kept) > self._memory and self._really_used() > self._memory:
            self._drop(self._kept[:1])

    def _really_used(self) -> int:
        return sum(proportional(s.pid) for s in self._kept)

    def _drop(self, snapshots: Sequence[Snapshot]) -> None:
        for snapshot in snapshots:
            self._kept.remove(snapshot)
            snapshot.end()

    def _forget(self, cells: int) -> None:
        """Let go of snapshots of later states, and of those still to come."""
        self._drop([s for s in self._kept if s.cells > cells or not s.lives])
        self._superseded = {state for state in self._superseded if state < cells}
        while self._wires:
            self._wires.pop().close()

    def _send_wires(self) -> None:
        while len(self._wires) < _WIRES:
            wire, inside = _pair()
            try:
                socket.send_fds(self._control, [b"wire"], [inside.fileno()])
            except OSError:  # the kernel has ended, or does not read
                wire.close()
                return
            finally:
                inside.close()
            self._wires.append(wire)

    def _nothing_else_runs(self, *kernel: int) -> bool:
        """End what cells left running; whether nothing but snapshots and that kernel is left."""

        def known() -> set[int]:
            return {*self._keepers, *kernel, *(s.pid for s in self._kept if s.lives)}

        return swept(self._launcher, known)

    def _thaw(self, snapshot: Snapshot, listeners: Sequence[int]) -> bool:
        self._control, inside = _pair()
        self._send_wires()
        with inside:
            _signal(snapshot.process, signal.SIGCONT)  # a cell may have stopped it
            try:
                socket.send_fds(snapshot.wire, [b"thaw"], [inside.fileno(), *listeners])
            except OSError:
                return False
        return True

    def _meet_kernel(self) -> bool:
        """Wait until the kernel greets, and keep hold of its process."""
        if readable(self._control, _SECONDS):
            _, self.kernel = _receive(self._control)
        if self.kernel < 0:
            return False
        prefer_as_victim(_pid(self.kernel))
        return True


def _pair() -> tuple[socket.socket, socket.socket]:
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


def _receive(wire: socket.socket) -> tuple[bytes, int]:
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


def _superfluous(states: Sequence[int], before_pushes: Collection[int] = ()) -> int:
    """Which snapshot to let go of: one of the older whose neighbours are closest.

    If possible it is one that another can stand in for: cells can be run again from an earlier
    state, but values can't be pushed again.
    """

    def cost(i: int) -> tuple[bool, int]:
        after_push = any(states[i - 1] <= state < states[i] for state in before_pushes)
        return after_push, states[i + 1] - states[i - 1]

    return min(range(1, len(states) - _NEWEST), key=cost)


def _pid(process: int) -> int:
    """Process id behind a descriptor; not positive if it has ended."""
    for line in Path(f"/proc/self/fdinfo/{process}").read_text().splitlines():
        if line.startswith("Pid:"):
            return max(int(line.split()[1]), 0)
    return 0


def _signal(process: int, number: int) -> None:
    with suppress(OSError):
        signal.pidfd_send_signal(process, number)

"""Frozen copies of a kernel, seen from the host: kept, thinned, thawed, ended.

What is inside may send anything: a message only ever says of which state a snapshot is, the sender
is known by the operating system, and no descriptor is taken from inside.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sessions.frozen import Snapshot, pair, pid_of, receive, send_signal
from sessions.isolation.victims import prefer_as_victim, spare
from sessions.polling import readable
from sessions.sweep import swept
from sessions.usage import descendants, proportional, resident

KEPT = 8
_NEWEST = 5  # never thinned out
_WIRES = 6  # sent ahead, each for one snapshot; a kernel that has none takes none
_SECONDS = 5.0  # for the kernel to end, to be swept after, and to come back


def possible() -> bool:
    """Whether this system tells who sent a message, so that nobody can pass for another process."""
    try:
        for end in pair():
            end.close()
    except (OSError, AttributeError):
        return False
    return True


class Snapshots:
    """The kernel of one sandbox and its snapshots.

    Args:
        memory: Bytes that all snapshots may use together.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._control, self.inside = pair()
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
        send_signal(self.kernel, signal.SIGINT)

    def kill_kernel(self) -> None:
        """End the kernel of the moment, and nothing else."""
        send_signal(self.kernel, signal.SIGKILL)

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
        return {pid: s.size for s in self._kept if s.lives for pid in s.pids}

    def take_in(self) -> None:
        """Note the snapshots that were taken since, and let go of superfluous ones."""
        before = len(self._wires)
        self._admit_waiting()
        if len(self._wires) < before:
            self._thin()
        self._send_wires()

    def restore(self, cells: int, listeners: Sequence[int]) -> bool:
        """Make the snapshot of a state the kernel, in place of the one there is.

        Blocks for some 20 ms, 17 s at most. Later snapshots are gone afterwards.

        Returns:
            Whether it worked; the sandbox is of no more use if not.
        """
        self._admit_waiting()  # and thin nothing out, which could be the very one
        self.kill_kernel()
        if not readable(self.kernel, _SECONDS):
            return False
        self._forget(cells)
        if not (self._was_handed_on(cells) and self._nothing_else_runs()):
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
        self._follow()

    def _admit(self, wire: socket.socket) -> None:
        # The first to say so may have handed it on and ended since; then the second has said so.
        snapshot = self._heard(wire, passes=True) or self._heard(wire, passes=False)
        if snapshot is None:
            wire.close()
            return
        self._drop([s for s in self._kept if s.cells >= snapshot.cells])
        self._kept.append(snapshot)

    def _heard(self, wire: socket.socket, *, passes: bool) -> Snapshot | None:
        """Who says on a wire that it holds a state; None if nobody does who may."""
        message, process = receive(wire)
        try:
            cells = json.loads(message)["cells"]
            if process < 0 or not isinstance(cells, int) or cells < 0:
                raise ValueError
            if not (pid := pid_of(process)) or pid == self._pid_of_kernel():
                raise ValueError  # it has ended; or a cell of the kernel poses as a snapshot
            size = resident(pid)
            spare(pid)
        except (ValueError, TypeError, KeyError, RecursionError, OSError):
            if process >= 0:
                os.close(process)
            return None
        return Snapshot(cells=cells, process=process, pid=pid, size=size, wire=wire, passes=passes)

    def _follow(self) -> None:
        """Note to whom states were handed on."""
        for before in [s for s in self._kept if s.passes and readable(s.wire, 0)]:
            after = self._heard(before.wire, passes=False)
            if after is None:
                self._drop([before])
                continue
            os.close(before.process)
            self._kept[self._kept.index(before)] = replace(after, cells=before.cells)

    def _was_handed_on(self, cells: int) -> bool:
        """Wait until the newest state is in a process that can be thawed; whether it is that."""
        newest = self._kept[-1:]
        if newest and newest[0].passes:
            readable(newest[0].wire, _SECONDS)
            self._follow()
        return [(s.cells, s.passes) for s in self._kept[-1:]] == [(cells, False)]

    def _pid_of_kernel(self) -> int:
        return pid_of(self.kernel) if self.kernel >= 0 else 0

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
            wire, inside = pair()
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
            self._follow()
            frozen = (s.pids for s in self._kept if s.lives)
            return self._keepers.union(kernel, *frozen)

        return swept(self._launcher, known)

    def _thaw(self, snapshot: Snapshot, listeners: Sequence[int]) -> bool:
        self._control, inside = pair()
        self._send_wires()
        with inside:
            send_signal(snapshot.process, signal.SIGCONT)  # a cell may have stopped it
            try:
                socket.send_fds(snapshot.wire, [b"thaw"], [inside.fileno(), *listeners])
            except OSError:
                return False
        return True

    def _meet_kernel(self) -> bool:
        """Wait until the kernel greets, and keep hold of its process."""
        if readable(self._control, _SECONDS):
            _, self.kernel = receive(self._control)
        if self.kernel < 0:
            return False
        prefer_as_victim(pid_of(self.kernel))
        return True


def _superfluous(states: Sequence[int], before_pushes: Collection[int] = ()) -> int:
    """Which snapshot to let go of: one of the older whose neighbours are closest.

    If possible it is one that another can stand in for: cells can be run again from an earlier
    state, but values can't be pushed again.
    """

    def cost(i: int) -> tuple[bool, int]:
        after_push = any(states[i - 1] <= state < states[i] for state in before_pushes)
        return after_push, states[i + 1] - states[i - 1]

    return min(range(1, len(states) - _NEWEST), key=cost)

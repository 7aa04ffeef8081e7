"""A launcher's first steps, taken before anybody has asked for a sandbox.

Most of what a start takes is not about what is wanted: forks of a large process, an id map, a
control group and the way into it, empty namespaces. All of that can stand ready, for one sandbox.

```
launcher ── gate, in its namespaces and its control group
      waits      waits
```
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn, Self

from .admission import Admission
from .identity import Identity, claimed, explained, own
from .namespaced import Namespaced, leave_the_host, refusal
from .spec import Spec
from .walls import Walls

_MOST_DESCRIPTORS = 8

OpenGate = Callable[[Walls, Sequence[int]], NoReturn]
"""Goes on as the gate of a sandbox, with its walls and the launcher's descriptors."""


class Ahead:
    """A user, a control group and a gate that waits, for a sandbox like most."""

    def __init__(self, identity: Identity, open_gate: OpenGate, mailbox: socket.socket) -> None:
        self._identity = identity
        self._admission = Admission()
        self._orders, inside = socket.socketpair()
        if (gate := os.fork()) == 0:
            self._orders.close()
            mailbox.close()
            self._stand_by(inside, open_gate)
        self._gate = gate
        inside.close()

    @classmethod
    def prepare(cls, open_gate: OpenGate, mailbox: socket.socket) -> Self | None:
        """Take those steps; None if they can't be taken here. In the launcher.

        Args:
            open_gate: What the gate does when its order has come.
            mailbox: A socket of the launcher's that is not for the gate.
        """
        try:
            identity = _presumed()
        except OSError:
            return None
        if identity is None:
            return None
        ahead = cls(identity, open_gate, mailbox)
        if ahead._orders.recv(1):
            ahead._admission.admit(ahead._gate)
            return ahead
        ahead.give_up()
        return None

    def suits(self, spec: Spec) -> bool:
        """Whether a sandbox can be made of it. In the launcher."""
        wanted = spec.isolated and spec.mode == "strongest"
        return wanted and self._identity.fits(spec.workspace)

    def walls(self, spec: Spec) -> Walls:
        """The walls of the sandbox, as far as they stand. In the launcher and in the gate."""
        why = explained(self._identity)
        enclosure = Namespaced(spec, self._identity, why, entered=True)
        return Walls(spec, enclosure, self._admission)

    def hand_on(self, spec_json: str, descriptors: Sequence[int]) -> int:
        """Let the gate go on; returns its process id. In the launcher.

        Raises:
            OSError: If it is gone.
        """
        with self._orders:
            socket.send_fds(self._orders, [b"x"], descriptors)
            self._orders.sendall(spec_json.encode())
        return self._gate

    def give_up(self) -> None:
        """Undo it all. In the launcher."""
        self._orders.close()
        with suppress(ProcessLookupError):
            os.kill(self._gate, signal.SIGKILL)
        os.waitpid(self._gate, 0)
        self._admission.abandon()
        self._identity.close()

    def _stand_by(self, orders: socket.socket, open_gate: OpenGate) -> NoReturn:
        """The gate."""
        try:
            leave_the_host(self._identity)
            orders.send(b"y")
            descriptors = socket.recv_fds(orders, 1, _MOST_DESCRIPTORS)[1]
            with orders.makefile() as text:
                spec_json = text.read()
            orders.close()
            if descriptors:
                open_gate(self.walls(Spec.from_json(spec_json)), descriptors)
        finally:
            os._exit(1)


def _presumed() -> Identity | None:
    """Whom the next sandbox will run as, if it is an ordinary one; None if it will not be.

    Raises:
        OSError: If a sandbox of that kind can't be had.
    """
    if os.geteuid() == 0:
        identity = claimed()
        identity.owner_map(os.geteuid(), os.getegid())
        return identity
    identity, _ = own()
    return None if refusal(identity, tempfile.gettempdir()) else identity

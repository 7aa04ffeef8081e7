"""A launcher's first steps, taken before anybody has asked for a sandbox.

Most of what a start takes is not about what is wanted: forks of a large process, an id map, a
control group and the way into it, empty namespaces. All of that can stand ready, for one sandbox.

```
launcher ── init, in its namespaces and its control group
  waits       waits
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
from .namespaced import Namespaced, leave_the_host, refusal, set_apart
from .spec import Spec
from .syscalls import children_back_in
from .walls import Walls

_MOST_DESCRIPTORS = 8

GoOn = Callable[[Walls, Sequence[int]], NoReturn]
"""Goes on as the first process of a sandbox, with its walls and the launcher's descriptors."""


class Ahead:
    """A user, a control group and a first process that waits, for a sandbox like most."""

    def __init__(self, identity: Identity, go_on: GoOn, mailbox: socket.socket) -> None:
        self._identity = identity
        self._admission = Admission()
        self._orders, inside = socket.socketpair()
        self._before = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        set_apart(identity)
        if (init := os.fork()) == 0:
            for not_for_init in (self._orders, mailbox):
                not_for_init.close()
            os.close(self._before)
            self._stand_by(inside, go_on)
        self._init = init
        inside.close()

    @classmethod
    def prepare(cls, go_on: GoOn, mailbox: socket.socket) -> Self | None:
        """Take those steps; None if they can't be taken here. In the launcher.

        Args:
            go_on: What init does when its order has come.
            mailbox: A socket of the launcher's that is not for init.
        """
        try:
            identity = _presumed()
        except OSError:
            return None
        if identity is None:
            return None
        ahead = cls(identity, go_on, mailbox)
        if ahead._orders.recv(1):
            ahead._admission.admit(ahead._init)
            return ahead
        ahead.give_up()
        return None

    def suits(self, spec: Spec) -> bool:
        """Whether a sandbox can be made of it. In the launcher."""
        return spec.is_usual and self._identity.fits(spec.workspace)

    def walls(self, spec: Spec) -> Walls:
        """The walls of the sandbox, as far as they stand. In the launcher and in init."""
        why = explained(self._identity)
        enclosure = Namespaced(spec, self._identity, why, entered=True)
        return Walls(spec, enclosure, self._admission)

    def hand_on(self, spec_json: str, descriptors: Sequence[int]) -> int:
        """Let init go on; returns its process id. In the launcher.

        Raises:
            OSError: If it is gone.
        """
        with self._orders:
            socket.send_fds(self._orders, [b"x"], descriptors)
            self._orders.sendall(spec_json.encode())
        return self._init

    def give_up(self) -> None:
        """Undo it all, but for an ordinary user's namespace. In the launcher."""
        self._orders.close()
        with suppress(ProcessLookupError):
            os.kill(self._init, signal.SIGKILL)
        os.waitpid(self._init, 0)
        self._admission.abandon()
        self._identity.close()
        with suppress(OSError):  # of another user namespace: nothing can be forked then
            children_back_in(self._before)
        os.close(self._before)

    def _stand_by(self, orders: socket.socket, go_on: GoOn) -> NoReturn:
        """Init."""
        try:
            leave_the_host()
            orders.send(b"y")
            descriptors = socket.recv_fds(orders, 1, _MOST_DESCRIPTORS)[1]
            with orders.makefile() as text:
                spec_json = text.read()
            orders.close()
            if descriptors:
                go_on(self.walls(Spec.from_json(spec_json)), descriptors)
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

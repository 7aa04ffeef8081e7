"""A sandbox's way into its control group: the launcher moves init in, and init waits for it."""

from __future__ import annotations

import os
from contextlib import suppress

from .cgroup import Ceilings, Group
from .layers import Layers


class Admission:
    """The control group of one sandbox, or why it has none. Made before init is forked.

    It takes the system some 10 ms to move a process, in which init can put up its part.
    """

    def __init__(self) -> None:
        self._pipe = os.pipe2(os.O_CLOEXEC)
        self._group: Group | None = None
        self._told = ""
        try:
            self._group = Group.make()
        except OSError as error:
            self._told = str(error.strerror)

    def limit(self, ceilings: Ceilings) -> None:
        """Say what the group may use. In the launcher."""
        if self._group:
            try:
                self._group.limit(ceilings)
            except OSError as error:
                self._lack(f"no limits can be set on a control group here ({error.strerror})")

    def admit(self, init: int) -> None:
        """Move init in. In the launcher."""
        if self._group:
            try:
                self._group.admit(init)
            except OSError as error:
                self._lack(f"no process may be moved into a control group here ({error.strerror})")

    def open(self) -> None:
        """Let init go on. In the launcher."""
        told = f"+{self._group.holds}" if self._group else self._told
        reading, writing = self._pipe
        os.close(reading)
        with suppress(BrokenPipeError):  # init failed, and has told why
            os.write(writing, told.encode())
        os.close(writing)

    def wait(self, layers: Layers) -> None:
        """Wait for that: what forks before would stay outside the group. In init."""
        reading, writing = self._pipe
        os.close(writing)
        word = os.read(reading, 1024).decode()
        os.close(reading)
        if word.startswith("+"):
            layers.hold("cgroup", word[1:])
        else:
            layers.lack("cgroup", f"{word}: limits hold per process, with a watchdog")

    def take_down(self) -> bool:
        """Remove the group once all in it have ended. In the launcher.

        Returns:
            Whether a process had been killed for want of memory.
        """
        if not self._group:
            return False
        lacked_memory = self._group.counts().memory_kills > 0
        self._group.remove()
        return lacked_memory

    def abandon(self) -> None:
        """Remove the group of a sandbox that nobody wanted. In the launcher."""
        for descriptor in self._pipe:
            os.close(descriptor)
        self.take_down()

    def _lack(self, why: str) -> None:
        if self._group:
            self._group.remove(0)
        self._group, self._told = None, why

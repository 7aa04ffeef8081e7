"""What keeps a sandbox apart: three ways, one of which is chosen before anything is started."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from . import tasks
from .layers import Layers
from .spec import Layer, Spec
from .syscalls import adopt_orphans, die_with_parent, undumpable
from .view import HOME


class Enclosure(Protocol):
    """One way to keep a sandbox apart; each method is called in one process, in this order.

    Attributes:
        required: Layers without which nothing is run.
    """

    required: tuple[Layer, ...]

    def begin(self) -> None:
        """In the launcher, before it starts anything."""

    def enter(self, layers: Layers) -> None:
        """In init, before it starts the kernel: what it and all below it shall live in."""

    def retire(self) -> None:
        """In init, once the kernel is started: give up all power."""

    def environment(self) -> Mapping[str, str]:
        """All environment variables of the kernel."""

    def libraries(self) -> Mapping[str, str]:
        """Package name inside → where the kernel finds it."""

    def tasks(self) -> int:
        """Processes and threads that the kernel's user may have."""

    def confine(self, layers: Layers) -> None:
        """In the kernel: user, files and system calls, for good."""

    def sweep(self) -> None:
        """In init, before it ends: end what is left inside."""

    def take_down(self) -> None:
        """In the launcher, at the end: the same, should init have been killed."""


class Unenclosed:
    """Guard and limits alone, for a person who chose that.

    Args:
        spec: The sandbox.
    """

    required: tuple[Layer, ...] = ("rlimits",)

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def begin(self) -> None:
        """Nothing."""

    def enter(self, layers: Layers) -> None:
        """Keep hold of whatever loses its parent; nothing is put up."""
        die_with_parent()
        undumpable()
        adopt_orphans()

    def retire(self) -> None:
        """Nothing."""

    def environment(self) -> Mapping[str, str]:
        """The specification's, with a home that nobody else can have put anything into."""
        home = f"{Path(self._spec.mount_point).parent}/home"  # in a directory of ours alone
        return {
            name: home + value.removeprefix(HOME) if value.startswith(HOME) else value
            for name, value in self._spec.environment.items()
        }

    def libraries(self) -> Mapping[str, str]:
        """Where they lie on the host."""
        return self._spec.libraries

    def tasks(self) -> int:
        """The user's tasks of now and some more."""
        return tasks.room(self._spec.processes)

    def confine(self, layers: Layers) -> None:
        """Nothing is put up, but the kernel ends with the process that would end it."""
        die_with_parent()
        Path(os.environ["HOME"]).mkdir(mode=0o700)

    def sweep(self) -> None:
        """End all children, and those that they leave behind, until there are none."""
        while _kill_children():
            continue

    def take_down(self) -> None:
        """Nothing."""


def _kill_children() -> bool:
    """Kill this process's children and take them in; whether there may be more."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    for child in children:  # all before any is taken in: those that remain would go on forking
        os.kill(int(child), signal.SIGKILL)
    for child in children:
        os.waitpid(int(child), 0)
    return bool(children)

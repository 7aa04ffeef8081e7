"""The isolation engines that the conformance suite holds to the same promises.

To add one (a container, a remote kernel): write an `Engine` and put it into `ENGINES`. What a test
asks of it is a driver (`tests/support/driver.py`) that opens sessions on that engine, and a folder
that the driver may use.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from tests.support.driver_handle import PROGRAM, DriverHandle
from tests.support.identities import (
    ROOT,
    Identity,
    command,
    environment,
    ordinary_uid,
    possible,
    python,
)


class Engine(Protocol):
    """A way to isolate kernels."""

    @property
    def name(self) -> str:
        """How tests name it."""

    @property
    def layers(self) -> frozenset[str]:
        """The layers that it says hold, at the least."""

    @property
    def is_warm(self) -> bool:
        """Whether its kernels start from a warm parent."""

    @property
    def why_not(self) -> str | None:
        """Why it can't be tried here; None if it can."""

    def start(self, folder: Path, secrets: Mapping[str, str]) -> DriverHandle:
        """Start a driver that may use a folder, with secrets in its environment."""

    def command(self, folder: Path, arguments: Sequence[str]) -> list[str]:
        """A command line that runs a program as the person whom this engine protects."""


@dataclass(frozen=True, kw_only=True)
class LocalEngine:
    """Kernels on this machine.

    Attributes:
        identity: Who opens the sessions.
        start_from: Whether kernels start afresh or from a warm parent.
        layers: The layers that hold, at the least.
    """

    identity: Identity
    start_from: Literal["cold", "warm"]
    layers: frozenset[str]

    @property
    def name(self) -> str:
        """Who, and how kernels start."""
        return f"{self.identity}-{self.start_from}"

    @property
    def is_warm(self) -> bool:
        """Whether its kernels start from a warm parent."""
        return self.start_from == "warm"

    @property
    def why_not(self) -> str | None:
        """Only root can be root."""
        if self.identity in possible():
            return None
        return f"sessions of {self.identity} can't be opened by user {os.geteuid()}"

    @property
    def uid(self) -> int:
        """The person's user id."""
        return 0 if self.identity is Identity.ROOT else ordinary_uid()

    def start(self, folder: Path, secrets: Mapping[str, str]) -> DriverHandle:
        """Start a driver as that person; the folder becomes theirs."""
        complaints = folder / "complaints.txt"
        with complaints.open("w") as errors:
            process = subprocess.Popen(
                self.command(folder, python(str(PROGRAM), self.start_from)),
                cwd=ROOT,
                env={**environment(folder / "home"), **secrets},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        return DriverHandle(process, complaints)

    def command(self, folder: Path, arguments: Sequence[str]) -> list[str]:
        """A command line that runs a program as that person; the folder becomes theirs."""
        return command(self.identity, arguments, own=[folder])


_ALWAYS = frozenset({"seccomp", "rlimits", "network"})
_NAMESPACES = _ALWAYS | {"namespaces", "landlock"}
_LAYERS = {
    Identity.ROOT: _NAMESPACES | {"uid"},
    Identity.USER: _NAMESPACES,
    Identity.NO_NAMESPACES: _ALWAYS | {"landlock"},
}

ENGINES: tuple[Engine, ...] = tuple(
    LocalEngine(identity=identity, start_from=start_from, layers=layers)
    for identity, layers in _LAYERS.items()
    for start_from in ("cold", "warm")
)
"""Every engine; a test that takes the fixture `engine` runs on each of them."""

OPEN = LocalEngine(identity=Identity.USER, start_from="warm", layers=frozenset({"rlimits"}))
"""Somebody's kernels without walls, to see that an attack does harm where nothing holds it."""

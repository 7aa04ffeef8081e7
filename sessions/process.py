"""Processes that become sandboxes: started afresh, or forked by a warm parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sessions.isolation.spec import Spec
from sessions.polling import readable

LAUNCHER = Path(__file__).parent / "isolation" / "launcher.py"


class Process(Protocol):
    """A launcher process, whoever its parent is."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def runs(self) -> bool:
        """Whether it has not ended yet."""

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, for ever if None; whether it has ended."""

    def kill(self) -> None:
        """End it by SIGKILL, which the system passes on to all it started."""

    def close(self) -> None:
        """Let go of it."""


Start = Callable[[Sequence[int], Spec], Process]
"""Starts a launcher with descriptors (`ALIVE REPORT CONTROL LISTENER…`), for such a sandbox."""


class ColdProcess:
    """A launcher that is a child of ours."""

    def __init__(
        self, arguments: Sequence[str], descriptors: Sequence[int], env: Mapping[str, str]
    ):
        with _interrupts_held():
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(LAUNCHER), *arguments, *map(str, descriptors)],
                pass_fds=descriptors,
                cwd="/",
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the host alone
            )
        self.pid = self._process.pid

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, for ever if None; whether it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return True
        return False

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.kill()

    def close(self) -> None:
        """Nothing is held."""


class WarmProcess:
    """A launcher that is a child of a zygote; held by a descriptor, so it is never mistaken."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return not self.wait(0)

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, for ever if None; whether it has ended."""
        if self._descriptor < 0:
            return True
        return readable(self._descriptor, seconds)

    def kill(self) -> None:
        """End it by SIGKILL."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self) -> None:
        """Let go of the descriptor."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a child is made: until it has a session of its own, it is hit too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_cold(descriptors: Sequence[int], spec: Spec) -> Process:
    """Start a launcher from nothing."""
    return ColdProcess(["one"], descriptors, spec.environment)

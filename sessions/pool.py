"""Kernels before they are asked for: a warm parent, and kernels forked ahead."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sessions import workspace
from sessions.errors import KernelError
from sessions.isolation.spec import Spec
from sessions.process import Process, start_cold
from sessions.sandbox import Sandbox
from sessions.zygote import PRELOAD, Zygote

if TYPE_CHECKING:
    from sessions.client import Client
    from sessions.lines import Line


class Pool:
    """Gives out sandboxes: one that waits ready, else one forked warm, else one started cold.

    The walls are the same whichever way. A pool belongs to one owner and is closed by it; several
    pools do not know of each other.

    Args:
        preload: Modules that every kernel shall find imported already.
    """

    def __init__(self, preload: Sequence[str] = PRELOAD) -> None:
        self._preload = tuple(preload)
        self._zygote: Zygote | None = None
        self._waiting: dict[str, Sandbox] = {}
        self._protection: dict[str, ExitStack] = {}
        self._lines: dict[Sandbox, Line] = {}

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_warm(self) -> bool:
        """Whether kernels are forked from a warm parent by now."""
        return self._zygote is not None and self._zygote.is_ready()

    def open(self) -> None:
        """Begin to warm up, in a process of its own; returns at once. May be called again."""
        if self._zygote is None:
            self._zygote = Zygote(self._preload)

    def wait_warm(self) -> bool:
        """Block until kernels are forked warm; False if this system can't."""
        return self._zygote is not None and self._zygote.wait_ready()

    def take(self, spec: Spec) -> Sandbox:
        """A sandbox for the caller to own, which may be up already."""
        key = spec.to_json()
        waiting = self._waiting.pop(key, None)
        with self._protection.pop(key, ExitStack()):
            if waiting is not None and waiting.poll() is None:
                return waiting
        if waiting is not None:
            self._end(waiting)
        return Sandbox(spec, self._start)

    def line(self, sandbox: Sandbox) -> Client | None:
        """A connection to a sandbox that was taken, if one was made ahead in the running loop."""
        line = self._lines.pop(sandbox, None)
        return line.take() if line is not None else None

    def prepare(self, spec: Spec) -> None:
        """Fork a sandbox ahead, for the next who asks for one like this; in a running loop.

        Does nothing before the warm parent is ready: a second cold start would only be in the way
        of the first.
        """
        from sessions.lines import Line  # nobody needs it before there is a connection

        key = spec.to_json()
        if not self.is_warm or key in self._waiting:
            return
        protection = ExitStack()
        protection.enter_context(workspace.protected(Path(spec.workspace)))
        try:
            self._waiting[key] = Sandbox(spec, self._start)
        except BaseException:
            protection.close()
            raise
        self._protection[key] = protection
        self._lines[self._waiting[key]] = Line(self._waiting[key])

    def forget(self) -> None:
        """End the kernels nobody took."""
        while self._waiting:
            key, sandbox = self._waiting.popitem()
            with self._protection.pop(key):
                self._end(sandbox)

    def close(self) -> None:
        """End the warm parent and the kernels nobody took; may be called again."""
        self.forget()
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def _end(self, sandbox: Sandbox) -> None:
        if (line := self._lines.pop(sandbox, None)) is not None:
            line.close()
        sandbox.close()

    def _start(self, descriptors: Sequence[int], spec: Spec) -> Process:
        if self._zygote is None or not self.is_warm:
            return start_cold(descriptors, spec)
        try:
            return self._zygote.start(descriptors, spec)
        except KernelError:  # it was killed: this one starts cold, and a new parent warms up
            self._zygote.close()
            self._zygote = Zygote(self._preload)
            return start_cold(descriptors, spec)

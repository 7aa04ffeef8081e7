"""A session: one guarded kernel for one workspace. (Contract; the body follows.)"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sessions.events import Event
from sessions.execution import Execution
from sessions.limits import Limits


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A user variable of the kernel, by name, type and size."""

    name: str
    type: str
    summary: str


class Session:
    """Runs cells in a guarded kernel; use as `async with Session(workspace) as session`."""

    def __init__(
        self,
        workspace: str | Path = ".",
        limits: Limits | None = None,
        *,
        libraries: Mapping[str, Path] | None = None,
    ) -> None:
        raise NotImplementedError

    layers: tuple[str, ...]
    id: str

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    async def execute(self, code: str, timeout: float | None = None) -> Execution:
        raise NotImplementedError

    def stream(self, code: str, timeout: float | None = None) -> AsyncIterator[Event]:
        raise NotImplementedError

    async def variables(self) -> list[Variable]:
        raise NotImplementedError

    async def inspect(self, name: str) -> dict[str, Any]:
        raise NotImplementedError

    async def interrupt(self) -> None:
        raise NotImplementedError

    async def restart(self) -> None:
        raise NotImplementedError

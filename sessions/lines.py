"""Connections made ahead to kernels that wait for a session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sessions.client import Client, KernelGone, Unanswered
from sessions.errors import AgentError
from sessions.readiness import ready

if TYPE_CHECKING:
    from sessions.sandbox import Sandbox

_SECONDS = 60.0


class Line:
    """A connection to one kernel, made in the running loop, for whoever takes the kernel there.

    Args:
        sandbox: Of the kernel, which may still be starting.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._loop = asyncio.get_running_loop()
        self._sandbox = sandbox
        self._client = Client(sandbox.connection)
        self._opening = self._loop.create_task(self._open())

    def take(self) -> Client | None:
        """The connection, if it stands and this is its loop; else it is let go."""
        opened = self._opening.done() and not self._opening.cancelled() and self._opening.result()
        if opened and asyncio.get_running_loop() is self._loop and not self._client.is_gone:
            return self._client
        self.close()
        return None

    def close(self) -> None:
        """Let go of it; also after the end of its loop."""
        if not self._loop.is_closed():
            self._opening.cancel()
        self._client.hang_up()

    async def _open(self) -> bool:
        try:
            await self._client.open(_SECONDS)
            await ready(self._sandbox)
            await self._client.ask("variables")  # what a first message costs is paid by then
        except (AgentError, KernelGone, Unanswered):
            return False
        return True

"""Starts guarded kernels for `jupyter_client`, under the name `agent-sandbox`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Instance

from sessions import workspace
from sessions.limits import Limits
from sessions.notice import notify
from sessions.readiness import ready
from sessions.sandbox import Sandbox
from sessions.specification import specification
from sessions.warden import Warden


class SandboxProvisioner(KernelProvisionerBase):
    """Jupyter's way to start, watch and end a kernel, on a `Sandbox`.

    The walls are part of the launch, so a restart, also one by Jupyter itself, has the same ones.
    A sandbox that was started ahead is watched by whoever started it, any other by a `Warden`.
    """

    sandbox = Instance(Sandbox, allow_none=True, help="A sandbox that was started ahead")
    _before: Sandbox | None = None
    _warden: Warden | None = None
    _told: str = ""  # why the kernel before this one had to end

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._resources = ExitStack()

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel process."""
        return self.sandbox is not None

    async def poll(self) -> int | None:
        """Exit code of the kernel, None while it runs."""
        return self.sandbox.poll() if self.sandbox else 0

    async def wait(self) -> int | None:
        """Wait for the kernel to end; returns its exit code."""
        if self.sandbox is None:
            return 0
        code = await asyncio.to_thread(self.sandbox.wait)
        self._drop()
        return code

    async def send_signal(self, signum: int) -> None:
        """Signals that end the kernel reach it; an interrupt goes by message instead."""
        if self.sandbox and signum in (signal.SIGTERM, signal.SIGKILL):
            self.sandbox.kill()

    async def kill(self, restart: bool = False) -> None:
        """End every process of the sandbox."""
        if self.sandbox:
            self.sandbox.kill()

    async def terminate(self, restart: bool = False) -> None:
        """The same as `kill`: there is nothing inside to be saved by asking."""
        await self.kill(restart)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Put up a sandbox, or take the one that was started ahead.

        Raises:
            UsageError: If the directory can't be a workspace.
            IsolationError: If a wall can't be put up.
            KernelError: If the kernel does not start.
        """
        if self.sandbox is None:
            await self._put_up(workspace.resolve(kwargs["cwd"]))
        else:
            await ready(self.sandbox)
        assert self.sandbox is not None
        return cast("KernelConnectionInfo", dict(self.sandbox.connection))

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """The command line is the sandbox's own; the connection is known after the launch."""
        kwargs.setdefault("cwd", str(Path.cwd()))
        return {**await super().pre_launch(**kwargs), "cmd": []}

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what is left of an ended kernel."""
        self._drop()

    async def _put_up(self, folder: Path) -> None:
        """A sandbox; after a restart where the one before was, for clients that stay connected."""
        try:
            self._resources.enter_context(workspace.protected(folder))
            spec = specification(folder, Limits.standard())
            self.sandbox = Sandbox(spec, before=self._before)
            self._resources.callback(self.sandbox.close)  # before its protection ends
            self.sandbox.requests.close()  # nobody here answers them
            await ready(self.sandbox)
            warden = Warden(self.sandbox, folder, Limits.standard(), self.log.warning)
            self._warden = self._resources.enter_context(warden)
            await self._tell_of_the_end_before()
        except BaseException:
            self._drop()
            raise

    async def _tell_of_the_end_before(self) -> None:
        """The system kills without a word, so the person reads it below the next cell."""
        told, self._told = self._told, ""
        if told and self.sandbox:
            why = f"this is a new kernel, for the one before had to end: {told}"
            await notify(self.sandbox.connection, why)

    def _drop(self) -> None:
        self._resources.close()
        if self._warden:
            self._told, self._warden = self._warden.end, None
        if self.sandbox:
            self.sandbox.close()
            self._before = self.sandbox
        self.sandbox = None

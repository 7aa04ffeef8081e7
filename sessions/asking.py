"""Questions to a kernel, one after the other, and no longer than they may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sessions.errors import KernelError
from sessions.running import RunningKernel

if TYPE_CHECKING:
    from sessions.client import Client

_GRACE = 2.0  # seconds after an interrupt


@asynccontextmanager
async def asking(
    kernel: RunningKernel, turn: asyncio.Lock, seconds: float
) -> AsyncIterator[Client]:
    """The kernel, free for questions; it has so many seconds for the answers.

    Raises:
        KernelError: If it has ended, or did not answer; one that is still busy then is replaced.
    """
    from sessions.client import KernelGone

    async with turn:
        if kernel.ended:
            msg = "the kernel has ended, and its variables with it: run a cell for a new one"
            raise KernelError(msg)
        try:
            async with asyncio.timeout(seconds):
                yield kernel.client
        except TimeoutError:
            lost = await _free(kernel)
            msg = "the kernel did not tell its state in time: an object there is slow to show"
            raise KernelError(msg + _named(lost)) from None
        except KernelGone:
            _, lost = await kernel.recover()
            msg = "the kernel ended while it was asked for its state; a new one is ready"
            raise KernelError(msg + _named(lost)) from None


async def _free(kernel: RunningKernel) -> tuple[str, ...]:
    """Interrupt what a kernel does in vain; if that does not help, end it; names lost by that."""
    from sessions.client import KernelGone

    kernel.interrupt()
    with suppress(TimeoutError, KernelGone):
        async with asyncio.timeout(_GRACE):
            await kernel.client.ask("saved")
        return ()
    kernel.kill()
    return (await kernel.recover())[1]


def _named(lost: tuple[str, ...]) -> str:
    return f"; lost: {', '.join(lost)}" if lost else ""

"""Values into a kernel as a step of its history: whoever gives up waiting does not leave it open.

A kernel and its history that disagree about a push would number all later states differently.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sessions import transfer

if TYPE_CHECKING:
    from sessions.running import RunningKernel

_GRACE = 2.0  # seconds that the kernel has to come to an end when nobody waits any more


async def push(kernel: RunningKernel, pickled: Mapping[str, bytes]) -> None:
    """Make variables of pickled values: all of them or, on any error, none.

    If it is cancelled and the kernel does not tell within moments what has become of it, that costs
    the kernel its life: it comes back in the state before.

    Raises:
        UsageError: If the kernel does not know a type.
        KernelError: If the kernel could not take them.
    """
    await transfer.send(kernel.client, pickled)
    state = len(kernel.history) + 1
    unpacking = asyncio.ensure_future(transfer.unpack(kernel.client, pickled, cells=state))
    try:
        await asyncio.wait([unpacking])
    except asyncio.CancelledError:
        await asyncio.wait([unpacking], timeout=_GRACE)
        raise
    finally:
        _note(kernel, unpacking, tuple(pickled))
    unpacking.result()


def _note(kernel: RunningKernel, unpacking: asyncio.Future[None], names: Sequence[str]) -> None:
    if not unpacking.done() or unpacking.cancelled():
        unpacking.cancel()
        kernel.kill()
        kernel.client.gone()
    elif unpacking.exception() is None:
        if kernel.sandbox.snapshots is not None:
            kernel.sandbox.snapshots.supersede(len(kernel.history))
        kernel.history.add_pushed(names)

"""A line of the host for the person at a notebook, shown below the cell it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sessions.messages import Post
from sessions.wire import Wire

_SECONDS = 0.25  # for a kernel to answer: what it is told of may be that it takes too much
_ARRIVAL_SECONDS = 0.05  # from a kernel's sending thread to the front end


async def notify(connection: Mapping[str, Any], text: str) -> None:
    """Have a kernel show a line below the running cell, or else below the next one.

    A kernel that does not answer, for it is busy, gone or hostile, shows nothing.

    Args:
        connection: As in a Jupyter connection file, over `ipc`.
        text: The line.
    """
    answered = asyncio.Event()
    path = f"{connection['ip']}-{connection['control_port']}"
    router = frozenset({b"ROUTER"})
    wire = Wire(path, b"DEALER", router, lambda _: answered.set(), answered.set)
    try:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(_SECONDS):
                await wire.connect()
                await wire.shake_hands()
                asked = Post(connection["key"]).write("agent_notice", {"text": text})
                wire.send(*asked)
                await answered.wait()
            await asyncio.sleep(_ARRIVAL_SECONDS)
    finally:
        wire.close()

"""Waiting for one descriptor, whatever its number: `select` fails beyond 1023."""

from __future__ import annotations

import select
import socket


def readable(descriptor: int | socket.socket, seconds: float | None) -> bool:
    """Wait until something can be read, or the other end is gone; whether that is so.

    Args:
        descriptor: What to wait for.
        seconds: How long, for ever if None.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else max(0.0, seconds) * 1000))

"""Where sockets and other files lie that a kernel needs while it runs."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from sessions.errors import KernelError

_SOCKET_PATH = 100  # bytes; the system's limit is 108
_LONGEST_NAME = 24


def run_directory() -> Path:
    """A directory yet to be made, private by its name, with a path short enough for sockets.

    Who is to remove it can so be told of it before it is there.

    Raises:
        KernelError: If there is no place for one.
    """
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):
        if not parent or len(parent) >= _SOCKET_PATH - _LONGEST_NAME:
            continue
        if os.access(parent, os.W_OK | os.X_OK):
            return Path(parent, f"agent-{secrets.token_hex(4)}")
    msg = "no directory for the kernel's sockets: /tmp is not writable"
    raise KernelError(msg)

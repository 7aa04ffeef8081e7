"""One writer at a time: the processes of a person take turns."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sessions.errors import AgentError

_SECONDS = 20.0
_PAUSE = 0.01


@contextlib.contextmanager
def turn(file: Path) -> Iterator[None]:
    """Hold a lock for the length of a `with` block; it ends with the process, however that ends.

    Args:
        file: What is locked; made if it is not there. It must lie where cells can't reach it, or
            they could hold it for ever.

    Raises:
        AgentError: If another process has it for too long, or the file can't be made.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        msg = f"{file} can't be made ({error.strerror}), so nothing was saved: mend its directory"
        raise AgentError(msg) from error
    try:
        _wait(descriptor, file)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, file: Path) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                msg = f"another process is saving skills for {_SECONDS:.0f} s ({file}): try again"
                raise AgentError(msg) from None
            time.sleep(_PAUSE)
        else:
            return

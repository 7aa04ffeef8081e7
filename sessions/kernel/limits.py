"""Which limit an exception tells of."""

from __future__ import annotations

import errno

_ERRNOS = {
    errno.EFBIG: "file_size",
    errno.EMFILE: "files",
    errno.ENFILE: "files",
    errno.ENOSPC: "disk",
    errno.EDQUOT: "disk",
    errno.ENOMEM: "memory",
    errno.EAGAIN: "processes",
}


def limit_of(error: BaseException | None) -> str | None:
    """The limit that made a cell fail, or None if it failed for reasons of its own."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, OSError) and error.errno is not None:
        return _ERRNOS.get(error.errno)
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return "processes"
    return None

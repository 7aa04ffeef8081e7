"""Which limit an exception tells of."""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Iterator

_ERRNOS = {
    errno.EFBIG: "file_size",
    errno.EMFILE: "files",
    errno.ENFILE: "files",
    errno.ENOSPC: "disk",
    errno.EDQUOT: "disk",
    errno.ENOMEM: "memory",
}
_SQLITE_FULL = 13
_DEEPEST = 20  # exceptions that led to one


def limit_of(error: BaseException | None) -> str | None:
    """The limit that made a cell fail, or None if it failed for reasons of its own."""
    for cause in _causes(error):
        if (limit := _told_by(cause)) is not None:
            return limit
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, those in a group of them, and those that led to it."""
    todo = [error]
    for _ in range(_DEEPEST):
        if not todo:
            return
        if (current := todo.pop(0)) is None:
            continue
        yield current
        if isinstance(current, BaseExceptionGroup):
            todo.extend(current.exceptions)
        todo.append(current.__cause__ or current.__context__)


def _told_by(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, subprocess.CalledProcessError):
        return "file_size" if error.returncode == -signal.SIGXFSZ else None
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return "processes"
    if getattr(error, "sqlite_errorcode", None) == _SQLITE_FULL:
        return "disk"
    if not isinstance(error, OSError) or error.errno is None:
        return None
    if error.errno == errno.EAGAIN:  # also what a pipe says that is merely empty
        return "processes" if _by_a_fork(error) else None
    return _ERRNOS.get(error.errno)


def _by_a_fork(error: BaseException) -> bool:
    """Whether an exception was raised where a process is made."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    names = trace.tb_frame.f_code.co_names if trace is not None else ()
    return any("fork" in name or "spawn" in name for name in names)

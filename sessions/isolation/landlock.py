"""Landlock: which files may be read, run and written, whoever the process is.

See landlock(7). Rights that a kernel does not know yet are left out; `abi()` says what it knows.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from .syscalls import (
    landlock_abi,
    landlock_allow,
    landlock_restrict,
    landlock_ruleset,
    no_new_privileges,
)

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_ABI = (1 << 13) - 1
_OF_PLAIN_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_READ = _READ_FILE | _READ_DIR
_RUN = _READ | _EXECUTE
_NODES = _MAKE_CHAR | _MAKE_BLOCK | _MAKE_FIFO | _MAKE_SOCK


def abi() -> int:
    """The Landlock version of this kernel, 0 if it has none."""
    return landlock_abi()


def _handled(version: int) -> int:
    since = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
    return _FIRST_ABI | sum(right for first, right in since.items() if version >= first)


def restrict(*, run: Iterable[str], read: Iterable[str], write: Iterable[str]) -> None:
    """Hold this process to these paths; those that do not exist are passed over.

    Directories can be listed everywhere: there are none but those of the view.

    Args:
        run: May be read and executed.
        read: May be read.
        write: May be read and changed, but never executed; no devices, pipes or sockets made there.

    Raises:
        OSError: If this kernel has no Landlock or refuses.
    """
    version = landlock_abi()
    handled = _handled(version)
    ruleset = landlock_ruleset(
        handled,
        network=3 if version >= 4 else 0,
        scopes=3 if version >= 6 else 0,
        size=24 if version >= 6 else 16 if version >= 4 else 8,
    )
    for paths, rights in (
        (["/"], _READ_DIR),
        (run, _RUN),
        (read, _READ),
        (write, handled & ~_NODES & ~_EXECUTE),
    ):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    no_new_privileges()
    landlock_restrict(ruleset)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= _OF_PLAIN_FILES
    landlock_allow(ruleset, descriptor, rights)
    os.close(descriptor)

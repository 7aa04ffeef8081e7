"""Landlock: which files may be read, run and written, whoever the process is.

See landlock(7). Rights that a kernel does not know yet are left out; `abi()` says what it knows.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

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
_ALL_NETWORK, _SIGNALS, _ALL_SCOPES = 3, 2, 3
_SCOPES_ABI = 6


@dataclass(frozen=True, kw_only=True)
class Paths:
    """What a process is held to; each with all that is below it, and passed over if not there.

    Attributes:
        run: May be read and executed.
        read: May be read.
        write: May be read and changed, but never executed; no devices, pipes or sockets made there.
        listed: Directories whose names may be read.
    """

    run: Iterable[str] = ()
    read: Iterable[str] = ()
    write: Iterable[str] = ()
    listed: Iterable[str] = ()


def abi() -> int:
    """The Landlock version of this kernel, 0 if it has none."""
    return landlock_abi()


def _handled(version: int) -> int:
    since = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
    return _FIRST_ABI | sum(right for first, right in since.items() if version >= first)


def restrict(paths: Paths) -> None:
    """Hold this process to some paths, and its signals to itself and what it starts.

    Raises:
        OSError: If this kernel has no Landlock or refuses.
    """
    version = landlock_abi()
    handled = _handled(version)
    ruleset = landlock_ruleset(
        handled,
        network=_ALL_NETWORK if version >= 4 else 0,
        scopes=_ALL_SCOPES if version >= _SCOPES_ABI else 0,
        size=24 if version >= _SCOPES_ABI else 16 if version >= 4 else 8,
    )
    for some, rights in (
        (paths.listed, _READ_DIR),
        (paths.run, _RUN),
        (paths.read, _READ),
        (paths.write, handled & ~_NODES & ~_EXECUTE),
    ):
        for path in some:
            _allow(ruleset, path, rights & handled)
    _restrict(ruleset)


def restrict_signals() -> None:
    """Hold this process and what it starts to signals among themselves, and to nothing else.

    Raises:
        OSError: If this kernel can't.
    """
    if landlock_abi() < _SCOPES_ABI:
        raise OSError(95, "this kernel's Landlock can't hold signals back (Linux 6.12 and later)")
    # Moving a file between directories is refused by every domain that does not speak of it.
    ruleset = landlock_ruleset(_REFER, network=0, scopes=_SIGNALS, size=24)
    _allow(ruleset, "/", _REFER)
    _restrict(ruleset)


def _restrict(ruleset: int) -> None:
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

"""A program of the same person as the kernels, which tells what was done to it.

`python -I sentinel.py`: the first line of its input names its secrets, each further one asks for a
report, of which `recover` begins a new one; it ends with its input.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

_ADD_KEY, _USER_KEYRING = 248, -4
_IPC_CREATE, _IPC_REMOVE = 0o1000, 0
_NOT_CAUGHT = {signal.SIGKILL, signal.SIGSTOP}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p


class Sentinel:
    """What it holds: a secret in each kind of place that belongs to a process or a person."""

    def __init__(self, secrets: dict[str, Any]) -> None:
        self._signals: list[int] = []
        for number in signal.valid_signals() - _NOT_CAUGHT:
            signal.signal(number, lambda number, _: self._signals.append(number))
        self._secret = secrets["memory"].encode()
        self.memory = bytearray(self._secret)
        self._unlinked = _unlinked_file(secrets["descriptor"])
        self._segment = _share(secrets["segment_key"], secrets["segment"].encode())
        key = secrets["keyring"].encode()
        _libc.syscall(_ADD_KEY, b"user", secrets["keyring_name"].encode(), key, len(key), -4)

    def report(self) -> dict[str, Any]:
        """Its state, which nobody else should be able to change."""
        return {
            "signals": self._signals,
            "memory": hashlib.sha256(self.memory).hexdigest(),
            "nice": os.getpriority(os.PRIO_PROCESS, 0),
            "processors": sorted(os.sched_getaffinity(0)),
            "policy": os.sched_getscheduler(0),
            "files": resource.getrlimit(resource.RLIMIT_NOFILE),
            "cpu": resource.getrlimit(resource.RLIMIT_CPU),
            "directory": str(Path.cwd()),
        }

    def recover(self) -> None:
        """Forget what was done, so that it is seen when it is done again."""
        self._signals.clear()
        self.memory[:] = self._secret

    def close(self) -> None:
        """Take the shared memory away."""
        _libc.shmctl(self._segment, _IPC_REMOVE, None)


def _unlinked_file(secret: str) -> int:
    descriptor, path = tempfile.mkstemp()
    os.write(descriptor, secret.encode())
    os.unlink(path)  # noqa: PTH108 -- a name is all there is
    return descriptor


def _share(key: int, secret: bytes) -> int:
    segment: int = _libc.shmget(key, 4096, _IPC_CREATE | 0o600)
    address = _libc.shmat(segment, None, 0)
    if segment >= 0:
        ctypes.memmove(address, secret, len(secret))
    return segment


def main() -> None:
    """Serve until the end of the input."""
    sentinel = Sentinel(json.loads(sys.stdin.readline()))
    print(os.getpid(), ctypes.addressof(ctypes.c_char.from_buffer(sentinel.memory)), flush=True)
    for wish in sys.stdin:
        if wish == "recover\n":
            sentinel.recover()
        print(json.dumps(sentinel.report()), flush=True)
    sentinel.close()


if __name__ == "__main__":
    main()

"""Keep the linear algebra behind numpy to one thread while we compute.

Our matrices are so small that more threads only wait for each other, and the process may be the
user's own notebook: the setting is given back afterwards.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_GET = "scipy_openblas_get_num_threads64_"
_SET = "scipy_openblas_set_num_threads64_"


_lock = threading.Lock()
_users = 0
_before = 0


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Limit OpenBLAS for the length of a `with` block; nothing happens with another library.

    Of blocks that overlap in several threads, the last one gives the setting back.
    """
    library = _openblas()
    if library is None:
        yield
        return
    _enter(library)
    try:
        yield
    finally:
        _leave(library)


def _enter(library: ctypes.CDLL) -> None:
    global _users, _before
    with _lock:
        if not _users:
            _before = library[_GET]()
            library[_SET](1)
        _users += 1


def _leave(library: ctypes.CDLL) -> None:
    global _users
    with _lock:
        _users -= 1
        if not _users:
            library[_SET](_before)


@functools.cache
def _openblas() -> ctypes.CDLL | None:
    """The copy that numpy's wheel brings and has already loaded."""
    for path in (Path(np.__file__).parent.parent / "numpy.libs").glob("libscipy_openblas*.so"):
        library = ctypes.CDLL(str(path))
        if hasattr(library, _GET) and hasattr(library, _SET):
            return library
    return None

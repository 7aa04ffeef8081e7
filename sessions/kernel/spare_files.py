"""Descriptors kept back, so that a cell that used up its own can still be told of it.

To show a traceback takes files: sources, and modules that are imported for it.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

_SPARE = 64
_LEAST = 4 * _SPARE  # where there are fewer in all, each counts


def keep_back() -> None:
    """Leave cells some descriptors less than this process may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most >= _LEAST:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most - _SPARE, most))


@contextmanager
def lent() -> Iterator[None]:
    """Have what was kept back."""
    cells, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (cells, most))

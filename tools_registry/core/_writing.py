"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a file beside `target` to write to; it takes its place when all went well.

    Raises:
        FileNotFoundError: The folder of `target` does not exist.
    """
    if not target.parent.is_dir():
        msg = f"no folder {target.parent} to write {target.name} in; create it first"
        raise FileNotFoundError(msg)
    unfinished = target.with_name(f".{os.getpid()}_{target.name}")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)

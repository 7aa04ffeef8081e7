"""Files of ours in the person's own directories: whole or not at all, one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sessions.errors import UsageError

_MOST_BYTES = 32 << 20


def config_path(name: str) -> Path:
    """Something in the person's configuration; the disk is not touched."""
    from platformdirs import user_config_path

    return user_config_path("ipysmith", appauthor=False) / name


def data_path(name: str) -> Path:
    """Something in the person's data directory; the disk is not touched."""
    from platformdirs import user_data_path

    return user_data_path("ipysmith", appauthor=False) / name


def is_there(file: Path) -> bool:
    """Whether a file is there.

    Raises:
        UsageError: If that can't be told: what the person has set up is not passed over.
    """
    try:
        return file.exists()
    except OSError as error:
        msg = f"{file} can't be read ({error.strerror}): change the permissions above it"
        raise UsageError(msg) from None


def read_json(file: Path) -> Any:
    """What a file says; an empty object if it is not there, None if it makes no sense."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES)
        return json.loads(content)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None


def write_json(file: Path, value: Any, *, mode: int) -> None:
    """Put plain data there.

    Raises:
        UsageError: If it can't be written.
    """
    write_text(file, json.dumps(value, indent=2) + "\n", mode=mode)


def write_text(file: Path, text: str, *, mode: int) -> None:
    """Put a text there whole, or leave what was there.

    Raises:
        UsageError: If it can't be written.
    """
    try:
        file = file.resolve()  # people keep their configuration elsewhere, and a link to it
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
        staged = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                os.fchmod(descriptor, mode)
                stream.write(text)
                stream.flush()
                os.fsync(descriptor)
            staged.replace(file)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    except OSError as error:
        msg = f"{file} can't be written ({error.strerror}): change its permissions"
        raise UsageError(msg) from None


def put(file: Path, chunks: Iterable[bytes]) -> None:
    """Write a file whole or not at all; what is in it can be made anew.

    Args:
        file: In a folder that is there.
        chunks: The content; if making it raises, nothing is left.

    Raises:
        OSError: If it can't be written.
    """
    staged = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    try:
        with staged.open("wb") as stream:
            for chunk in chunks:
                stream.write(chunk)
        staged.replace(file)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let no other process change what belongs to a folder meanwhile.

    Raises:
        UsageError: If the folder can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        msg = f"{folder} can't be written ({error.strerror}): change its permissions"
        raise UsageError(msg) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

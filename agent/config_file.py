"""Reading `agent.toml` without trusting it: the one in a workspace may be anyone's."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from sessions.errors import UsageError

MAX_BYTES = 64 * 1024
_SECRET_NAME = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"\b(sk|pk|gsk|xai|hf|ghp|AIza)[-_A-Za-z0-9]{12,}")


def read_config(path: Path, *, follow: bool) -> dict[str, Any]:
    """The entries of a configuration file; empty if there is no such file.

    Args:
        path: The file.
        follow: Whether it may be a symbolic link (a user's own may, a workspace's may not).

    Raises:
        UsageError: If it is not a regular file, is too big, is not TOML, or holds a secret.
    """
    text = _read(path, follow=follow)
    if text is None:
        return {}
    try:
        entries = tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        msg = f"{path} is not valid TOML: {shown(str(reason), 120)}"
        raise UsageError(msg) from None
    _refuse_secrets(path, entries)
    return entries


def shown(text: str, limit: int = 60) -> str:
    """Text from a file we do not trust, made safe and short enough for one line of a terminal."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= limit else clean[:limit] + "…"


def _read(path: Path, *, follow: bool) -> bytes | None:
    # Opened without blocking and judged by its descriptor, so a FIFO cannot hang us and a link
    # swapped in between cannot fool us.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        msg = f"{path} can't be read: {_why(error)}"
        raise UsageError(msg) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        msg = f"{path} can't be read: it is not a regular file"
        raise UsageError(msg)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        msg = f"{path} can't be read: it is larger than {MAX_BYTES // 1024} kB"
        raise UsageError(msg)
    return content


def _why(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ELOOP:
        return "it is a symbolic link; put a regular file there"
    return os.strerror(number) if number else "the path is not valid"


def _refuse_secrets(path: Path, entries: dict[str, Any]) -> None:
    for name, value in entries.items():
        if isinstance(value, dict):
            _refuse_secrets(path, value)
        elif _SECRET_NAME.search(name) or (isinstance(value, str) and _SECRET_VALUE.search(value)):
            msg = (
                f"{path}: {shown(name)!r} looks like a key; keys of providers come from the "
                "environment, e.g. ANTHROPIC_API_KEY: remove the entry"
            )
            raise UsageError(msg)

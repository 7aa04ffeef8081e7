"""Checks of what the person typed, before anything is started."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from sessions.errors import UsageError


def existing(workspace: str) -> Path:
    """The workspace as an absolute path.

    Raises:
        UsageError: If it is not a directory.
    """
    try:
        # An empty text is a variable without a value, and no wish for the current directory.
        path = Path(workspace or "\0").resolve()
        what = "" if path.is_dir() else "is not a directory" if path.exists() else "does not exist"
    except (OSError, ValueError, RuntimeError):  # a loop of links, a null byte, no permission
        what = "can't be reached"
    if what:
        msg = f"the workspace {workspace!r} {what}: name a directory with --workspace"
        raise UsageError(msg)
    return path


def writable(workspace: str) -> Path:
    """The workspace as an absolute path, in which files can be made.

    Raises:
        UsageError: If it is not a directory or can't be written.
    """
    path = existing(workspace)
    try:
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        msg = (
            f"the workspace {workspace!r} can't be written ({error.strerror}): "
            "choose another with --workspace, or change its permissions"
        )
        raise UsageError(msg) from None


def seconds(text: str | None) -> float | None:
    """A time limit in seconds, or None for the tier's.

    Raises:
        UsageError: If it is not a positive number.
    """
    if text is None:
        return None
    number = _number(text)
    if not math.isfinite(number) or number <= 0:
        msg = f"--timeout must be a number of seconds above 0, not {text!r}"
        raise UsageError(msg)
    return number


def count(text: str) -> int:
    """A number of hits.

    Raises:
        UsageError: If it is not a whole number of at least 1.
    """
    if not text.isdecimal() or int(text) < 1:
        msg = f"--limit must be a whole number of at least 1, not {text!r}"
        raise UsageError(msg)
    return int(text)


def said(text: str, what: str) -> str:
    """A text that must not be empty, without blanks around it.

    Raises:
        UsageError: If there is nothing in it.
    """
    if not text.strip():
        msg = f"the {what} is empty: say it in a few words"
        raise UsageError(msg)
    return text.strip()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan

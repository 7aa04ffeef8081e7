"""Code as cells: a file is split at the lines that begin with `# %%`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sessions.errors import UsageError

STDIN = "-"

_SEPARATOR = re.compile(r"^# %%.*\n?", re.MULTILINE)


def split(text: str) -> list[str]:
    """The cells of a text, without their separator lines.

    What follows `# %%` on its line is a title and is left out. A blank first cell is dropped.
    """
    codes = _SEPARATOR.split(text)
    return codes if codes[0].strip() else codes[1:]


def read(source: str | None) -> str:
    """The code to run: of a file, or of stdin for `-`, and for None if it is not a terminal.

    Raises:
        UsageError: If there is nothing to read, or it is not text.
    """
    if source is None and sys.stdin.isatty():
        msg = "no code was given: name a file, or pipe code in (see agent exec --help)"
        raise UsageError(msg)
    if source is None or source == STDIN:
        return _decode(sys.stdin.buffer.read(), "stdin")
    return _decode(_read_file(Path(source)), source)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        msg = f"there is no file {str(path)!r}: check the path"
    except IsADirectoryError:
        msg = f"{str(path)!r} is a directory: name a file of code"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{str(path)!r} can't be read ({reason}): check its permissions"
    raise UsageError(msg)


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{name!r} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise UsageError(msg) from None
    return text.replace("\r\n", "\n")

"""Pictures that cells showed, kept as files: a terminal can only name them."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/svg+xml": ".svg",
}
_ROOM = 64 << 20  # bytes


class Gallery:
    """A folder for the pictures of one session, made when the first one comes.

    Args:
        workspace: What the names of files are told relative to.
        folder: Below it, where cells can't write.
    """

    def __init__(self, workspace: Path, folder: Path) -> None:
        self._workspace = workspace
        self._folder = folder
        self._kept = 0
        self._room = _ROOM

    def keep(self, index: int, data: Mapping[str, Any]) -> str | None:
        """Write the picture of a MIME bundle that cell `index` showed.

        Returns:
            Its file, relative to the workspace; None if there is no picture or it can't be kept.
        """
        for kind in _SUFFIXES.keys() & data.keys():
            content = _decoded(kind, data[kind])
            if content is not None and len(content) <= self._room:
                name = f"cell-{index}-{self._kept + 1}{_SUFFIXES[kind]}"
                if self._write(name, content):
                    return str((self._folder / name).relative_to(self._workspace))
        return None

    def _write(self, name: str, content: bytes) -> bool:
        """Make a new file, below folders that are no links."""
        if any(folder.is_symlink() for folder in (self._folder, *self._folder.parents)):
            return False
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        file = self._folder / name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(file, flags, 0o600), "wb") as stream:  # noqa: PTH123 -- a descriptor
                stream.write(content)
        except OSError:  # a picture less is no reason to end the work
            return False
        self._kept += 1
        self._room -= len(content)
        return True


def _decoded(kind: str, content: object) -> bytes | None:
    if not isinstance(content, str):
        return None
    if kind == "image/svg+xml":
        return content.encode(errors="replace")
    try:
        return base64.b64decode(content)
    except (binascii.Error, ValueError):
        return None

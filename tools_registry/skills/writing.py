"""Put a skill and its tests into the folder: both, or neither, whenever the process is killed.

Two files can't be exchanged in one step. So the tests before are kept beside them until both are
there, and whoever reads in between, or after a kill, sees the version before as a whole.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable

from tools_registry.files import Folder
from tools_registry.skills.sheet import MAX_FILE, before_name, tests_name
from tools_registry.skills.skill import Skill

_BEFORE = re.compile(r"\.test_(\w+)\.py\.before")
_STAGED = re.compile(r"\.[0-9a-f]{16}\.tmp")
_FORGOTTEN = 3600.0
"""Seconds after which a staged file belongs to nobody."""


def write(folder: Folder, name: str, text: str, tests: str) -> None:
    """Write both files.

    Raises:
        OSError: If they can't be written; then what was there is still there.
        FileRefusedError: If the tests that are there are no ordinary file.
    """
    staged = folder.stage(text.encode())
    try:
        before = _content(folder, tests_name(name))
        folder.write(before_name(name), before or b"")
        try:
            folder.write(tests_name(name), tests.encode())
            folder.publish(staged, f"{name}.py")
        except BaseException:
            _restore(folder, name, before)
            raise
        folder.remove(before_name(name))
    except BaseException:
        folder.remove(staged)
        raise


def unfinished(names: Iterable[str]) -> list[str]:
    """The skills, among the names of files, of which a save did not come to its end."""
    return [found[1] for name in names if (found := _BEFORE.fullmatch(name))]


def recover(folder: Folder, name: str, skill: Skill | None) -> None:
    """End a save that was killed: the files then show the version that counts.

    Args:
        folder: The folder.
        name: The skill.
        skill: As it reads now; None if its file is not there or can't be read.
    """
    if skill is not None:
        folder.write(tests_name(name), skill.test_source.encode())
    elif f"{name}.py" not in folder.names():
        folder.remove(tests_name(name))
    folder.remove(before_name(name))


def sweep(folder: Folder) -> None:
    """Remove what killed processes had staged."""
    for name in filter(_STAGED.fullmatch, folder.names()):
        with contextlib.suppress(OSError):
            if time.time() - (folder.path / name).lstat().st_mtime > _FORGOTTEN:
                folder.remove(name)


def _restore(folder: Folder, name: str, before: bytes | None) -> None:
    if before is None:
        folder.remove(tests_name(name))
    else:
        folder.publish(before_name(name), tests_name(name))
    folder.remove(before_name(name))


def _content(folder: Folder, name: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return folder.read(name, limit=MAX_FILE)
    return None

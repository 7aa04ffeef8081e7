"""What a kernel sees as `learned_skills`: the skills that may be used, and no others.

The folder in the workspace also has what is stale or rejected, and whatever else lies there: a
package of the same name, compiled code that fits no source. So kernels that the agent starts get a
folder of ours in its place. That is help, not a wall: a cell may read any file of the workspace.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools_registry.skills.skill import Skill

NOTHING = Path(__file__).with_name("nothing")
"""An empty package, for where no other can be made."""

_FORGOTTEN = 3600.0
"""Seconds after which a temporary file belongs to nobody."""

_UNUSED = 90 * 86_400.0
"""Seconds after which a workspace that no kernel was started for may be gone."""


def package(workspace: Path, ledger: Path, skills: Iterable[Skill]) -> Path:
    """The folder that a kernel gets; an empty one of no use to anybody else if it can't be made."""
    folder = place(workspace, ledger)
    try:
        make(folder)
        refresh(folder, skills)
    except OSError:
        return NOTHING
    return folder


def place(workspace: Path, ledger: Path) -> Path:
    """The folder that stands for the skills of a workspace: beside the ledger that judges them."""
    key = hashlib.sha256(os.fsencode(workspace.resolve())).hexdigest()[:24]
    return ledger.parent / "shown" / key


def make(folder: Path) -> None:
    """Make a place, or note that it is used; those of workspaces from long ago go.

    Raises:
        OSError: If it can't be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    for other in folder.parent.iterdir():
        if _is_older(other, _UNUSED):
            shutil.rmtree(other, ignore_errors=True)


def refresh(folder: Path, skills: Iterable[Skill]) -> None:
    """Let a folder show these skills, if they may be used, and nothing else.

    Raises:
        OSError: If it can't be written.
    """
    wanted = {f"{skill.name}.py": skill.source for skill in skills if skill.usable}
    wanted["__init__.py"] = ""
    for file in folder.iterdir():
        if file.name not in wanted and (file.suffix != ".tmp" or _is_older(file, _FORGOTTEN)):
            file.unlink(missing_ok=True)
    for name, text in wanted.items():
        _write(folder / name, text.encode())


def _write(file: Path, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if file.read_bytes() == content:
            return
    staged = file.with_name(f".{os.urandom(8).hex()}.tmp")
    staged.write_bytes(content)
    staged.replace(file)


def _is_older(file: Path, seconds: float) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - file.stat().st_mtime > seconds
    return False

"""Single entries of the index; no other entry is looked at, refreshed or changed.

Paths are from the folder where git was opened, which must be the top of the repository.
"""

from __future__ import annotations

from collections.abc import Mapping

from sessions.errors import AgentError
from tools_registry.git.git import Opened
from tools_registry.git.objects import FILE_MODE


def staged(git: Opened, *paths: str) -> dict[str, str]:
    """Path -> blob of the entries that the index has for some files."""
    listing = git.run("ls-files", "-s", "-z", "--", *(f":(literal){path}" for path in paths))
    found = (line.partition("\t") for line in listing.split("\0") if line)
    return {path: facts.split()[1] for facts, _, path in found}


def stage(git: Opened, changes: Mapping[str, str | None]) -> None:
    """Set entries to a blob, or remove them; what is so already is left alone.

    Raises:
        AgentError: If something else is in the way, or another git is at work.
    """
    present = staged(git, *changes)
    for path, oid in changes.items():
        if present.get(path) == oid:
            continue
        try:
            _set(git, path, oid)
        except AgentError as error:
            msg = f"{path} could not be staged: {str(error).partition('fatal: ')[2] or error}"
            raise AgentError(msg) from error


def _set(git: Opened, path: str, oid: str | None) -> None:
    if oid is None:
        git.run("update-index", "--force-remove", "--", path)
    else:
        git.run("update-index", "--add", "--cacheinfo", f"{FILE_MODE},{oid},{path}")

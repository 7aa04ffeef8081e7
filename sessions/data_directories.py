"""Directories besides the workspace that cells may read, and which can't be among them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sessions.errors import UsageError

_TOO_WIDE = ("/home", "/root", "/usr", "/var", "/run", "/tmp", "/mnt", "/media", "/srv", "/opt")
_OF_THE_SYSTEM = ("/etc", "/proc", "/sys", "/dev", "/boot")
_SECRET = (
    *(".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".password-store", ".mozilla"),
    *(".config", ".netrc", ".local/share/keyrings", ".git-credentials", ".pypirc"),
)
"""Where in a home keys and passwords lie."""


def resolved(directories: Iterable[str | Path], workspace: Path) -> tuple[Path, ...]:
    """The real paths of directories that a kernel is shown, read-only.

    Args:
        directories: What the person named.
        workspace: The workspace, a real path.

    Raises:
        UsageError: If one is no directory, would show the person's secrets or the system's, or
            overlaps with the workspace.
    """
    return tuple(dict.fromkeys(_checked(Path(named), workspace) for named in directories))


def _checked(named: Path, workspace: Path) -> Path:
    path = _real(named)
    if path.is_file():
        msg = f"the data directory {named} is a file: name the folder that it lies in"
        raise UsageError(msg)
    if not path.is_dir():
        msg = f"the data directory {named} is not there: create it, or correct the setting `data`"
        raise UsageError(msg)
    if not str(path).isprintable():
        msg = f"the data directory {str(path)!r} has characters that can't be shown: rename it"
        raise UsageError(msg)
    if (secret := _exposed(path)) is not None:
        msg = f"the data directory {path} would show {secret} to cells: choose a narrower one"
        raise UsageError(msg)
    if path.is_relative_to(workspace) or workspace.is_relative_to(path):
        msg = f"the data directory {path} overlaps with the workspace {workspace}: choose another"
        raise UsageError(msg)
    return path


def _real(named: Path) -> Path:
    try:
        return named.expanduser().resolve()
    except RuntimeError:  # no such user, or links in a circle
        msg = f"the data directory {named} can't be found: write its whole path"
        raise UsageError(msg) from None


def _exposed(path: Path) -> str | None:
    """What a directory would show that is nobody's business; None if there is nothing known."""
    if path == Path(path.anchor):
        return "the whole system"
    for place in _OF_THE_SYSTEM:
        if path.is_relative_to(place):
            return place
    if str(path) in _TOO_WIDE:
        return "what belongs to others"
    home = Path.home().resolve()
    if home.is_relative_to(path):
        return "all of your home"
    secrets = (home / name for name in _SECRET)
    return next((str(s) for s in secrets if path.is_relative_to(s)), None)

"""A module that the person has named, and where it lies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import UsageError

MOST_FILES = 200
"""Of one package."""

OURS = frozenset({"agent_host", "agent_mcp", "agent_tools", "learned_skills"})
"""What kernels have of the agent."""

_ASIDE = {"tests", "test", "conftest", "setup"}


@dataclass(frozen=True, kw_only=True)
class UserModule:
    """One entry.

    Attributes:
        name: As it is imported, e.g. `shapes` or `company.finance`.
        path: Folder that it lies in, if that is none where the kernel imports from anyway.
        workspace: The workspace that it lies in, if it does; it is of no use in another.
        of: What the first part of its name is in its folder, if it has another name here.
    """

    name: str
    path: Path | None = None
    workspace: Path | None = None
    of: str = ""

    @property
    def own_name(self) -> str:
        """Its name in its folder."""
        top, dot, rest = self.name.partition(".")
        return f"{self.of or top}{dot}{rest}"

    @property
    def top(self) -> str:
        """The first part of its name: the package that is imported first."""
        return self.name.partition(".")[0]


def check_name(name: str, *, apart: bool) -> None:
    """Refuse what can't be the name of a person's module.

    Args:
        name: As it is imported.
        apart: Whether it lies in a folder of its own, and would come before any of the same name.

    Raises:
        UsageError: If it can't.
    """
    parts = name.split(".")
    if not all(part.isidentifier() and part.isascii() for part in parts) or len(name) > 200:
        msg = f"{name[:60]!r} is no name of a module: write it as in `import`, e.g. company.finance"
        raise UsageError(msg)
    if parts[0] in OURS or (apart and parts[0] in sys.stdlib_module_names):
        msg = (
            f"a module {parts[0]} is there already, which yours would hide: give yours another "
            "name with --as NAME"
        )
        raise UsageError(msg)


def find(name: str, folders: Sequence[Path]) -> Path | None:
    """The file or package of a module in the first folder that has it; nothing is imported."""
    steps = name.split(".")
    for folder in folders:
        place = folder.joinpath(*steps)
        if (place / "__init__.py").is_file():
            return place
        if (file := place.with_name(f"{place.name}.py")).is_file():
            return file
    return None


def files(name: str, place: Path) -> Iterator[tuple[str, Path]]:
    """The modules of a package with their files, itself first; links are not followed."""
    if place.is_file():
        yield name, place
        return
    yield name, place / "__init__.py"
    with os.scandir(place) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        part = entry.name.removesuffix(".py")
        if part.startswith("_") or part in _ASIDE or not part.isidentifier():
            continue
        if entry.name.endswith(".py") and entry.is_file(follow_symlinks=False):
            yield f"{name}.{part}", Path(entry.path)
        elif entry.is_dir(follow_symlinks=False) and (Path(entry.path) / "__init__.py").is_file():
            yield from files(f"{name}.{part}", Path(entry.path))

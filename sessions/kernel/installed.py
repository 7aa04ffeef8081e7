"""Finds packages that were installed for the workspace, also while the kernel runs.

Each installation is a directory of its own, which appears as a whole. They come last on `sys.path`,
so nothing in them stands in for what is there already; path files in them are never read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class InstalledFinder:
    """A meta path finder of last resort: looks whether something was installed meanwhile."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The module, if it has come with an installation that was not known yet."""
        return PathFinder.find_spec(fullname, path, target) if self.renew() else None

    def renew(self) -> bool:
        """Put new installations on `sys.path`; whether there are any."""
        try:
            layers = [layer for layer in self._folder.iterdir() if layer.name.isdecimal()]
        except OSError:
            return False
        known = set(sys.path)
        new = [str(layer) for layer in sorted(layers, key=lambda found: int(found.name))]
        added = [layer for layer in new if layer not in known]
        sys.path += added
        return bool(added)


def watch(folder: str) -> None:
    """Make what is installed in a folder, now and later, importable in this process."""
    finder = InstalledFinder(folder)
    finder.renew()
    sys.meta_path.append(finder)

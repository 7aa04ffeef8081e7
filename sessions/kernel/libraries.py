"""Makes packages of ours importable under a name of their own, wherever they lie."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from . import installed

INSTALLED = "site-packages"
"""The name, which no package can have, of the directory of what was installed on request."""


class LibraryFinder:
    """A meta path finder for packages given by name and directory."""

    def __init__(self, libraries: Mapping[str, str]) -> None:
        self._libraries = dict(libraries)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The package of this name, if it is one of ours; submodules follow by its path."""
        folder = self._libraries.get(fullname)
        if folder is None:
            return None
        return importlib.util.spec_from_file_location(
            fullname, Path(folder, "__init__.py"), submodule_search_locations=[folder]
        )


def install(libraries: Mapping[str, str]) -> None:
    """Make `libraries` importable in this process, and what was installed on request."""
    packages = {name: folder for name, folder in libraries.items() if name != INSTALLED}
    sys.meta_path.insert(0, LibraryFinder(packages))
    if INSTALLED in libraries:
        installed.watch(libraries[INSTALLED])

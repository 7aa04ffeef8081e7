"""Whose code runs: a cell's, the workspace's, or that of a library or the kernel.

Libraries may do what cells should not: pandas imports modules for the network.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Mapping
from types import FrameType
from typing import Any

_KERNEL = ("_agent_kernel", "ipykernel")
# They run code they are handed as text, so whatever it does is done by who wrote it.
_RUNNERS = {"IPython", "bdb", "cProfile", "code", "doctest", "pdb", "profile", "runpy", "timeit"}


class Origin:
    """Tells code of cells and of modules in the workspace from all other; made in the main thread.

    Args:
        namespace: The globals of cells.
        workspace: The directory whose modules count as cells.
    """

    def __init__(self, namespace: Mapping[str, Any], workspace: str) -> None:
        self._namespace = namespace
        self._below = f"{workspace.rstrip('/')}/"
        self._main_thread = get_ident()

    def is_cell(self, variables: Mapping[str, Any]) -> bool:
        """Whether code with such globals is a cell's or the workspace's."""
        if variables is self._namespace:
            return True
        file = variables.get("__file__")
        if isinstance(file, str):
            inside = file.startswith(self._below) or not file.startswith("/")
            return inside and "/site-packages/" not in file
        return variables.get("__name__") == "__main__"

    def asks(self, frame: FrameType | None, passing: str = "") -> bool:
        """Whether what happens in a frame is asked for by a cell directly.

        Args:
            frame: The innermost frame.
            passing: Package whose own frames are looked through.
        """
        while frame is not None and (is_generated(frame) or _root(frame) == passing):
            frame = frame.f_back
        return frame is not None and self.is_cell(frame.f_globals)

    def runs(self, frame: FrameType | None) -> bool:
        """Whether code that is executed as text or code object was written by a cell."""
        while frame is not None and is_generated(frame):
            frame = frame.f_back
        return frame is not None and (_root(frame) in _RUNNERS or self.is_cell(frame.f_globals))

    def causes(self, frame: FrameType | None) -> bool:
        """Whether a cell is behind what happens in a frame, through whatever libraries."""
        roots = set()
        while frame is not None:
            if self.is_cell(frame.f_globals):
                return True
            roots.add(_root(frame))
            frame = frame.f_back
        in_thread = get_ident() != self._main_thread
        return in_thread and roots.isdisjoint(_KERNEL)  # who else would have started one?


def is_generated(frame: FrameType) -> bool:
    """Whether a frame runs code that was made from text: it belongs to who runs it."""
    name = frame.f_code.co_filename
    return name.startswith("<") and not name.startswith("<frozen")


def _root(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]

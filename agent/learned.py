"""What a conversation learns about tools: which search found one, and whether it then worked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sessions.execution import CellError, Execution
from tools_registry.search.usage import Usage


class Trials:
    """Tools that were found and not used yet, and what they were found for.

    A cell that calls one and ends ok speaks for it; one that ends in an exception from within the
    tool speaks against it. Any other failure is nobody's fault.

    Args:
        usage: Where it is remembered; None to learn nothing.
    """

    def __init__(self, usage: Usage | None) -> None:
        self._usage = usage
        self._queries: dict[str, str] = {}

    def found(self, query: str, names: Iterable[str]) -> None:
        """Note what a search of the model gave."""
        self._queries |= dict.fromkeys(names, query)

    def ran(self, code: str, execution: Execution) -> None:
        """Learn from a cell; this writes a file."""
        for name in [name for name in self._queries if _calls(code, name)]:
            if execution.ok:
                self._tell(name, succeeded=True)
            elif execution.error is not None and _raised(execution.error, name):
                self._tell(name, succeeded=False)

    def _tell(self, name: str, *, succeeded: bool) -> None:
        query = self._queries.pop(name)
        if self._usage is not None:
            (self._usage.succeeded if succeeded else self._usage.failed)(query, name)


def _calls(code: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}\s*\(", code) is not None


def _raised(error: CellError, name: str) -> bool:
    """Whether a frame of the tool is in the traceback."""
    return re.search(rf"\bin {re.escape(name)}\b", error.traceback) is not None

"""The cell that answers a question about a text, and what is read for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.pieces import Pieces
from agent.offline.texts.source import Source
from tools_registry.registry import Registry


class NoTextError(UnboundError):
    """Nothing says which text is meant."""


@dataclass
class Script:
    """What is being read.

    Attributes:
        pieces: Of the request.
        registry: For the modules of the tools.
        find: Finds the text that the request is about, once the rest is understood.
        assumptions: What was assumed.
    """

    pieces: Pieces
    registry: Registry
    find: Callable[[], Source | None] = lambda: None
    assumptions: list[str] = field(default_factory=list)
    _imports: list[str] = field(default_factory=list)

    def use(self, tool: str) -> str:
        """The name of a tool, imported into the cell."""
        self.load(self.registry.get(tool).import_line)
        return tool

    def load(self, line: str) -> None:
        """Import something."""
        if line not in self._imports:
            self._imports.append(line)

    def source(self) -> Source:
        """The text.

        Raises:
            NoTextError: If nothing says which.
        """
        source = self.find()
        if source is None:
            msg = "nothing says which text is meant: write it in quotes, or name a file"
            raise NoTextError(msg)
        if source.file:
            self.use("read_text")
        if source.assumption:
            self.assumptions.append(source.assumption)
        return source

    def plan(self, lines: list[str], sentence: str) -> Plan:
        """The cell and what its value is."""
        code = "\n".join([*self._imports, *([""] if self._imports else []), *lines])
        return Plan(code=code, sentence=sentence, assumptions=tuple(self.assumptions))

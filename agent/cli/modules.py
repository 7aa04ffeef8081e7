"""`agent tools add` and `agent tools remove`: a person's own modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.render import safe
from tools_registry.modules.catalogue import functions
from tools_registry.modules.shelf import Shelf
from tools_registry.tool import Tool

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Named:
    """A module as a person names it.

    Attributes:
        name: As it is called where it lies.
        path: Folder that it lies in; None for what is installed, or the workspace.
        alias: What the first part of its name is to be in code; "" for the same.
    """

    name: str
    path: str | None = None
    alias: str = ""

    @property
    def imported(self) -> str:
        """Its name in code."""
        top, dot, rest = self.name.partition(".")
        return f"{self.alias or top}{dot}{rest}"


def add(workspace: str, named: Named, *, as_json: bool) -> int:
    """Make a module findable, and show what is in it.

    Raises:
        UsageError: If there is no such module, or cells may not see it.
    """
    folder, shelf, name = checks.existing(workspace), Shelf(), named.imported
    path = Path(named.path) if named.path is not None else None
    place = shelf.add(named.name, folder, path, named.alias)
    module = next(module for module in shelf.modules(folder) if module.name == name)
    tools, problems = functions(module, folder)
    for problem in problems:
        tell(f"skipped {safe(str(problem))}")
    if as_json:
        names = [tool.name for tool in tools]
        emit({"module": name, "file": str(place), "tools": names, "problems": len(problems)})
    else:
        print("\n".join(_lines(name, place, tools)))
    return 0


def remove(name: str, *, as_json: bool) -> int:
    """Forget a module.

    Raises:
        UsageError: If it was not added.
    """
    Shelf().remove(name)
    if as_json:
        emit({"module": name, "removed": True})
    else:
        print(f"{name} is forgotten; its files are as they were.")
    return 0


def _lines(name: str, place: Path, tools: Sequence[Tool]) -> Iterator[str]:
    yield f"{name}: {len(tools)} {'function' if len(tools) == 1 else 'functions'} in {place}"
    yield from columns([(f"  {tool.signature}", tool.summary) for tool in tools[:_SHOWN]])
    if len(tools) > _SHOWN:
        yield f"  … and {len(tools) - _SHOWN} more: agent tools list"
    yield ""
    yield "It was read as text; it runs when code in the kernel imports it, and nowhere else."
    if tools:
        yield f"In code: {tools[0].import_line}"

"""Skill files as they lie in the folder, read by `ast`: nothing in there is imported or believed.

Whoever fills the folder is not trusted: every file is bounded, all of them together are, and what
can't be read is told by name and line.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools_registry.files import FileRefusedError, Folder, Problem
from tools_registry.skills.dependencies import imports_of, may_import_skills
from tools_registry.skills.form import Form
from tools_registry.skills.hidden import visible
from tools_registry.skills.skill_file import Record, content_hash, split
from tools_registry.source import SourceError, decode, parse
from tools_registry.tool import SkillKind, Tool

MAX_FILE = 128 * 1024
"""Most bytes of a skill file, and of its tests; `save` writes less."""

_ROOM = 64 * 1024 * 1024
"""Most bytes of a library that are read."""

_MOST = 20_000
"""Most files of a library that are looked at."""

_TRIES = 5
"""How often a file is read again that somebody writes meanwhile."""

_TICK = 2_000_000_000
"""Nanoseconds within which two changes may have the same time, on the coarsest file system."""

_State = tuple[tuple[int, ...] | None, ...]

_SEEN: dict[Path, tuple[_State, Sheet]] = {}
"""Sheets, with everything that changes when their files do: parsing takes most of a scan."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A skill file and its tests.

    Attributes:
        name: Of the file, and of a function in it.
        file: Where it is.
        source: Its code, without the record.
        tests: The code of its tests; "" if there are none, or they can't be read.
        before: The tests that a save was about to replace; None if none is on its way.
        record: What it says of itself.
        tool: Its function.
        imports: Names of the skills it imports.
        kind: What it is.
    """

    name: str
    file: Path
    source: str
    tests: str
    before: str | None = None
    record: Record
    tool: Tool
    imports: tuple[str, ...] = ()
    kind: SkillKind = "skill"

    def content(self, skills: Mapping[str, str]) -> str:
        """The hash of what lies there now, given the contents of what it imports."""
        agent = self.name if self.kind == "agent" else ""
        return content_hash(self.source, self.tests, skills, agent)

    def during_a_save(self, skills: Mapping[str, str]) -> Sheet:
        """The version before, if a save has replaced the tests and not yet the code.

        The writer may be about to do so, or may have been killed: it is whole either way.
        """
        if self.before is None or self.content(skills) == self.record.content:
            return self
        previous = dataclasses.replace(self, tests=self.before)
        return previous if previous.content(skills) == self.record.content else self


def tests_name(name: str) -> str:
    """The file with the tests of a skill."""
    return f"test_{name}.py"


def before_name(name: str) -> str:
    """Where the tests are kept while those of a new version are written."""
    return f".test_{name}.py.before"


def read_sheets(folder: Folder, form: Form) -> tuple[list[Sheet], list[Problem]]:
    """All skill files of a folder by name, and what is wrong with the others."""
    reader = _Reader(folder, form)
    found = [reader.read(name) for name in reader.wanted]
    sheets = [item for item in found if isinstance(item, Sheet)]
    problems = [item for item in found if isinstance(item, Problem)]
    return sheets, [*reader.problems, *problems]


class _Reader:
    """One look at a folder, with the room that is left."""

    def __init__(self, folder: Folder, form: Form) -> None:
        names = folder.names()
        wanted = [name for name in names if _is_skill(name)]
        self.wanted = wanted[:_MOST]
        self.problems: list[Problem] = []
        if len(wanted) > _MOST:
            message = f"holds {len(wanted)} skill files; only the first {_MOST} are looked at"
            self.problems.append(Problem(file=folder.path, message=message))
        self._folder = folder
        self._form = form
        self._names = frozenset(names)
        self._extensions = [name for name in names if name.endswith(".so")]
        self._room = _ROOM

    def read(self, file: str) -> Sheet | Problem:
        """What is in a file."""
        path = self._folder.path / file
        if reason := self._objection(file.removesuffix(".py")):
            return Problem(file=path, message=reason)
        try:
            return self._steady(path)
        except SourceError as error:
            return Problem(file=path, line=error.line, message=str(error))
        except (FileRefusedError, OSError) as error:
            return Problem(file=path, message=str(error))
        except (ValueError, RecursionError, MemoryError) as error:
            return Problem(file=path, message=f"can't be read: {error}"[:200])

    def _objection(self, name: str) -> str:
        """Why there can't be a skill of that name, or ""."""
        if name == "__init__":
            return "is run whenever a skill is imported: remove it"
        if reason := self._form.objection(name):
            return f"can't be {self._form.one}: {reason}"
        taken = [file for file in self._extensions if file.startswith(f"{name}.")]
        if taken or name in self._names:
            return f"{(*taken, name)[0]} would be imported in its place: remove one of them"
        return ""

    def _steady(self, path: Path) -> Sheet:
        """The sheet: known from before, or read while nobody wrote it."""
        state = self._state(path.stem)
        seen, known = _SEEN.get(path, (None, None))
        if known is not None and seen == state:
            self._room -= len(known.source) + len(known.tests)
            return known
        told = len(self.problems)
        sheet = self._sheet(path)
        for _ in range(_TRIES):
            before, state = state, self._state(path.stem)
            if state == before:
                break
            sheet = self._sheet(path)
        if told == len(self.problems):  # they are told at every look
            _remember(path, state, sheet)
        return sheet

    def _state(self, name: str) -> _State:
        files = (f"{name}.py", tests_name(name), before_name(name))
        return tuple(self._folder.state(file) for file in files)

    def _sheet(self, path: Path) -> Sheet:
        name = path.stem
        source, record = split(visible(decode(self._content(path.name))))
        tool = self._form.tool(source, path)
        return Sheet(
            name=name,
            file=path,
            source=source,
            tests=self._tests(tests_name(name)) or "",
            before=self._tests(before_name(name)),
            record=record,
            tool=tool,
            imports=imports_of(parse(source)) if may_import_skills(source) else (),
            kind=self._form.kind,
        )

    def _tests(self, file: str) -> str | None:
        """Tests as text; if they can't be read, which makes the skill stale, that is told."""
        path = self._folder.path / file
        try:
            return visible(decode(self._content(file)))
        except FileNotFoundError:
            return None
        except SourceError as error:
            self.problems.append(Problem(file=path, line=error.line, message=str(error)))
        except (FileRefusedError, OSError) as error:
            self.problems.append(Problem(file=path, message=str(error)))
        return None

    def _content(self, file: str) -> bytes:
        if self._room <= 0:
            msg = f"is not read: the files before it have {_ROOM >> 20} MB"
            raise FileRefusedError(msg)
        content = self._folder.read(file, limit=MAX_FILE)
        self._room -= len(content)
        return content


def _remember(path: Path, state: _State, sheet: Sheet) -> None:
    """Unless a file is so new that it may change again and keep its time of change."""
    newest = max(entry[-1] for entry in state if entry is not None)
    if time.time_ns() - newest < _TICK:
        return
    if len(_SEEN) >= _MOST:
        _SEEN.clear()
    _SEEN[path] = state, sheet


def _is_skill(name: str) -> bool:
    if name == "__init__.py":
        return True
    return name.endswith(".py") and not name.startswith((".", "_", "test_"))

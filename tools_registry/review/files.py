"""The two files of a skill as bytes: read, written and taken away together."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sessions.errors import AgentError, RefusedError
from tools_registry.files import FileRefusedError, Folder
from tools_registry.skills.skill import Skill
from tools_registry.skills.skill_file import marked, split
from tools_registry.skills.writing import write
from tools_registry.source import MAX_BYTES, SourceError, decode
from tools_registry.tool import SkillStatus


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The files of a skill.

    Attributes:
        skill: The skill file; None if there is none.
        tests: Its tests; None if there are none.
    """

    skill: bytes | None
    tests: bytes | None

    @classmethod
    def of(cls, contents: list[bytes | None]) -> Self:
        """From the contents of both files, with the line ends that git keeps."""
        skill, tests = (c if c is None else c.replace(b"\r\n", b"\n") for c in contents)
        return cls(skill=skill, tests=tests)

    def marked(self, status: SkillStatus) -> Self:
        """The same with another status in the record; the code and all else stay as they are."""
        try:
            text = (self.skill or b"").decode()
        except UnicodeDecodeError:
            return self
        return self if self.skill is None else replace(self, skill=marked(text, status).encode())

    def holds(self, skill: Skill) -> bool:
        """Whether these are the code and the tests that were read as that skill."""
        try:
            source = split(decode(self.skill or b""))[0]
            tests = decode(self.tests or b"")
        except SourceError:
            return False
        return source == skill.source and tests == skill.test_source

    def same_code(self, other: Texts) -> bool:
        """Whether code and tests are the same, whatever the records say."""
        return _code(self.skill) == _code(other.skill) and self.tests == other.tests


class SkillFiles:
    """The files of a library.

    Args:
        path: The folder `learned_skills`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> Texts:
        """The files of a skill as they are.

        Raises:
            RefusedError: If one is a link, no regular file, or too large.
        """
        try:
            with Folder.open(self.path) as folder:
                return Texts.of([_read(folder, f"{name}.py"), _read(folder, f"test_{name}.py")])
        except FileNotFoundError:
            return Texts(skill=None, tests=None)
        except FileRefusedError as error:
            msg = f"the files of skill {name} can't be read: {error}"
            raise RefusedError(msg) from error

    def write(self, name: str, texts: Texts) -> None:
        """Put both files there, or neither; None takes one away.

        Raises:
            RefusedError: If the folder is none of its own, or a text is no text.
            AgentError: If a file can't be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with Folder.open(self.path) as folder:
                _put(folder, name, texts)
        except (FileRefusedError, UnicodeDecodeError) as error:
            msg = f"the files of skill {name} can't be written: {error}"
            raise RefusedError(msg) from error
        except OSError as error:
            msg = f"the files of skill {name} can't be written to {self.path}: {error.strerror}"
            raise AgentError(msg) from error


def _read(folder: Folder, file: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return folder.read(file, limit=MAX_BYTES)
    return None


def _put(folder: Folder, name: str, texts: Texts) -> None:
    if texts.skill is None:
        # The skill first: tests without one are nothing that can be used.
        folder.remove(f"{name}.py")
        folder.remove(f"test_{name}.py")
    elif texts.tests is None:
        folder.write(f"{name}.py", texts.skill)
        folder.remove(f"test_{name}.py")
    elif _read(folder, f"test_{name}.py") == texts.tests:
        folder.write(f"{name}.py", texts.skill)
    else:
        write(folder, name, texts.skill.decode(), texts.tests.decode())


def _code(skill: bytes | None) -> bytes | None:
    try:
        return None if skill is None else split(decode(skill))[0].encode()
    except SourceError:
        return skill

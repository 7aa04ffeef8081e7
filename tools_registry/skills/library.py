"""The library of validated skills: `learned_skills/` in the workspace.

One skill is one file, its tests beside it. The host reads them by `ast` and never imports them.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.files import FileRefusedError, Folder, Problem
from tools_registry.git.git import Git
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.skill import Skill, SkillDraft
from tools_registry.skills.skill_file import Record, content_hash, render, split
from tools_registry.skills.skill_name import check_name, explain_unknown, objection
from tools_registry.skills.standing import standing
from tools_registry.source import (
    MAX_BYTES,
    Origin,
    SourceError,
    decode,
    parse,
    parse_tools,
    public_functions,
)
from tools_registry.tool import SkillStatus, Tool

MODULE = "learned_skills"
"""The folder in the workspace, and the package inside the kernel."""

MAX_SOURCE = 64 * 1024
"""Most bytes of code, and of tests, that are saved."""


class SkillLibrary:
    """The skills of one workspace; every call looks at the files anew.

    Args:
        workspace: The user's directory; `learned_skills` is made by the first `save`.
        ledger: What was tested and approved on this machine; by default the person's.
    """

    def __init__(self, workspace: Path | str = ".", ledger: Ledger | None = None) -> None:
        self.workspace = Path(workspace)
        self.path = self.workspace / MODULE
        self.ledger = ledger or Ledger.open()

    def list(self) -> tuple[Skill, ...]:
        """All skills by name, whatever their status."""
        return self.scan()[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that look like skills and can't be read as such."""
        return self.scan()[1]

    def scan(self) -> tuple[tuple[Skill, ...], tuple[Problem, ...]]:
        """Skills and problems from one look at the files."""
        try:
            with Folder.open(self.path) as folder:
                results = [_read(folder, name) for name in _skill_names(folder)]
        except FileNotFoundError:
            results = []
        except FileRefusedError as error:
            results = [Problem(file=self.path, message=str(error))]
        sheets = [result for result in results if isinstance(result, Sheet)]
        problems = [result for result in results if isinstance(result, Problem)]
        return self._judged(sheets), tuple(problems)

    def _judged(self, sheets: Sequence[Sheet]) -> tuple[Skill, ...]:
        """What was read, with the status that counts here."""
        try:
            verdicts = self.ledger.verdicts(sheet.content for sheet in sheets)
        except AgentError as error:  # nothing is known then, so nothing is used
            return tuple(_skill(sheet, "stale", str(error)) for sheet in sheets)
        return tuple(
            _skill(s, *standing(s.name, s.record, s.content, verdicts.get(s.content)))
            for s in sheets
        )

    def get(self, name: str) -> Skill:
        """One skill.

        Raises:
            UsageError: If there is none of that name, or its file is broken.
        """
        skills, problems = self.scan()
        for skill in skills:
            if skill.name == name:
                return skill
        for problem in problems:
            if problem.file.stem == name:
                raise UsageError(str(problem))
        raise UsageError(explain_unknown("skill", name, [skill.name for skill in skills]))

    def save(self, draft: SkillDraft, *, replace: bool = False) -> Skill:
        """Write a skill and its tests: both, or nothing.

        Args:
            draft: The skill; its source must define one function of its name.
            replace: Whether a skill of that name may be overwritten.

        Raises:
            UsageError: If the name or the code can't be a skill, or the name is taken.
            RefusedError: If `learned_skills` is not a directory of its own.
            AgentError: If it can't be written.
        """
        check_name(draft.name)
        _check_code(draft)
        draft = self._completed(draft)
        self._note(draft)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with Folder.open(self.path) as folder:
                _check_free(folder, draft.name, replace)
                _write(folder, draft, replace)
        except (FileRefusedError, FileExistsError) as error:
            msg = f"skill {draft.name} was not saved: {error}"
            raise RefusedError(msg) from error
        except OSError as error:
            msg = f"skill {draft.name} can't be written to {self.path}: {error.strerror}"
            raise AgentError(msg) from error
        return self.get(draft.name)

    def _note(self, draft: SkillDraft) -> None:
        """Noted before it is written: a verdict on what is not there does no harm."""
        content = content_hash(split(draft.source)[0], draft.tests)
        if draft.status in {"approved", "provisional"}:
            self.ledger.validated(content, draft.name)
        if draft.status == "approved":
            self.ledger.approved(content, draft.name)

    def _completed(self, draft: SkillDraft) -> SkillDraft:
        created = draft.provenance.created or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        provenance = dataclasses.replace(
            draft.provenance, created=created, commit=Git(self.workspace).head() or ""
        )
        return dataclasses.replace(draft, provenance=provenance)


def _skill_names(folder: Folder) -> Iterator[str]:
    for name in folder.names():
        stem, dot, suffix = name.rpartition(".")
        if dot and suffix == "py" and stem.isidentifier() and not stem.startswith(("_", "test_")):
            yield stem


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A skill file and its tests as they lie there."""

    name: str
    file: Path
    source: str
    tests: str
    record: Record
    tool: Tool

    @property
    def content(self) -> str:
        """The hash of what lies there now."""
        return content_hash(self.source, self.tests)


def _read(folder: Folder, name: str) -> Sheet | Problem:
    file = folder.path / f"{name}.py"
    if reason := objection(name):
        return Problem(file=file, message=f"can't be a skill: {reason}")
    try:
        return _sheet(folder, name, decode(folder.read(file.name, limit=MAX_BYTES)))
    except SourceError as error:
        return Problem(file=file, line=error.line, message=str(error))
    except (FileRefusedError, OSError) as error:
        return Problem(file=file, message=str(error))


def _sheet(folder: Folder, name: str, text: str) -> Sheet:
    file = folder.path / f"{name}.py"
    source, record = split(text)
    origin = Origin(kind="skill", module=f"{MODULE}.{name}", category="skill", file=file)
    tool = next((tool for tool in parse_tools(source, origin) if tool.name == name), None)
    if tool is None:
        msg = f"defines no function named {name}"
        raise SourceError(msg)
    tests = _read_tests(folder, name)
    return Sheet(name=name, file=file, source=source, tests=tests, record=record, tool=tool)


def _skill(sheet: Sheet, status: SkillStatus, reason: str) -> Skill:
    return Skill(
        name=sheet.name,
        status=status,
        signature=sheet.tool.signature,
        summary=sheet.tool.summary,
        file=sheet.file,
        tests=sheet.file.with_name(f"test_{sheet.name}.py"),
        source=sheet.source,
        test_source=sheet.tests,
        evidence=sheet.record.evidence,
        provenance=sheet.record.provenance,
        content=sheet.content,
        reason=reason,
    )


def _read_tests(folder: Folder, name: str) -> str:
    """The tests as text; none if they can't be read, which makes the skill stale."""
    with contextlib.suppress(OSError, FileRefusedError, UnicodeDecodeError):
        return folder.read(f"test_{name}.py", limit=MAX_BYTES).decode()
    return ""


def _check_code(draft: SkillDraft) -> None:
    for what, text in ("code", draft.source), ("tests", draft.tests):
        try:
            size = len(text.encode())
            tree = parse(text)
        except (SourceError, UnicodeEncodeError) as error:
            msg = f"the {what} of skill {draft.name} can't be saved: {error}"
            raise UsageError(msg) from error
        if size > MAX_SOURCE:
            msg = f"the {what} of skill {draft.name} exceed {MAX_SOURCE // 1024} KB"
            raise UsageError(msg)
        if what == "code":
            _check_defines(tree, draft.name)


def _check_defines(tree: ast.Module, name: str) -> None:
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if defined.count(name) != 1 or name not in public_functions(tree):
        msg = f"the code of skill {name} must define the function {name} once, at top level"
        raise UsageError(msg)


def _check_free(folder: Folder, name: str, replace: bool) -> None:
    for present in folder.names():
        if present.casefold() not in {f"{name}.py", f"test_{name}.py"}:
            continue
        if not present.islower():
            msg = f"{present} differs from it by case alone; choose another name"
            raise FileExistsError(msg)
        if not replace:
            msg = f"{present} exists; choose another name, or replace it"
            raise FileExistsError(msg)


def _write(folder: Folder, draft: SkillDraft, replace: bool) -> None:
    """Tests first: a skill that can be found has its tests."""
    tests = f"test_{draft.name}.py"
    skill = folder.stage(render(draft).encode())
    try:
        before = _before(folder, tests) if replace else None
        folder.write(tests, draft.tests.encode(), replace=replace)
        try:
            folder.publish(skill, f"{draft.name}.py")
        except BaseException:
            _restore(folder, tests, before)
            raise
    except BaseException:
        folder.remove(skill)
        raise


def _before(folder: Folder, name: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return folder.read(name, limit=MAX_BYTES)
    return None


def _restore(folder: Folder, name: str, before: bytes | None) -> None:
    if before is None:
        folder.remove(name)
    else:
        folder.write(name, before)

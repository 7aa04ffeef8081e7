"""The library of validated skills: `learned_skills/` in the workspace.

One skill is one file, its tests beside it. The host reads them by `ast` and never imports them.
What a file says of its own validation counts only if the ledger of this machine agrees. Sub-agents
are kept in the same way, in a folder below.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.files import FileRefusedError, Folder, Problem
from tools_registry.git.git import Git
from tools_registry.skills.dependencies import PACKAGE, Graph, imports_of
from tools_registry.skills.draft import MAX_SOURCE
from tools_registry.skills.form import SKILLS, Form
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.sheet import read_sheets, tests_name
from tools_registry.skills.shown import package, place, refresh
from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft
from tools_registry.skills.skill_file import claim_hash, content_of, render, split
from tools_registry.skills.skill_name import explain_unknown
from tools_registry.skills.standing import judge, not_firm
from tools_registry.skills.turns import turn
from tools_registry.skills.writing import recover, sweep, unfinished, write
from tools_registry.source import SourceError, parse
from tools_registry.tool import SkillKind, SkillStatus

__all__ = ["MAX_SOURCE", "MODULE", "SkillLibrary"]

MODULE = PACKAGE
"""The folder in the workspace, and the package inside the kernel."""

_EXPOSED = (
    "what was tested and approved is noted in a directory that lies in this workspace, where cells "
    "could change it: choose a workspace without it"
)

Look = tuple[tuple[Skill, ...], tuple[Problem, ...]]


class SkillLibrary:
    """The skills of one workspace; every call looks at the files anew.

    Args:
        workspace: The user's directory; `learned_skills` is made by the first `save`.
        ledger: What was tested and approved on this machine; by default the person's.
        form: What its files are.
    """

    def __init__(
        self, workspace: Path | str = ".", ledger: Ledger | None = None, form: Form = SKILLS
    ) -> None:
        self.workspace = Path(workspace)
        self.form = form
        self.path = self.workspace / form.folder
        self.ledger = ledger or Ledger.open()

    def list(self) -> tuple[Skill, ...]:
        """All skills by name, whatever their status."""
        return self.scan()[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that look like skills and can't be read as such."""
        return self.scan()[1]

    def scan(self) -> Look:
        """Skills and problems from one look at the files."""
        try:
            with Folder.open(self.workspace / MODULE, *self.form.below) as folder:
                return self._look(folder)
        except FileNotFoundError:
            return (), ()
        except FileRefusedError as error:
            return (), (Problem(file=self.path, message=str(error)),)

    def get(self, name: str) -> Skill:
        """One skill.

        Raises:
            UsageError: If there is none of that name, or its file is broken.
        """
        return _named(self.form.kind, name, self.scan())

    def dependents(self, name: str) -> tuple[str, ...]:
        """The skills that import one, directly or over others, each after what it imports."""
        return Graph({skill.name: skill.imports for skill in self.list()}).dependents(name)

    def needed_by(self, source: str) -> dict[str, str]:
        """The skills that new code imports, and those that these import: name → source.

        What nobody approved is left out, and so is everything if the code is no Python: the gates
        say then what is missing.
        """
        try:
            imports = imports_of(parse(source))
        except SourceError:
            return {}
        return _sources(imports, [s for s in self.list() if s.firm]) if imports else {}

    def beneath(self, skill: Skill) -> dict[str, str]:
        """The same for a skill that lies here; what it imports may still wait for approval."""
        if not skill.imports:
            return {}
        return _sources(skill.imports, [other for other in self.list() if other.usable])

    def save(self, draft: SkillDraft, *, replace: bool = False) -> Skill:
        """Write a skill that has passed its gates, and its tests: both, or nothing.

        It is noted in the ledger as validated and, if the draft is approved, as approved.

        Args:
            draft: The skill; its source must define one function of its name.
            replace: Whether a skill of that name may be overwritten.

        Raises:
            UsageError: If the name or the code can't be a skill.
            RefusedError: If the name is taken, it imports itself or a skill that nobody approved,
                or `learned_skills` is not a directory of its own.
            AgentError: If it can't be written.
        """
        self.form.check_name(draft.name)
        imports = self.form.check(draft)
        draft = _with_plain_lines(draft)
        with self._writing(draft.name, make=True) as folder:
            contents = self._contents(folder, draft.name, imports)
            _check_free(folder, draft.name, replace)
            draft = dataclasses.replace(draft, provenance=self._origin(draft.provenance))
            text = render(draft, contents)
            self._note(draft, content_of(draft, contents))
            self._note_evidence(text, draft.tests)
            self._put(folder, draft, text)
        return self._shown(draft.name)

    def record(self, tested: Skill, evidence: Iterable[Evidence], *, passed: bool) -> Skill:
        """Write down what the gates said of a skill: in the ledger and in its file.

        One that passed is what its file said before, if that was sound; else it is approved only
        if this content was approved here. One that failed is stale. A file whose record says the
        same already is not touched.

        Args:
            tested: The skill as it was tested.
            evidence: What each gate said.
            passed: Whether it may be used.

        Raises:
            UsageError: If it is not there any more.
            RefusedError: If it was changed while it was tested.
            AgentError: If it can't be written.
        """
        evidence = tuple(evidence)
        with self._writing(tested.name) as folder:
            skill = _named(self.form.kind, tested.name, self._look(folder))
            if skill.content != tested.content:
                msg = (
                    f"{self.form.kind} {tested.name} was changed while it was tested: test it again"
                )
                raise RefusedError(msg)
            status = self._outcome(skill, passed)
            if passed:
                self.ledger.validated(skill.content, skill.name)
            else:
                self.ledger.failed(skill.content, skill.name, _failure(evidence))
            origin = self._origin(skill.provenance) if not skill.recorded else skill.provenance
            draft = dataclasses.replace(skill.draft(status), evidence=evidence, provenance=origin)
            text = render(draft, skill.imports)
            self._note_evidence(text, draft.tests)
            if skill.recorded != status or _signals(skill.evidence) != _signals(evidence):
                folder.write(f"{skill.name}.py", text.encode())
        return self._shown(tested.name)

    def _shown(self, name: str) -> Skill:
        """A skill that has just changed, which kernels see from now on as it is."""
        self.refresh_shown()
        return self.get(name)

    def refresh_shown(self) -> None:
        """Let kernels that run see the skills as they are now; nothing is done if none has any."""
        folder = place(self.workspace, self.ledger.path)
        if self.form is SKILLS and folder.is_dir():
            with contextlib.suppress(OSError):  # it is done anyway when the next kernel starts
                refresh(folder, self.list())

    def shown(self) -> dict[str, Path]:
        """The skills that may be used, as the package that a kernel is given.

        Returns:
            Its name and folder, which `save` and `record` keep up to date. It is empty where there
            are no skills or no place for it: a kernel never sees the folder in the workspace.
        """
        return {MODULE: package(self.workspace, self.ledger.path, self.list())}

    def _look(self, folder: Folder) -> Look:
        sheets, problems = read_sheets(folder, self.form)
        skills, cycles = judge(sheets, self.ledger)
        if self.ledger.path.resolve().is_relative_to(self.workspace.resolve()):
            skills = tuple(dataclasses.replace(s, status="stale", reason=_EXPOSED) for s in skills)
        return skills, (*problems, *cycles)

    @contextlib.contextmanager
    def _writing(self, name: str, *, make: bool = False) -> Iterator[Folder]:
        """The folder, for one process at a time, without what killed ones left."""
        try:
            if make:
                Folder.make(self.workspace / MODULE, *self.form.below)
            with (
                turn(self.ledger.path.with_suffix(".lock")),
                Folder.open(self.workspace / MODULE, *self.form.below) as folder,
            ):
                self._tidy(folder)
                yield folder
        except (FileRefusedError, FileExistsError) as error:
            msg = f"{self.form.kind} {name} was not saved: {error}"
            raise RefusedError(msg) from error
        except OSError as error:
            msg = f"{self.form.kind} {name} can't be written to {self.path}: {error.strerror}"
            raise AgentError(msg) from error

    def _put(self, folder: Folder, draft: SkillDraft, text: str) -> None:
        if draft.tests or self.form is SKILLS:
            write(folder, draft.name, text, draft.tests)
        else:
            folder.remove(tests_name(draft.name))
            folder.write(f"{draft.name}.py", text.encode())

    def _tidy(self, folder: Folder) -> None:
        sweep(folder)
        if names := unfinished(folder.names()):
            skills = {skill.name: skill for skill in self._look(folder)[0]}
            for name in names:
                recover(folder, name, skills.get(name))

    def _contents(self, folder: Folder, name: str, imports: Iterable[str]) -> Mapping[str, str]:
        """What a new skill imports, if it may: name → content."""
        if not imports:
            return {}
        skills = {skill.name: skill for skill in self._look(folder)[0]}
        graph = Graph({**{n: skill.imports for n, skill in skills.items()}, name: imports})
        if cycle := graph.cycle_of(name):
            msg = f"skill {name} was not saved: it would import itself ({' -> '.join(cycle)})"
            raise RefusedError(msg)
        for other in imports:
            if other not in skills or not skills[other].firm:
                found = f"is {not_firm(skills[other])}" if other in skills else "is not there"
                msg = f"skill {name} was not saved: it imports {other}, which {found}"
                raise RefusedError(msg)
        return {other: skills[other].content for other in imports}

    def _note(self, draft: SkillDraft, content: str) -> None:
        """Noted before it is written: a verdict on what is not there does no harm."""
        if draft.status in {"approved", "provisional"}:
            self.ledger.validated(content, draft.name)
        if draft.status == "approved":
            self.ledger.approved(content, draft.name)

    def _note_evidence(self, text: str, tests: str) -> None:
        """As it is read again: a file may keep less of it."""
        source, record = split(text)
        self.ledger.produced(claim_hash(source, tests, record))

    def _outcome(self, skill: Skill, passed: bool) -> SkillStatus:
        """What the file of a skill that was tested says."""
        if not passed:
            return "stale"
        if skill.recorded and skill.recorded != "stale":
            return skill.recorded
        verdict = self.ledger.verdict(skill.content)
        return "approved" if verdict and verdict.approved else "provisional"

    def _origin(self, provenance: Provenance) -> Provenance:
        created = provenance.created or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        commit = Git(self.workspace).head() or ""
        return dataclasses.replace(provenance, created=created, commit=commit)


def _sources(names: Iterable[str], skills: Iterable[Skill]) -> dict[str, str]:
    """Some skills and what they import, as far as it is among others; imported ones first."""
    known = {skill.name: skill for skill in skills}
    graph = Graph({name: skill.imports for name, skill in known.items()})
    wanted = known.keys() & set(names)
    wanted |= {other for name in wanted for other in graph.dependencies(name)}
    return {name: known[name].source for name in graph.order if name in wanted}


def _named(kind: SkillKind, name: str, look: Look) -> Skill:
    skills, problems = look
    for skill in skills:
        if skill.name == name:
            return skill
    for problem in problems:
        if problem.file.stem == name:
            raise UsageError(str(problem))
    raise UsageError(explain_unknown(kind, name, [skill.name for skill in skills]))


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


def _with_plain_lines(draft: SkillDraft) -> SkillDraft:
    """As it will be read: a file's line ends may change from checkout to checkout."""
    source, tests = (text.replace("\r\n", "\n") for text in (draft.source, draft.tests))
    return dataclasses.replace(draft, source=source, tests=tests)


def _signals(evidence: Iterable[Evidence]) -> list[tuple[str, bool]]:
    """What a later test of the same content must repeat; details may differ by a digit."""
    return [(item.signal, item.passed) for item in evidence]


def _failure(evidence: Iterable[Evidence]) -> str:
    failed = (f"{item.signal}: {item.detail}" for item in evidence if not item.passed)
    return next(failed, "no gate said why")

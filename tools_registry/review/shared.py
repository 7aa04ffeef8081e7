"""A shared library, read as data: from the objects of a repository, or the files of a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import AgentError, UsageError
from tools_registry.files import FileRefusedError, Folder
from tools_registry.git.git import Git, Opened
from tools_registry.git.objects import Objects
from tools_registry.git.refs import Refs
from tools_registry.git.remote import Remote
from tools_registry.git.transport import SHARED, Fetched, Store
from tools_registry.review.files import SkillFiles, Texts
from tools_registry.review.versions import read_skill
from tools_registry.skills.draft import check_draft
from tools_registry.skills.library import MODULE, SkillLibrary
from tools_registry.skills.sheet import MAX_FILE
from tools_registry.skills.skill import Skill, SkillDraft
from tools_registry.skills.skill_name import check_name
from tools_registry.source import MAX_BYTES, SourceError

_MOST = 5000
_AT_ONCE = 50
_SIZE = f"{MAX_FILE >> 10} KB"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A skill of a shared library.

    Attributes:
        name: The skill.
        texts: Its files.
        skill: What they say of themselves, which nobody here has checked.
        remote: The library.
        commit: The commit it is from; "" for a folder without git.
    """

    name: str
    texts: Texts
    skill: Skill
    remote: Remote
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What a shared library offers.

    Attributes:
        remote: The library.
        candidates: By name.
        problems: What was skipped, and why, one line each.
    """

    remote: Remote
    candidates: Mapping[str, Candidate]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A repository of shared skills, opened.

    Attributes:
        git: For its objects.
        fetched: Its newest commits.
        store: What fetched and can push; None for a folder of this machine.
    """

    git: Opened
    fetched: Fetched
    store: Store | None = None


@contextlib.contextmanager
def open_shared(remote: Remote, away_from: Path) -> Iterator[Opening]:
    """Open the repository of a shared library; one on a server is fetched first.

    Args:
        remote: The library.
        away_from: The workspace, whose programs are never run.

    Raises:
        UsageError: If the folder is no git repository of this user.
        AgentError: If the server can't be reached.
    """
    if remote.path is None:
        store = Store.of(remote, away_from)
        fetched = store.fetch()
        with Git(store.folder, bare=True).open() as git:
            yield Opening(git=git, fetched=fetched, store=store)
        return
    with Git(remote.path, bare=not _has_tree(remote.path)).open() as git:
        refs = Refs(git)
        yield Opening(git=git, fetched=Fetched(default=refs.head(), shared=refs.get(SHARED)))


def read_shared(remote: Remote, away_from: Path) -> Shared:
    """The skills of a shared library; nothing of it is run or checked out.

    Raises:
        AgentError: If it can't be read.
    """
    if remote.path and not _is_repository(remote.path):
        return _parsed(remote, dict(_files(remote.path)))
    with open_shared(remote, away_from) as opening:
        commits = [opening.fetched.shared, opening.fetched.default]
        texts: dict[str, tuple[Texts, str]] = {}
        for commit in filter(None, commits):  # what its people have merged outranks the rest
            texts |= _texts(opening.git, commit)
    return _parsed(remote, texts)


def folder_in(git: Opened, commit: str | None) -> str:
    """Where a shared library keeps its skills: in `learned_skills`, or at its top."""
    objects = Objects(git)
    if commit is None or objects.folder(commit, MODULE):
        return MODULE
    return "" if any(map(_is_tests, objects.folder(commit, ""))) else MODULE


def _texts(git: Opened, commit: str) -> dict[str, tuple[Texts, str]]:
    objects, folder = Objects(git), folder_in(git, commit)
    entries = objects.all_in(commit, folder)
    names = [name[:-3] for name in entries if _is_skill(name)][:_MOST]
    files = {name: entry for name, entry in entries.items() if entry.is_file}
    found: dict[str, tuple[Texts, str]] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        pairs = [(files.get(f"{n}.py"), files.get(f"test_{n}.py")) for n in some]
        oids = [entry.oid if entry else "missing" for pair in pairs for entry in pair]
        contents = objects.contents(oids, limit=MAX_BYTES)
        for i, name in enumerate(some):
            found[name] = Texts.of(contents[2 * i : 2 * i + 2]), commit
    return found


def _files(path: Path) -> Iterator[tuple[str, tuple[Texts, str]]]:
    folder = path / MODULE if (path / MODULE).is_dir() else path
    try:
        with Folder.open(folder) as opened:
            names = [name[:-3] for name in opened.names() if _is_skill(name)]
    except (FileRefusedError, OSError) as error:
        msg = f"{folder} can't be read: {error}"
        raise AgentError(msg) from error
    for name in names[:_MOST]:
        try:
            yield name, (SkillFiles(folder).read(name), "")
        except AgentError:
            yield name, (Texts(skill=None, tests=None), "")


def _parsed(remote: Remote, found: Mapping[str, tuple[Texts, str]]) -> Shared:
    candidates: dict[str, Candidate] = {}
    problems: list[str] = []
    for name, (texts, commit) in sorted(found.items()):
        try:
            skill = _checked(name, texts)
        except UsageError as error:
            problems.append(str(error))
            continue
        candidates[name] = Candidate(
            name=name, texts=texts, skill=skill, remote=remote, commit=commit
        )
    return Shared(remote=remote, candidates=candidates, problems=tuple(problems))


def _checked(name: str, texts: Texts) -> Skill:
    check_name(name)
    for file, content in (f"{name}.py", texts.skill), (f"test_{name}.py", texts.tests):
        if content is None or len(content) > MAX_FILE:
            msg = f"{name} is no skill with tests: {file} is no file, or more than {_SIZE}"
            raise UsageError(msg)
    try:
        skill = read_skill(name, texts, SkillLibrary(""))
    except SourceError as error:
        line = f" line {error.line}" if error.line else ""
        msg = f"{name}.py{line} {error}"
        raise UsageError(msg) from error
    check_draft(SkillDraft(name=name, source=skill.source, tests=skill.test_source))
    return skill


def _is_skill(file: str) -> bool:
    stem, dot, suffix = file.rpartition(".")
    return (
        bool(dot) and suffix == "py" and stem.isidentifier() and not stem.startswith(("_", "test_"))
    )


def _is_tests(file: str) -> bool:
    return file.startswith("test_") and file.endswith(".py")


def _has_tree(path: Path) -> bool:
    return Git(path).is_repository()


def _is_repository(path: Path) -> bool:
    # A folder below somebody's repository is that folder, not the repository.
    return (path / ".git").exists() or Git(path, bare=True).is_repository()

"""A decision about one skill as a commit on the branch that is checked out.

Objects come first, which nobody sees; then the file and the index entry, which say no more than the
working tree may; then the branch, if it is still what it was; then what the decision made needless.
Whoever is killed in between leaves the old state or the new one, and deciding again completes it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.files import FileRefusedError, read_file
from tools_registry.git.git import Opened
from tools_registry.git.index import stage, staged
from tools_registry.git.objects import Objects
from tools_registry.git.refs import Change, Refs
from tools_registry.git.repository import Repository
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts

NAMELESS = "git knows no name of yours (user.name, user.email), so the commit is by 'agent'"
_HEAD_SIZE = 4096


@dataclass(frozen=True, kw_only=True)
class Landed:
    """What became of the branch.

    Attributes:
        commit: The commit that has the skill as decided; "" if git is not used.
        branch: The branch that has it, by its short name.
        note: What the person should know, one sentence; or "".
    """

    commit: str = ""
    branch: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What is to be committed.

    Attributes:
        name: The skill.
        texts: Its files as they are to be.
        message: Of the commit.
        merged: The proposal that is merged; None if there is none.
    """

    name: str
    texts: Texts
    message: str
    merged: str | None = None


def land(desk: Desk, git: Opened, landing: Landing) -> Landed:
    """Commit the files of a skill on the current branch; no other file or entry is touched.

    Raises:
        RefusedError: If the repository is in the middle of something, on no branch, or odd.
        AgentError: If somebody else changed the branch meanwhile; then nothing has changed.
    """
    target = target_branch(desk, git, landing.name)
    refs = Refs(git)
    head = refs.get(target)
    blobs = written(desk, git, landing.name, landing.texts)
    commit = _commit(git, head, landing, blobs)
    changes = [Change(name=target, new=commit, old=head)] if commit != head else []
    changes += _merged(desk, git, landing)
    with _undone_on_error(desk, git, landing.name):
        desk.files.write(landing.name, landing.texts)
        stage(git, blobs)
        if changes:
            refs.change(*changes, why=landing.message.partition("\n")[0])
    short = target.removeprefix("refs/heads/")
    return Landed(commit=commit, branch=short, note=NAMELESS if git.nameless else "")


def target_branch(desk: Desk, git: Opened, name: str) -> str:
    """The branch that a decision goes to.

    Raises:
        RefusedError: If a merge or the like is under way, or no branch is checked out.
        UsageError: If the proposal itself is checked out.
    """
    git.repository.check_quiet()
    branch = git.repository.branch()
    if branch is None:
        msg = "no branch is checked out"
        raise RefusedError(msg)
    if branch == desk.branch_of(name):
        msg = (
            f"the proposal of {name} is checked out itself: check out the branch that should get "
            "it (git switch main), then decide again"
        )
        raise UsageError(msg)
    return branch


def checked_out(repository: Repository, branch: str) -> bool:
    """Whether a working tree of the repository is on a branch, which must not move under it."""
    common = repository.common_dir
    heads = [common / "HEAD", *(common / "worktrees").glob("*/HEAD")]
    return any(_content(head) == f"ref: {branch}" for head in heads)


def _content(file: Path) -> str:
    with contextlib.suppress(OSError, FileRefusedError, UnicodeDecodeError):
        return read_file(file, limit=_HEAD_SIZE).decode().strip()
    return ""


def written(desk: Desk, git: Opened, name: str, texts: Texts) -> dict[str, str | None]:
    """The blobs of a skill's files by path; None where there is no file."""
    objects = Objects(git)
    contents = zip(desk.place.paths(name), (texts.skill, texts.tests), strict=True)
    return {path: None if c is None else objects.blob(c) for path, c in contents}


def _commit(
    git: Opened, head: str | None, landing: Landing, blobs: Mapping[str, str | None]
) -> str:
    """The commit to land; the present one if it has all already."""
    objects = Objects(git)
    tree = objects.tree(head, blobs)
    merged = landing.merged
    if head and merged and is_within(git, merged, head):
        merged = None
    if head and not merged and tree == git.run("rev-parse", "--verify", f"{head}^{{tree}}").strip():
        return head
    return objects.commit(tree, [c for c in (head, merged) if c], landing.message)


def is_within(git: Opened, commit: str, other: str) -> bool:
    """Whether a commit is part of another one's history."""
    return git.run("rev-list", "-n", "1", commit, f"^{other}").strip() == ""


def brings_more(git: Opened, head: str | None, tip: str, paths: Iterable[str]) -> bool:
    """Whether a proposal's history has changes of other files that a branch does not have.

    With it merged, git would take these for merged as well, although they are not.
    """
    since = [tip, *([f"^{head}"] if head else [])]
    others = [f":(top,exclude,literal){path}" for path in paths]
    return bool(git.run("rev-list", "-n", "1", "--full-history", *since, "--", ".", *others))


def _merged(desk: Desk, git: Opened, landing: Landing) -> list[Change]:
    """The proposal's branch is not needed any more, unless a working tree stands on it."""
    branch = desk.branch_of(landing.name)
    if landing.merged is None or checked_out(git.repository, branch):
        return []
    return [Change(name=branch, new=None, old=landing.merged)]


@contextlib.contextmanager
def _undone_on_error(desk: Desk, git: Opened, name: str) -> Iterator[None]:
    paths = desk.place.paths(name)
    texts, entries = desk.files.read(name), staged(git, *paths)
    try:
        yield
    except AgentError:
        with contextlib.suppress(AgentError):
            desk.files.write(name, texts)
            stage(git, {path: entries.get(path) for path in paths})
        raise

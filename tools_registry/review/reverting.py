"""Go back to an earlier version of a skill, by a commit that says so."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.errors import RefusedError, UsageError
from tools_registry.git.git import Opened
from tools_registry.git.refs import Refs
from tools_registry.review.decided import Decided
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.landing import Landing, land, target_branch
from tools_registry.review.message import decision
from tools_registry.review.versions import as_skill, texts_at


@dataclass(frozen=True, kw_only=True)
class _Version:
    """A version to go back to; with no commit it is that there was none."""

    commit: str
    texts: Texts


def revert(desk: Desk, name: str, to: str | None = None) -> Decided:
    """Go back to an earlier version of a skill by a new commit, or take it out.

    What that version may be used for depends on what this machine knows of it.

    Args:
        desk: The review.
        name: The skill.
        to: A commit that has the wanted version; by default the last one before the present.

    Raises:
        UsageError: If there is nothing to go back to, or the commit is unknown.
        RefusedError: If the files have changes that would be lost, git is not used here, or the
            repository is in the middle of something or on no branch.
    """
    desk.library.form.check_name(name)
    if not desk.commits:
        msg = f"{name} can't be taken back: {desk.note}"
        raise RefusedError(msg)
    with desk.locked(), desk.place.open() as git:
        target_branch(desk, git, name)
        texts = desk.files.read(name)
        _check_unchanged(desk, git, name, texts)
        version = _chosen(desk, git, name, to) if to else _before(desk, git, name)
        if version.texts == texts:
            msg = f"{name} is as it was in {version.commit[:10]} already"
            raise UsageError(msg)
        told = as_skill(name, version.texts, desk.library)
        told = told or as_skill(name, texts, desk.library) or desk.library.get(name)
        where = f"Back to {version.commit[:10]}." if version.commit else "Taken out."
        message = decision(told, "Revert", where)
        landed = land(desk, git, Landing(name=name, texts=version.texts, message=message))
    now = next((skill for skill in desk.library.list() if skill.name == name), None)
    note = landed.note or (now.reason if now else f"{name} is gone; its commits stay")
    return Decided(skill=now or told, commit=landed.commit, branch=landed.branch, note=note)


def _check_unchanged(desk: Desk, git: Opened, name: str, texts: Texts) -> None:
    head = Refs(git).head()
    if head is None:
        msg = f"{name} has never been committed, so there is nothing to go back to"
        raise UsageError(msg)
    if texts_at(git, desk.place, name, [head]) != [texts]:
        msg = (
            f"{name} has changes that are not committed: approve or reject them first "
            f"(agent skills diff {name} shows them)"
        )
        raise RefusedError(msg)


def _chosen(desk: Desk, git: Opened, name: str, to: str) -> _Version:
    found = git.run(
        "rev-parse", "-q", "--verify", "--end-of-options", f"{to}^{{commit}}", codes=(0, 1, 128)
    )
    commit = found.strip()
    texts = texts_at(git, desk.place, name, [commit])[0] if commit else None
    if texts is None or texts.skill is None:
        msg = f"{to[:60]!r} is no commit with a skill {name}: see agent skills history {name}"
        raise UsageError(msg)
    return _Version(commit=commit, texts=texts)


def _before(desk: Desk, git: Opened, name: str) -> _Version:
    """The version before the present one, as the branch saw them: proposals are none of these."""
    paths = desk.place.paths(name)
    log = git.run("log", "--first-parent", "-n", "2", "--format=%H", "HEAD", "--", *paths)
    commits = log.split()
    if not commits:
        msg = f"{name} has never been committed, so there is nothing to go back to"
        raise UsageError(msg)
    if len(commits) == 1:
        return _Version(commit="", texts=Texts(skill=None, tests=None))
    return _Version(commit=commits[1], texts=texts_at(git, desk.place, name, commits[1:])[0])

"""Propose a skill: a commit on a branch of its own, or an entry in the index."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.errors import RefusedError
from tools_registry.git.git import Opened
from tools_registry.git.index import stage
from tools_registry.git.objects import Objects
from tools_registry.git.refs import Change, Refs
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.landing import NAMELESS, checked_out, written
from tools_registry.review.message import proposal
from tools_registry.review.place import ignored
from tools_registry.review.versions import texts_at
from tools_registry.skills.skill import Skill

_NONE = Texts(skill=None, tests=None)


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """Where a proposal lies.

    Attributes:
        commit: The commit with it; "" if there is none.
        branch: The branch with it, by its short name; "" if there is none.
        staged: Whether it is in the index.
        note: Why git could not take it although it should, or what else the person should know.
    """

    commit: str = ""
    branch: str = ""
    staged: bool = False
    note: str = ""


def propose(desk: Desk, skill: Skill, why: str = "") -> Proposed:
    """Propose a skill as its files are.

    Args:
        desk: The review.
        skill: A skill of its library.
        why: The request that it answers, for the commit's message.

    Raises:
        AgentError: If git can't take it; the skill's files are there all the same.
    """
    if not desk.commits:
        return Proposed()
    with desk.place.open() as git:
        rule = ignored(git, desk.place.paths(skill.name)[0])
        if rule:
            return Proposed(note=_ignored(rule))
        if desk.mode == "staged":
            stage(git, _blobs(desk, git, skill))
            return Proposed(staged=True)
        return _branched(desk, git, skill, why)


def _branched(desk: Desk, git: Opened, skill: Skill, why: str) -> Proposed:
    branch, refs, objects = desk.branch_of(skill.name), Refs(git), Objects(git)
    tip = refs.get(branch)
    base = tip or refs.head()
    short = branch.removeprefix("refs/heads/")
    there = texts_at(git, desk.place, skill.name, [base])[0] if base else _NONE
    if there == desk.files.read(skill.name):
        return Proposed(commit=tip or "", branch=short if tip else "")
    if checked_out(git.repository, branch):
        msg = f"{skill.name} is not committed to {short}, for that branch is checked out"
        raise RefusedError(msg)
    message = proposal(skill, "Change" if there.skill is not None else "Add", why)
    tree = objects.tree(base, _blobs(desk, git, skill))
    commit = objects.commit(tree, [base] if base else [], message)
    refs.change(Change(name=branch, new=commit, old=tip))
    return Proposed(commit=commit, branch=short, note=NAMELESS if git.nameless else "")


def _blobs(desk: Desk, git: Opened, skill: Skill) -> dict[str, str | None]:
    texts = desk.files.read(skill.name)
    if not texts.holds(skill):
        msg = f"the files of {skill.name} changed while it was being proposed: try again"
        raise RefusedError(msg)
    return written(desk, git, skill.name, texts)


def _ignored(rule: str) -> str:
    return (
        f"git ignores the skills here ({rule}), so they are files only; take that rule away to "
        "review them in git"
    )

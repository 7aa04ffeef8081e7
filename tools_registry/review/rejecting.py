"""Reject a skill: the reason stays, so that the same is not proposed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sessions.errors import UsageError
from tools_registry.git.git import Opened
from tools_registry.git.index import stage, staged
from tools_registry.git.objects import Objects
from tools_registry.git.refs import Change, Refs
from tools_registry.review.decided import Decided
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.landing import NAMELESS, checked_out, written
from tools_registry.review.message import decision
from tools_registry.review.rejections import Rejection, form_of
from tools_registry.review.versions import texts_at
from tools_registry.skills.skill import Skill

_NONE = Texts(skill=None, tests=None)


def reject(desk: Desk, name: str, reason: str) -> Decided:
    """Say no to a skill: its files go, its commits are kept apart, the reason stays.

    What the current branch has of that name is put back. If that itself is rejected, it stays where
    it is and is used no more on this machine.

    Args:
        desk: The review.
        name: The skill.
        reason: Why; told whenever the same is proposed again.

    Raises:
        UsageError: If there is no such skill, or no reason.
        AgentError: If something can't be written.
    """
    if not reason.strip():
        msg = f"say why {name} is rejected: --reason TEXT"
        raise UsageError(msg)
    with desk.locked():
        skill = desk.library.get(name)
        _note(desk, skill, reason.strip())
        if desk.commits:
            with desk.place.open() as git:
                return _rejected(desk, git, skill, reason.strip())
        desk.files.write(name, _NONE)
        return _gone(skill, reason, note=f"its code is kept nowhere: {desk.note}")


def _note(desk: Desk, skill: Skill, reason: str) -> None:
    desk.rejections.add(
        Rejection(
            name=skill.name,
            reason=reason,
            content=skill.content,
            form=form_of(skill.source),
            time=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
    )


def _rejected(desk: Desk, git: Opened, skill: Skill, reason: str) -> Decided:
    name, head, texts = skill.name, Refs(git).head(), desk.files.read(skill.name)
    committed = texts_at(git, desk.place, name, [head])[0] if head else _NONE
    if committed == texts:
        note = f"it stays in the repository, unused here; agent skills revert {name} takes it out"
        return _gone(skill, reason, note=note)
    commit = _kept(desk, git, skill, texts, reason)
    desk.files.write(name, committed)
    _unstage(desk, git, name, committed)
    return _gone(
        skill,
        reason,
        commit=commit,
        branch=desk.rejected_ref(name),
        note=NAMELESS if git.nameless else "",
    )


def _kept(desk: Desk, git: Opened, skill: Skill, texts: Texts, reason: str) -> str:
    """A commit with what was rejected and why, on a ref that no branch list shows."""
    refs, objects, branch = Refs(git), Objects(git), desk.branch_of(skill.name)
    kept, tip = refs.get(desk.rejected_ref(skill.name)), refs.get(branch)
    base = tip or refs.head()
    if kept and not tip and texts_at(git, desk.place, skill.name, [kept])[0].same_code(texts):
        return kept
    tree = objects.tree(base, written(desk, git, skill.name, texts.marked("rejected")))
    parents = [commit for commit in (base, kept) if commit]
    commit = objects.commit(tree, parents, decision(skill, "Reject", reason))
    gone = tip is not None and not checked_out(git.repository, branch)
    refs.change(
        Change(name=desk.rejected_ref(skill.name), new=commit, old=kept),
        *([Change(name=branch, new=None, old=tip)] if gone else []),
    )
    return commit


def _unstage(desk: Desk, git: Opened, name: str, committed: Texts) -> None:
    """Entries for what was proposed become those of the branch; none is added."""
    blobs = written(desk, git, name, committed)
    present = staged(git, *blobs)
    stage(git, {path: blob for path, blob in blobs.items() if path in present})


def _gone(
    skill: Skill, reason: str, *, commit: str = "", branch: str = "", note: str = ""
) -> Decided:
    told = replace(skill, status="rejected", reason=f"rejected here: {reason.strip()}")
    return Decided(skill=told, commit=commit, branch=branch, note=note)

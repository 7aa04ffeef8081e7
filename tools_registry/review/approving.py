"""Approve a skill: its record says so, the branch that is checked out has it, the ledger knows."""

from __future__ import annotations

from dataclasses import replace

from sessions.errors import RefusedError, UsageError
from tools_registry.git.git import Opened
from tools_registry.git.refs import Refs
from tools_registry.review.decided import Decided
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.landing import Landed, Landing, brings_more, land, target_branch
from tools_registry.review.looks import check_expected, check_looked
from tools_registry.review.message import decision
from tools_registry.review.overview import how_to_get, look
from tools_registry.review.place import ignored
from tools_registry.review.proposing import propose
from tools_registry.review.versions import texts_at
from tools_registry.skills.dependencies import Graph
from tools_registry.skills.skill import Skill
from tools_registry.skills.standing import loose


def approve(desk: Desk, name: str, expected: str = "") -> Decided:
    """Let a skill count as approved here, and merge its proposal into the current branch.

    Args:
        desk: The review.
        name: A skill that passed its tests on this machine.
        expected: The content that is meant, or its beginning; "" for the one that a person has
            looked at last, or any if nobody has.

    Raises:
        UsageError: If there is no such skill, or nothing is left to approve.
        RefusedError: If it was not tested as it is, is another version than was meant or looked
            at, or the repository is in the middle of something or on no branch.
        AgentError: If somebody else was faster.
    """
    with desk.locked():
        skill = _named(desk, name)
        check_expected(skill, expected)
        check_looked(skill, "" if expected else desk.looks.of(skill))
        _check_tested(desk, skill)
        texts = desk.files.read(name)
        if not texts.holds(skill):
            msg = f"the files of {name} changed while it was being approved: look again"
            raise RefusedError(msg)
        landed = _landed(desk, skill, texts.marked("approved"))
        desk.library.ledger.approved(skill.content, name)
        desk.rejections.take_back(skill)
        desk.looks.forget(skill)
        return Decided(
            skill=desk.library.get(name),
            commit=landed.commit,
            branch=landed.branch,
            note=landed.note,
        )


def approvable(desk: Desk) -> tuple[str, ...]:
    """The names that `approve` would take one after the other: what others build on first."""
    skills = desk.library.list()
    waiting = {skill.name for skill in skills if skill.status == "provisional"}
    if desk.commits:
        with desk.place.open() as git:
            proposed = Refs(git).all(desk.branches)
            head = Refs(git).head()
            approved = [skill.name for skill in skills if skill.status == "approved"]
            waiting |= {
                name
                for name in approved
                if (tip := proposed.get(desk.branch_of(name)))
                and not brings_more(git, head, tip, desk.place.paths(name))
            }
    order = Graph({skill.name: skill.imports for skill in skills}).order
    return tuple(name for name in order if name in waiting)


def _named(desk: Desk, name: str) -> Skill:
    """The skill, as its files are: a branch alone was never tested here."""
    try:
        return desk.library.get(name)
    except UsageError:
        if desk.branch_of(name)[11:] in look(desk).elsewhere:
            msg = f"{name} has no file here: {how_to_get(desk, name)}"
            raise UsageError(msg) from None
        raise


def _check_tested(desk: Desk, skill: Skill) -> None:
    if not skill.usable and not _may_change_mind(desk, skill):
        msg = f"{skill.name} is {skill.status} ({skill.reason}), so it can't be approved"
        raise RefusedError(msg)
    reason = loose(skill, {other.name: other for other in desk.library.list()})
    if reason:
        msg = f"{skill.name} {reason} first, for skills build on approved ones alone"
        raise RefusedError(msg)


def _may_change_mind(desk: Desk, skill: Skill) -> bool:
    """Whether it was rejected here, and passed its gates here as it is."""
    verdict = desk.library.ledger.verdict(skill.content)
    passed = verdict is not None and verdict.validated and skill.recorded is not None
    return skill.status == "rejected" and passed


def _landed(desk: Desk, skill: Skill, texts: Texts) -> Landed:
    if not desk.commits:
        return _as_files(desk, skill, texts, desk.note)
    with desk.place.open() as git:
        target_branch(desk, git, skill.name)
        rule = ignored(git, desk.place.paths(skill.name)[0])
        if rule:
            note = f"git ignores the skills here ({rule}), so it is not committed"
            return _as_files(desk, skill, texts, note)
        return _merged(desk, git, skill, texts)


def _as_files(desk: Desk, skill: Skill, texts: Texts, note: str) -> Landed:
    if skill.status == "approved":
        raise _done(skill)
    desk.files.write(skill.name, texts)
    return Landed(note=note)


def _merged(desk: Desk, git: Opened, skill: Skill, texts: Texts) -> Landed:
    refs, name, note = Refs(git), skill.name, ""
    tip, head = refs.get(desk.branch_of(name)), refs.head()
    if tip and brings_more(git, head, tip, desk.place.paths(name)):
        branch = desk.branch_of(name)[11:]
        note = f"{branch} has changes of other files as well, so it was left and not merged"
        tip = None
    if skill.status == "approved" and not tip and head and _at(desk, git, name, head) == texts:
        raise _done(skill)
    if tip and not _at(desk, git, name, tip).same_code(texts):
        note = f"{desk.branch_of(name)[11:]} had another version ({tip[:10]}); history keeps it"
        tip = propose(desk, skill).commit or tip
    message = decision(skill, "Approve")
    landed = land(desk, git, Landing(name=name, texts=texts, message=message, merged=tip))
    return replace(landed, note="; ".join(filter(None, [note, landed.note])))


def _at(desk: Desk, git: Opened, name: str, commit: str) -> Texts:
    return texts_at(git, desk.place, name, [commit])[0]


def _done(skill: Skill) -> UsageError:
    return UsageError(f"{skill.name} is approved already, and nothing is left to merge")

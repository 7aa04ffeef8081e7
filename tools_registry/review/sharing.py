"""Take skills from shared libraries as proposals, and give the approved ones to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.git.objects import Objects
from tools_registry.git.refs import Change, Refs
from tools_registry.git.remote import Remote
from tools_registry.git.transport import SHARED
from tools_registry.review.comparing import Comparison, Version, weighed
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.landing import checked_out
from tools_registry.review.message import clean
from tools_registry.review.proposing import propose
from tools_registry.review.secrets import find_secret
from tools_registry.review.shared import Candidate, Opening, folder_in, open_shared, read_shared
from tools_registry.review.versions import texts_at
from tools_registry.skills.skill import Skill
from tools_registry.skills.standing import foreign
from tools_registry.tool import SkillStatus

_THEIRS = "its evidence is theirs: nothing was tested here"

Outcome = Literal["new", "same", "differs", "taken", "rejected", "failed"]


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What became of a skill that a library offers.

    Attributes:
        candidate: Theirs.
        outcome: `new` and `taken` are proposals now; `same` is here already; `differs` waits for
            the person to choose; `rejected` was rejected here; `failed` could not be written.
        status: How far theirs may be trusted on this machine, whatever its file says.
        ours: The skill of that name that was here, or None.
        note: Why, or what to do next; or "".
    """

    candidate: Candidate
    outcome: Outcome
    status: SkillStatus = "stale"
    ours: Skill | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Their skill object with the outcome, and ours beside it."""
        return {
            **self.candidate.skill.to_json(),
            "status": self.status,
            "recorded_status": self.candidate.skill.status,
            "outcome": self.outcome,
            "remote": self.candidate.remote.text,
            "commit": self.candidate.commit or None,
            "ours": self.ours.to_json() if self.ours else None,
            "note": self.note,
        }


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What was sent.

    Attributes:
        remote: Where to.
        skills: What the library has now that it did not have; empty if it had all.
        held: What was not sent: a name and why.
        commit: The new commit there; "" if none was needed.
        branch: The branch it is on.
    """

    remote: Remote
    skills: tuple[Skill, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    commit: str = ""
    branch: str = SHARED.removeprefix("refs/heads/")


def pull(desk: Desk, remotes: Sequence[Remote], take: Sequence[str] = ()) -> Iterator[Pulled | str]:
    """Fetch libraries and propose what they have that is not here.

    Args:
        desk: The review.
        remotes: Libraries; of two that offer the same name the first counts.
        take: Names whose version here gives way to theirs.

    Yields:
        What became of each skill; a text where a library or a skill of it can't be read.

    Raises:
        UsageError: If a name to take is offered by none.
    """
    chosen: dict[str, Candidate] = {}
    others: dict[str, str] = {}
    for remote in remotes:
        try:
            shared = read_shared(remote, desk.library.workspace)
        except AgentError as error:
            yield str(error)
            continue
        yield from (f"{remote.label}: skipped: {problem}" for problem in shared.problems)
        for name, candidate in shared.candidates.items():
            if not chosen.setdefault(name, candidate).texts.same_code(candidate.texts):
                others[name] = f"another version in {remote.text} comes after it"
    if missing := sorted(set(take) - set(chosen)):
        msg = f"no library has a skill {', '.join(missing)} that could be taken"
        raise UsageError(msg)
    with desk.locked():
        for name, candidate in sorted(chosen.items()):
            done = _received(desk, candidate, taken=name in take)
            note = "; ".join(filter(None, [done.note, others.get(name)]))
            yield replace(done, note=note, status=_status(desk, done))


def candidates_of(desk: Desk, remote: Remote, name: str) -> Comparison:
    """The skill that is here beside that of a library, each with its evidence.

    Raises:
        UsageError: If the library has no such skill.
        AgentError: If the library can't be read.
    """
    theirs = read_shared(remote, desk.library.workspace).candidates.get(name)
    if theirs is None:
        msg = f"{remote.text} has no skill {name}"
        raise UsageError(msg)
    skill = weighed(theirs.skill, desk.library.ledger) or theirs.skill
    ours = next((skill for skill in desk.library.list() if skill.name == name), None)
    label = f"here, {ours.status}" if ours else "nothing here"
    at = f" {theirs.commit[:10]}" if theirs.commit else ""
    return Comparison(
        skill=replace(skill, reason="" if skill.measured else _THEIRS),
        old=Version.of(ours, label),
        new=Version.of(skill, f"{remote.label}{at}", theirs.commit),
        note=f"to take theirs: agent skills pull {remote.text} --take {name}" if ours else "",
    )


def push(desk: Desk, remote: Remote) -> Pushed:
    """Send the approved skills to a library, on a branch of their own, never by force.

    Raises:
        UsageError: If there is nothing to send, or the library is no git repository.
        AgentError: If it can't be reached, or somebody else was faster.
    """
    ready, held = _ready(desk)
    if not ready:
        msg = "there is no approved skill to push" + "".join(f"; {n}: {why}" for n, why in held)
        raise UsageError(msg)
    with open_shared(remote, desk.library.workspace) as opening:
        return _sent(opening, remote, ready, held)


def _received(desk: Desk, candidate: Candidate, *, taken: bool) -> Pulled:
    name = candidate.name
    ours = next((skill for skill in desk.library.list() if skill.name == name), None)
    try:
        here = desk.files.read(name)
        if here.same_code(candidate.texts):
            return Pulled(candidate=candidate, outcome="same", ours=ours)
        no = desk.rejections.find(candidate.skill.source, candidate.skill.content)
        if no is not None:
            return Pulled(candidate=candidate, outcome="rejected", ours=ours, note=no.reason)
        if here.skill is not None or here.tests is not None:
            if not taken:
                return Pulled(
                    candidate=candidate, outcome="differs", ours=ours, note=_how(candidate)
                )
            _check_kept(desk, name, here)
        note = _written(desk, candidate)
    except AgentError as error:
        return Pulled(candidate=candidate, outcome="failed", ours=ours, note=str(error))
    return Pulled(candidate=candidate, outcome="taken" if ours else "new", ours=ours, note=note)


def _status(desk: Desk, done: Pulled) -> SkillStatus:
    """Of the skill as it is here now, or of theirs as it would be if it were."""
    if done.outcome == "rejected":
        return "rejected"
    if done.outcome == "same" and done.ours:
        return done.ours.status
    known = {skill.name: skill for skill in desk.library.list()}
    name = done.candidate.name
    if done.outcome in {"new", "taken"} and name in known:
        return known[name].status
    return foreign(done.candidate.skill, known, desk.library.ledger)


def _written(desk: Desk, candidate: Candidate) -> str:
    # What others approved is a proposal here; what they tested is not tested here.
    desk.files.write(candidate.name, candidate.texts.marked("provisional"))
    skill = desk.library.get(candidate.name)
    at = f" at {candidate.commit}" if candidate.commit else ""
    done = propose(desk, skill, f"Shared by {candidate.remote.text}{at}")
    return "; ".join(filter(None, [done.note, skill.reason]))


def _how(candidate: Candidate) -> str:
    name, remote = candidate.name, candidate.remote.text
    return (
        f"agent skills diff {name} --with {remote} shows both; "
        f"agent skills pull {remote} --take {name} takes theirs"
    )


def _check_kept(desk: Desk, name: str, here: Texts) -> None:
    """What is here must be in a commit before it gives way."""
    if not desk.commits:
        return
    with desk.place.open() as git:
        refs = Refs(git)
        commits = [c for c in (refs.head(), refs.get(desk.branch_of(name))) if c]
        if here in texts_at(git, desk.place, name, commits):
            return
    msg = f"{name} has changes that no commit keeps: approve, reject or commit them first"
    raise RefusedError(msg)


def _ready(desk: Desk) -> tuple[list[tuple[Skill, Texts]], list[tuple[str, str]]]:
    approved = {skill.name: skill for skill in desk.library.list() if skill.status == "approved"}
    ready: list[tuple[Skill, Texts]] = []
    held: list[tuple[str, str]] = []
    for name, skill in approved.items():
        texts = desk.files.read(name)
        why = _objection(skill, texts, set(approved))
        if why:
            held.append((name, why))
        else:
            ready.append((skill, texts))
    return ready, held


def _objection(skill: Skill, texts: Texts, approved: set[str]) -> str:
    if not texts.holds(skill):
        return "its files are changing"
    for what, content in ("file", texts.skill), ("tests", texts.tests):
        if found := find_secret((content or b"").decode("utf-8", "replace")):
            return f"its {what} may hold a secret ({found})"
    if missing := sorted(set(skill.imports) - approved):
        return f"it imports {', '.join(missing)}, which is not approved"
    return ""


def _sent(
    opening: Opening,
    remote: Remote,
    ready: Sequence[tuple[Skill, Texts]],
    held: Sequence[tuple[str, str]],
) -> Pushed:
    git, objects, refs = opening.git, Objects(opening.git), Refs(opening.git)
    base = opening.fetched.shared or opening.fetched.default
    folder = folder_in(git, base)
    before = objects.folder(base, folder)
    blobs = {
        f"{folder}/{name}".lstrip("/"): (skill, name, objects.blob(content or b""))
        for skill, texts in ready
        for name, content in (
            (f"{skill.name}.py", texts.skill),
            (f"test_{skill.name}.py", texts.tests),
        )
    }
    changed = {
        path: (skill, oid)
        for path, (skill, name, oid) in blobs.items()
        if name not in before or before[name].oid != oid
    }
    skills = tuple({skill.name: skill for skill, _ in changed.values()}.values())
    if not skills:
        return Pushed(remote=remote, held=tuple(held))
    if checked_out(git.repository, SHARED):
        msg = f"{SHARED.removeprefix('refs/heads/')} is checked out in {remote.text}"
        raise RefusedError(msg)
    tree = objects.tree(base, {path: oid for path, (_, oid) in changed.items()})
    commit = objects.commit(tree, [base] if base else [], _message(skills))
    if opening.store is not None:
        opening.store.push(commit)
    else:
        refs.change(Change(name=SHARED, new=commit, old=opening.fetched.shared))
    return Pushed(remote=remote, skills=skills, held=tuple(held), commit=commit)


def _message(skills: Sequence[Skill]) -> str:
    names = ", ".join(skill.name for skill in skills)
    subject = f"Share skill {names}" if len(skills) == 1 else f"Share skills {names}"
    subject = subject if len(subject) <= 72 else f"Share {len(skills)} skills"
    lines = (f"- {s.name}: {clean(s.summary)[:200]} ({s.content})" for s in skills)
    return "\n".join([subject, "", *lines]) + "\n"

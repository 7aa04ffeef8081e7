"""Two versions of a skill side by side: what would change if one took the other's place."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tools_registry.git.refs import Refs
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.versions import as_skill, texts_at
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.skill import Evidence, Skill
from tools_registry.source import lines_of


@dataclass(frozen=True, kw_only=True)
class Version:
    """One side of a comparison.

    Attributes:
        label: Where it is from, for people, e.g. `main 1a2b3c4d5e`.
        status: How far its review is; "" if there is no such version.
        source: Its code.
        tests: Code of its tests.
        evidence: What speaks for it, as its record says.
        measured: Whether this machine produced the evidence.
        commit: The commit that has it; "" for files.
    """

    label: str
    status: str = ""
    source: str = ""
    tests: str = ""
    evidence: tuple[Evidence, ...] = field(default=())
    measured: bool = False
    commit: str = ""

    @classmethod
    def of(cls, skill: Skill | None, label: str, commit: str = "") -> Version:
        """A skill as one side; None is the empty side."""
        if skill is None:
            return cls(label=label, commit=commit)
        return cls(
            label=label,
            status=skill.status,
            source=skill.source,
            tests=skill.test_source,
            evidence=skill.evidence,
            measured=skill.measured,
            commit=commit,
        )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A skill against another version of it.

    Attributes:
        skill: The newer one.
        old: What it is compared with.
        new: The same as `skill`, as a side.
        note: What else the person should know; or "".
    """

    skill: Skill
    old: Version
    new: Version
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The skill object, with the other version and the differences as unified diffs."""
        return {
            **self.skill.to_json(),
            "test_source": self.skill.test_source,
            "against": asdict(self.old),
            "diff": {
                "code": unified(self.old.source, self.new.source, "code"),
                "tests": unified(self.old.tests, self.new.tests, "tests"),
            },
            "note": self.note,
        }


def compare(desk: Desk, name: str) -> Comparison:
    """A skill as its files are against the one that the current branch has.

    Args:
        desk: The review.
        name: The skill.

    Raises:
        UsageError: If there is no such skill.
    """
    skill = desk.library.get(name)
    new = Version.of(skill, f"{desk.place.folder}/{name}.py, {skill.status}")
    if desk.place.top is None:
        return Comparison(skill=skill, old=Version(label="nothing"), new=new, note=desk.note)
    with desk.place.open() as git:
        refs = Refs(git)
        head, tip = refs.head(), refs.get(desk.branch_of(name))
        commits = [commit for commit in (head, tip) if commit]
        there = dict(zip(commits, texts_at(git, desk.place, name, commits), strict=True))
        branch = (git.repository.branch() or "HEAD").removeprefix("refs/heads/")
    committed = there[head] if head else Texts(skill=None, tests=None)
    before = weighed(as_skill(name, committed, desk.library), desk.library.ledger)
    label = f"{branch} {head[:10]}" if head and before else f"nothing on {branch}"
    note = ""
    if tip and not there[tip].same_code(desk.files.read(name)):
        note = f"the branch {desk.branch_of(name)[11:]} has another version than the file"
    return Comparison(skill=skill, old=Version.of(before, label, head or ""), new=new, note=note)


def weighed(skill: Skill | None, ledger: Ledger) -> Skill | None:
    """A version with whether its evidence was produced here."""
    if skill is None:
        return None
    return replace(skill, measured=bool(ledger.measured([skill.claim])))


def unified(old: str, new: str, what: str) -> str:
    """The difference of two texts as a patch; "" if there is none."""
    lines = difflib.unified_diff(
        lines_of(old), lines_of(new), f"{what} before", f"{what} now", lineterm=""
    )
    return "\n".join(lines)

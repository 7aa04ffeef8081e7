"""Where the review of a library stands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tools_registry.git.git import Opened
from tools_registry.git.objects import Entry, Objects, blob_id
from tools_registry.git.refs import Refs
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.rejections import Rejection
from tools_registry.review.versions import texts_at
from tools_registry.skills.form import SKILLS
from tools_registry.skills.skill import Skill
from tools_registry.tool import SkillKind


@dataclass(frozen=True, kw_only=True)
class Row:
    """Where one skill stands.

    Attributes:
        skill: The skill.
        branch: The branch on which it is proposed, by its short name; or "".
        tip: The newest commit there; or "".
        committed: Whether the current branch has it exactly so.
        same: Whether the proposal's branch has the code and the tests of the files.
    """

    skill: Skill
    branch: str = ""
    tip: str = ""
    committed: bool = False
    same: bool = True

    def to_json(self) -> dict[str, Any]:
        """The skill object, with where it stands."""
        return {
            **self.skill.to_json(),
            "branch": self.branch or None,
            "proposal": self.tip or None,
            "committed": self.committed,
            "branch_has_these_files": self.same,
        }


def rejection_to_json(rejection: Rejection, kind: SkillKind = "skill") -> dict[str, Any]:
    """A rejection as a skill object: of what is gone there is no code."""
    nothing = dict.fromkeys(("signature", "summary", "file", "tests", "source", "provenance"))
    return {"kind": kind, "status": "rejected", **nothing, "evidence": [], **asdict(rejection)}


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Where the review of a library stands.

    Attributes:
        rows: One for each skill, by name.
        rejected: What was rejected, in order.
        elsewhere: Branches with proposals that have no file here, by their short names.
        branch: The branch that is checked out, by its short name; "" if there is none.
        unpushed: Commits about skills that no remote has; None if there is no remote, or no git.
        note: What is lost because git is not used; or "".
    """

    rows: tuple[Row, ...]
    rejected: tuple[Rejection, ...]
    elsewhere: tuple[str, ...] = ()
    branch: str = ""
    unpushed: int | None = None
    note: str = ""


def how_to_get(desk: Desk, name: str) -> str:
    """What to type to have a proposal's files here; a branch may be named to be mistaken."""
    branch = shlex.quote(desk.branch_of(name)[11:])
    paths = desk.place.paths(name)[: 2 if desk.library.form is SKILLS else 1]
    files = " ".join(shlex.quote(f":/{path}") for path in paths)
    return f"git restore --source={branch} -- {files}, then agent skills test {shlex.quote(name)}"


def look(desk: Desk) -> Overview:
    """Look where the review of a library stands; nothing is written."""
    skills, rejected = desk.library.list(), desk.rejections.all()
    if desk.place.top is None:
        rows = tuple(Row(skill=skill) for skill in skills)
        return Overview(rows=rows, rejected=rejected, note=desk.note)
    with desk.place.open() as git:
        refs = Refs(git)
        tips, head = refs.all(desk.branches), refs.head()
        committed = Objects(git).folder(head, desk.place.folder)
        names = {skill.name for skill in skills}
        return Overview(
            rows=tuple(_row(desk, git, skill, tips, committed) for skill in skills),
            rejected=rejected,
            elsewhere=tuple(t[11:] for t in tips if t.removeprefix(desk.branches) not in names),
            branch=(git.repository.branch() or "").removeprefix("refs/heads/"),
            unpushed=_unpushed(desk, git, [*filter(None, [head]), *tips.values()]),
            note=desk.note,
        )


def _row(
    desk: Desk, git: Opened, skill: Skill, tips: Mapping[str, str], committed: Mapping[str, Entry]
) -> Row:
    tip, texts = tips.get(desk.branch_of(skill.name), ""), desk.files.read(skill.name)
    same = not tip or texts_at(git, desk.place, skill.name, [tip])[0].same_code(texts)
    return Row(
        skill=skill,
        branch=desk.branch_of(skill.name)[11:] if tip else "",
        tip=tip,
        committed=_is_committed(skill.name, texts, committed),
        same=same,
    )


def _is_committed(name: str, texts: Texts, committed: Mapping[str, Entry]) -> bool:
    files = {f"{name}.py": texts.skill, f"test_{name}.py": texts.tests}
    return all(
        (file in committed) == (content is not None)
        and (content is None or blob_id(content, committed[file].oid) == committed[file].oid)
        for file, content in files.items()
    )


def _unpushed(desk: Desk, git: Opened, starts: list[str]) -> int | None:
    if not starts or not Refs(git).all("refs/remotes/"):
        return None
    counted = git.run("rev-list", "--count", *starts, "--not", "--remotes", "--", desk.place.folder)
    return int(counted)

"""What a library holds: skills, or something else that is reviewed as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import UsageError
from tools_registry.skills.dependencies import PACKAGE
from tools_registry.skills.draft import check_draft
from tools_registry.skills.skill import SkillDraft
from tools_registry.skills.skill_name import objection
from tools_registry.source import Origin, SourceError, parse_tools
from tools_registry.tool import SkillKind, Tool


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the files of a library are.

    Attributes:
        kind: What one of them is called.
        below: Folders from `learned_skills` to theirs.
        objection: Why a name can't be that of one; "" if it can.
        tool: How one is called, from its code and its file; a `SourceError` if it is none.
        check: Looks whether a draft can be one, and tells the names of the skills it imports; a
            `UsageError` if it can't.
    """

    kind: SkillKind
    below: tuple[str, ...] = ()
    objection: Callable[[str], str]
    tool: Callable[[str, Path], Tool]
    check: Callable[[SkillDraft], tuple[str, ...]]

    @property
    def folder(self) -> Path:
        """Where they lie in a workspace."""
        return Path(PACKAGE, *self.below)

    def check_name(self, name: str) -> None:
        """Refuse a name that can't be that of one.

        Raises:
            UsageError: Saying why, and so which to choose instead.
        """
        if reason := self.objection(name):
            msg = f"{name[:80]!r} can't be the name of {self.one}: {reason}"
            raise UsageError(msg)

    @property
    def one(self) -> str:
        """`a skill`, for a sentence."""
        return f"an {self.kind}" if self.kind == "agent" else f"a {self.kind}"


def _function(source: str, file: Path) -> Tool:
    """The function that has the name of its file."""
    module = f"{PACKAGE}.{file.stem}"
    origin = Origin(kind="skill", module=module, category="skill", file=file)
    found = next((t for t in parse_tools(source, origin) if t.name == file.stem), None)
    if found is None:
        msg = f"defines no function named {file.stem}"
        raise SourceError(msg)
    return found


SKILLS = Form(kind="skill", objection=objection, tool=_function, check=check_draft)
"""Functions with tests."""

"""What came of a decision about a skill."""

from __future__ import annotations

from dataclasses import dataclass

from tools_registry.skills.skill import Skill


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A decision that holds.

    Attributes:
        skill: The skill as it is now; as it was, if it is gone.
        commit: The commit that says so; "" if there is none.
        branch: The branch it is on, or the ref that keeps it; "" if there is none.
        note: What the person should know; or "".
    """

    skill: Skill
    commit: str = ""
    branch: str = ""
    note: str = ""

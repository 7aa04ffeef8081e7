"""The example skills are what they say: current, approved, and passing in a guarded kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.validation import Candidate, validate
from sessions import Limits, Session
from tools_registry import SkillLibrary
from tools_registry.skills.skill import Skill

_ROOT = Path(__file__).resolve().parent.parent
_SKILLS = SkillLibrary(_ROOT).list()


def test_there_are_a_few_and_none_is_broken() -> None:
    assert len(_SKILLS) >= 3
    assert SkillLibrary(_ROOT).problems == ()


@pytest.mark.parametrize("skill", _SKILLS, ids=lambda skill: skill.name)
async def test_each_is_approved_and_passes_again(skill: Skill, tmp_path: Path) -> None:
    assert skill.status == "approved"
    assert all(evidence.passed for evidence in skill.evidence)
    candidate = Candidate(name=skill.name, source=skill.source, tests=skill.test_source)
    async with Session(tmp_path, Limits.quick()) as session:
        verdict = await validate(candidate, session)
    assert verdict.accepted, verdict.evidence

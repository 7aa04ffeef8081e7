"""Commit messages about skills: what a reviewer wants to know, nothing a terminal could obey."""

from __future__ import annotations

import re
from typing import Literal

from tools_registry.skills.skill import Skill
from tools_registry.tool import SkillKind

Verb = Literal["Add", "Change", "Approve", "Reject", "Revert", "Share"]
_SUBJECT = re.compile(r"(Add|Change|Approve|Reject|Revert|Share) (skill|agent) ([a-z][a-z0-9_]*)\b")
_WIDTH = 72
_LONGEST = 4000


def proposal(skill: Skill, verb: Verb, why: str = "") -> str:
    """The message of a proposed skill.

    Args:
        skill: What is proposed.
        verb: Whether it is new.
        why: The request that it answers.
    """
    parts = [
        _subject(verb, skill, skill.summary),
        f"{clean(skill.signature)}\n{_indented(skill.summary)}",
        f"Why:\n{_indented(why)}" if why else "",
        f"{_heading(skill)}:\n{_evidence(skill)}",
        _facts(skill),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def decision(skill: Skill, verb: Verb, note: str = "") -> str:
    """The message of what a person decided about a skill."""
    subject = _subject(verb, skill, note if verb == "Reject" else skill.summary)
    parts = [subject, _indented(note), _facts(skill)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def reading(subject: str, kind: SkillKind = "skill") -> tuple[str, str]:
    """The verb and the name in a subject of ours; ("", "") if it is about anything else."""
    found = _SUBJECT.match(subject)
    return (found[1], found[3]) if found and found[2] == kind else ("", "")


def clean(text: str) -> str:
    """A text on one line, without anything invisible."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _subject(verb: Verb, skill: Skill, text: str) -> str:
    line = f"{verb} {skill.kind} {skill.name}" + (f": {clean(text)}" if text.strip() else "")
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _indented(text: str) -> str:
    """Quoted, so that no line of it reads as one of ours."""
    return "\n".join(f"    {clean(line)}" for line in text[:_LONGEST].splitlines() if line.strip())


def _heading(skill: Skill) -> str:
    measured = skill.measured or not skill.evidence
    return "Evidence" if measured else "Evidence as claimed by the file, not measured here"


def _evidence(skill: Skill) -> str:
    lines = (
        f"{'passed' if item.passed else 'FAILED'}  {item.signal}"
        + (f": {clean(item.detail)[:200]}" if item.detail else "")
        for item in skill.evidence
    )
    return _indented("\n".join(lines)) or "    none on record"


def _facts(skill: Skill) -> str:
    facts = (
        ("Model", skill.provenance.model),
        ("Session", skill.provenance.session_id),
        ("Made", skill.provenance.created),
        ("Content", skill.content),
    )
    return "\n".join(f"{name}: {clean(value)}" for name, value in facts if value)

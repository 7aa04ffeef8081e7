"""`agent skills list` and `agent skills show`."""

from __future__ import annotations

from agent.cli.checks import existing
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.render import safe
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Skill

HOW_TO_MAKE_ONE = (
    "No skills yet. Make one from examples, e.g.\n"
    '  agent learn "first letters of the words" --name initials'
    " --example \"initials('ab cd') == 'ac'\""
)
HOW_TO_USE_THEM = "stale skills are not used: `agent skills test` tests them on this machine"


def show_all(workspace: str, *, as_json: bool) -> int:
    """List the skills of a workspace."""
    skills, problems = SkillLibrary(existing(workspace)).scan()
    for problem in problems:
        tell(f"skipped {safe(str(problem))}")
    if as_json:
        for skill in skills:
            emit(skill.to_json())
    elif not skills:
        print(HOW_TO_MAKE_ONE)
    else:
        for line in columns([(skill.name, skill.status, skill.summary) for skill in skills]):
            print(line)
    if any(skill.status == "stale" for skill in skills):
        tell(HOW_TO_USE_THEM)
    return 0


def show_one(workspace: str, name: str, *, as_json: bool) -> int:
    """Show one skill with its evidence and source.

    Raises:
        UsageError: If there is no such skill.
    """
    skill = SkillLibrary(existing(workspace)).get(name)
    if as_json:
        emit(skill.to_json())
    else:
        print("\n".join(describe(skill)))
    return 0


def describe(skill: Skill) -> list[str]:
    """A skill as lines for a person: facts, evidence, source."""
    provenance = skill.provenance
    facts = (
        ("status", skill.status),
        ("reason", skill.reason),
        ("imports", ", ".join(skill.imports)),
        ("file", str(skill.file)),
        ("tests", str(skill.tests)),
        ("made by", provenance.model),
        ("made at", provenance.created),
        ("session", provenance.session_id),
        ("commit", provenance.commit),
    )
    evidence = [("✓" if item.passed else "✗", item.signal, item.detail) for item in skill.evidence]
    return [
        safe(skill.signature),
        *([f"  {safe(skill.summary)}"] if skill.summary else []),
        "",
        *columns([fact for fact in facts if fact[1]]),
        "",
        "evidence" if evidence else "no evidence on record",
        *(f"  {line}" for line in columns(evidence)),
        "",
        safe(skill.source.rstrip()),
    ]

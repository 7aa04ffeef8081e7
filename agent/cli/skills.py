"""`agent skills list` and `agent skills show`."""

from __future__ import annotations

from agent.cli.checks import existing
from agent.cli.comparing import UNMEASURED
from agent.cli.desk import open_desks
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.render import safe
from subagents.agent_library import agent_library
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Skill

HOW_TO_MAKE_ONE = (
    "No skills yet. Make one from examples, e.g.\n"
    '  agent learn "first letters of the words" --name initials'
    " --example \"initials('ab cd') == 'ac'\""
)
HOW_TO_USE_THEM = "stale skills are not used: `agent skills test` tests them on this machine"


def show_all(workspace: str, *, as_json: bool) -> int:
    """List the skills of a workspace, and its agents."""
    path = existing(workspace)
    skills, problems = SkillLibrary(path).scan()
    agents, more_problems = agent_library(path).scan()
    for problem in *problems, *more_problems:
        tell(f"skipped {safe(str(problem))}")
    if as_json:
        for skill in *skills, *agents:
            emit(skill.to_json())
    elif not skills and not agents:
        print(HOW_TO_MAKE_ONE)
    else:
        rows = [(skill.name, skill.status, skill.summary) for skill in skills]
        rows += [(f"agents/{agent.name}", agent.status, agent.summary) for agent in agents]
        print("\n".join(columns(rows)))
    if any(skill.status == "stale" for skill in (*skills, *agents)):
        tell(HOW_TO_USE_THEM)
    return 0


def show_one(workspace: str, name: str, *, as_json: bool) -> int:
    """Show one skill with its evidence and source.

    Raises:
        UsageError: If there is no such skill.
    """
    desk, name = open_desks(workspace).find(name)
    skill = desk.library.get(name)
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
        _heading(skill),
        *(f"  {line}" for line in columns(evidence)),
        "",
        safe(skill.source.rstrip()),
    ]


def _heading(skill: Skill) -> str:
    if not skill.evidence:
        return "no evidence on record"
    return "evidence" if skill.measured else f"evidence ({UNMEASURED})"

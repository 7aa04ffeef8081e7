"""Opens the reviews of a workspace for a command: that of the skills, and that of the agents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.cli import checks
from agent.cli.telling import tell
from agent.settings import Settings
from sessions.errors import UsageError
from subagents.agent_library import AGENTS
from tools_registry.review.desk import Desk
from tools_registry.review.history import history


@dataclass(frozen=True, kw_only=True)
class Desks:
    """The reviews of a workspace.

    Attributes:
        skills: That of the skills.
        agents: That of the sub-agents.
        settings: How the person wants it.
    """

    skills: Desk
    agents: Desk
    settings: Settings

    @property
    def both(self) -> tuple[Desk, Desk]:
        """The skills first."""
        return self.skills, self.agents

    def find(self, name: str) -> tuple[Desk, str]:
        """The review that a name belongs to, and the name without `agents/` or `skills/`.

        Raises:
            UsageError: If a skill and an agent have that name.
        """
        folder, slash, rest = name.partition("/")
        if slash and folder in ("agents", "skills"):
            return (self.agents if folder == "agents" else self.skills), rest
        knowing = [desk for desk in self.both if _has(desk, name)]
        if len(knowing) > 1:
            msg = f"a skill and an agent are named {name}: say skills/{name} or agents/{name}"
            raise UsageError(msg)
        if not knowing and _remembers(self.agents, name):
            return self.agents, name
        return (knowing or [self.skills])[0], name


def open_desks(workspace: str) -> Desks:
    """The reviews of a workspace, as its settings have them.

    Raises:
        UsageError: If the workspace is no directory, or a setting is wrong.
    """
    desks = desks_of(checks.existing(workspace))
    for note in desks.settings.notes:
        tell(note)
    return desks


def desks_of(path: Path) -> Desks:
    """The same without a word about the settings."""
    settings = Settings.load(path)
    skills = Desk.of(path, settings.review)
    agents = Desk.of(path, settings.review, form=AGENTS)
    return Desks(skills=skills, agents=agents, settings=settings)


def open_desk(workspace: str) -> tuple[Desk, Settings]:
    """The review of the skills of a workspace; see `open_desks`."""
    desks = open_desks(workspace)
    return desks.skills, desks.settings


def shown_name(desk: Desk, name: str) -> str:
    """A name that says which review it belongs to."""
    return f"agents/{name}" if desk.library.form is AGENTS else name


def _has(desk: Desk, name: str) -> bool:
    """Whether there is a file for it, sound or not."""
    kept, problems = desk.library.scan()
    return name in {*(one.name for one in kept), *(problem.file.stem for problem in problems)}


def _remembers(desk: Desk, name: str) -> bool:
    """Whether any commit is about it."""
    if desk.place.top is None or desk.library.form.objection(name):
        return False
    return bool(history(desk, name, 1))

"""The learned sub-agents of a workspace: kept, judged and reviewed as skills are.

An agent's instructions are obeyed, and a workspace may be anyone's. So only an agent is used whose
very content a person has approved on this machine; that it passed its gates is not enough.
"""

from __future__ import annotations

from pathlib import Path

from sessions.errors import RefusedError, UsageError
from subagents.agent_file import AgentFile
from subagents.agent_reading import objection
from tools_registry.skills.form import Form
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Skill, SkillDraft
from tools_registry.source import SourceError
from tools_registry.tool import Tool


def agent_library(workspace: Path | str = ".", ledger: Ledger | None = None) -> SkillLibrary:
    """The agents of a workspace; see `SkillLibrary`."""
    return SkillLibrary(workspace, ledger, AGENTS)


def load(workspace: Path | str, name: str, ledger: Ledger | None = None) -> AgentFile:
    """A learned agent by name, if it may be used.

    Args:
        workspace: The user's directory.
        name: Name of the agent.
        ledger: What was approved on this machine; by default the person's.

    Raises:
        UsageError: If there is no such agent, or its file is no agent file.
        RefusedError: If it was not approved as it lies there.
    """
    agent = agent_library(workspace, ledger).get(name)
    if agent.status != "approved":
        msg = f"the agent {name} is {agent.status} and not used: {agent.reason}"
        raise RefusedError(msg)
    return read(agent)


def approved(workspace: Path | str, ledger: Ledger | None = None) -> tuple[Skill, ...]:
    """The agents that may be used, by name."""
    agents = agent_library(workspace, ledger).list()
    return tuple(agent for agent in agents if agent.status == "approved")


def read(agent: Skill) -> AgentFile:
    """An agent of a library as its file describes it, used or not."""
    return AgentFile.parse(agent.name, agent.source)


def _tool(source: str, file: Path) -> Tool:
    """How an agent is asked."""
    try:
        agent = AgentFile.parse(file.stem, source)
    except UsageError as error:
        raise SourceError(str(error)) from error
    return Tool(
        name=agent.name,
        kind="skill",
        module="",
        category="agent",
        signature=agent.signature,
        summary=agent.summary,
        doc=agent.summary,
        file=file,
    )


def _check(draft: SkillDraft) -> tuple[str, ...]:
    AgentFile.parse(draft.name, draft.source)
    if draft.tests.strip():
        msg = f"agent {draft.name} can't have tests of its own: put examples into its docstrings"
        raise UsageError(msg)
    return ()


AGENTS = Form(kind="agent", below=("agents",), objection=objection, tool=_tool, check=_check)
"""Sub-agents: `learned_skills/agents/NAME.py`."""

"""`agent skills test` for agents: they pass their gates again on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.desk import desks_of
from sessions.errors import AgentError, RefusedError
from subagents.agent_library import AGENTS, agent_library
from tools_registry.review.desk import Desk
from tools_registry.review.proposing import propose
from tools_registry.skills.skill import Skill

if TYPE_CHECKING:
    from agent.settings import Settings


@dataclass(frozen=True, kw_only=True)
class JudgedAgent:
    """How it went with one agent.

    Attributes:
        agent: As it is now.
        problem: Why it did not pass; "" if it did.
        code: The exit code that follows from that.
        note: What the person should know besides; or "".
    """

    agent: Skill
    problem: str = ""
    code: int = 0
    note: str = ""


def split(workspace: Path, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of skills, and those of agents.

    Raises:
        UsageError: If a name is that of both.
    """
    if not names:
        return (), ()
    desks = desks_of(workspace)
    found = [desks.find(name) for name in names]
    agents = tuple(name for desk, name in found if desk is desks.agents)
    return tuple(name for desk, name in found if desk is desks.skills), agents


def choose(workspace: Path, *, everything: bool) -> tuple[str, ...]:
    """All agents that were not rejected, or those that are stale."""
    wanted = {"stale", "provisional", "approved"} if everything else {"stale"}
    return tuple(a.name for a in agent_library(workspace).list() if a.status in wanted)


async def judge_all(
    workspace: Path, names: Sequence[str], settings: Settings
) -> AsyncIterator[JudgedAgent]:
    """Test agents one after the other, and write down what came of it."""
    desk = Desk.of(workspace, settings.review, form=AGENTS)
    for name in names:
        yield await _judge(desk, name, settings)


async def _judge(desk: Desk, name: str, settings: Settings) -> JudgedAgent:
    from agent.build import new_validator
    from agent.delegation.gates import Examiner

    agent = await asyncio.to_thread(desk.library.get, name)
    if agent.status == "rejected":
        return JudgedAgent(agent=agent, problem=agent.reason, code=RefusedError.exit_code)
    examiner = Examiner(validator=new_validator(desk.library.workspace, settings))
    verdict = await examiner.judge(name, agent.source)
    if not verdict.validated:
        return JudgedAgent(agent=agent, problem=f"could not be run: {verdict.reason}", code=1)
    now = await asyncio.to_thread(
        desk.library.record, agent, verdict.evidence, passed=verdict.accepted
    )
    if not verdict.accepted:
        return JudgedAgent(agent=now, problem=verdict.reason, code=RefusedError.exit_code)
    note = await asyncio.to_thread(_propose, desk, now) if now.status == "provisional" else ""
    return JudgedAgent(agent=now, note=note)


def _propose(desk: Desk, agent: Skill) -> str:
    try:
        with desk.locked():
            return propose(desk, agent).note
    except AgentError as error:
        return f"it passed, but is not proposed in git: {error}"

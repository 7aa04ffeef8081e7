"""Has a new agent written, judged and proposed; a person decides whether it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.delegation.gates import Examiner
from agent.delegation.roles import BUILT_IN
from agent.validation.candidate import Verdict
from sessions.errors import AgentError, BudgetError, KernelError, ModelError, RefusedError
from subagents.agent_generator import AgentGenerator
from subagents.agent_library import agent_library
from subagents.agent_role import GRANTABLE
from subagents.outputs import Draft
from subagents.requests import AgentRequest, Attempt
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Provenance, Skill, SkillDraft

if TYPE_CHECKING:
    from subagents.runner import Runner
    from tools_registry.review.keeper import Keeper


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of a request for an agent.

    Attributes:
        draft: The last draft; its source is empty if there are questions instead.
        verdict: What the gates said of it; None if they were not asked.
        failures: Why it can't be kept, one line each; empty if it can.
        attempts: How many drafts there were.
    """

    draft: Draft
    verdict: Verdict | None = None
    failures: tuple[str, ...] = ()
    attempts: int = 1

    @property
    def accepted(self) -> bool:
        """Whether it may be kept."""
        return self.verdict is not None and self.verdict.accepted and not self.failures


Hear = Callable[[Written], object]


def _unheard(written: Written) -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, kw_only=True)
class AgentWriter:
    """Writes agents for a workspace.

    Attributes:
        workspace: The user's directory.
        runner: Runs the author, and counts what it costs.
        examiner: Judges what was written.
        keeper: Takes agents into their library and its review.
        attempts: Most drafts; each but the first is told what was wrong with the one before.
    """

    workspace: Path
    runner: Runner
    examiner: Examiner
    keeper: Keeper
    attempts: int = 3

    async def write(self, request: str, judged: Hear = _unheard) -> Written:
        """Have an agent written, and mended until it passes its gates; nothing is saved.

        Args:
            request: What it is to do.
            judged: Hears of every draft.

        Raises:
            UsageError: If the request is empty, or there is no model.
            ModelError: If the model failed before anything was written.
            BudgetError: If a budget was reached before anything was written.
            KernelError: If it could not be tried.
        """
        author, written = AgentGenerator(runner=self.runner), None
        for number in range(1, self.attempts + 1):
            try:
                draft = await author.run(_wanted(request, written))
            except (ModelError, BudgetError) as error:
                if written is None:
                    raise
                return replace(written, failures=(*written.failures, str(error)))
            if not draft.source.strip():
                return Written(draft=draft, attempts=number)
            written = await self._judged(draft, number)
            judged(written)
            if written.accepted:
                return written
        assert written is not None  # there is at least one attempt
        return written

    async def keep(self, written: Written, provenance: Provenance, why: str) -> Skill:
        """Save an accepted agent as a proposal; it is used once a person has approved it.

        Raises:
            RefusedError: If it was not accepted, the same was rejected before, or its name is
                taken.
            AgentError: If it can't be written.
        """
        if not written.accepted or written.verdict is None:
            msg = f"the agent {written.draft.name} did not pass its gates, so it is not saved"
            raise RefusedError(msg)
        draft = SkillDraft(
            name=written.draft.name,
            source=written.draft.source,
            tests="",
            evidence=written.verdict.evidence,
            provenance=provenance,
            status="provisional",
            kind="agent",
        )
        return await asyncio.to_thread(self.keeper.save, draft, why=why)

    async def _judged(self, draft: Draft, number: int) -> Written:
        if objection := await asyncio.to_thread(self._objection, draft):
            return Written(draft=draft, failures=(objection,), attempts=number)
        verdict = await self.examiner.judge(draft.name, draft.source)
        if not verdict.validated:
            raise KernelError(verdict.reason)
        blocked = [finding for finding in verdict.findings if finding.blocked]
        failures = tuple(f"{f.signal}: {problem}" for f in blocked for problem in f.problems)
        return Written(draft=draft, verdict=verdict, failures=failures, attempts=number)

    def _objection(self, draft: Draft) -> str:
        """Why it would not be taken, whatever it does; or ""."""
        if draft.name in taken(self.workspace):
            return f"the name {draft.name} is taken: choose another"
        try:
            self.keeper.check(draft.source)
        except AgentError as error:
            return str(error)
        return ""


def _wanted(request: str, before: Written | None) -> AgentRequest:
    mend = Attempt(source=before.draft.source, failures=before.failures) if before else None
    return AgentRequest(task=request, grantable=tuple(GRANTABLE.items()), mend=mend)


def taken(workspace: Path) -> frozenset[str]:
    """Names that no new agent may have: two of one name could not be told apart in the review."""
    found = set(BUILT_IN)
    for library in agent_library(workspace), SkillLibrary(workspace):
        kept, problems = library.scan()
        found |= {*(one.name for one in kept), *(problem.file.stem for problem in problems)}
    return frozenset(found)

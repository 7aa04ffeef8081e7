"""The coordinator's way to functions that others write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_ai import RunContext
from pydantic_ai.usage import RunUsage

from agent.events import RunStatus
from agent.models.budget import charge, left_of
from agent.run import Outcome, Run, Stopped
from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.skills.skill import Provenance, Skill, SkillDraft

if TYPE_CHECKING:
    from agent.approval import Action
    from agent.authoring.author import Author, Authored
    from agent.authoring.commission import Commission
    from agent.settings import Settings
    from sessions.session import Session
    from subagents.runner import Runner
    from tools_registry.registry import Registry
    from tools_registry.tool import SkillStatus

_INTERRUPTED = "it was interrupted"


@dataclass(frozen=True, kw_only=True)
class WritingDesk:
    """Takes commissions in a conversation, and keeps what came of them.

    Attributes:
        settings: The person's choices.
        session: The kernel of the conversation, which authors are told of.
        registry: The tools and skills as they are now.
        provenance: Where what is kept comes from.
        status: How far its review is.
        runner: Makes what runs sub-agents, for at most so many US dollars.
        author: Makes who writes functions with it; a run is told, and asks the person.
        denied: Asks the person: None for yes, else the reason for no.
        keep: Saves a skill for a reason, and tells the run.
    """

    settings: Settings
    session: Session
    registry: Callable[[], Registry]
    provenance: Provenance
    status: SkillStatus
    runner: Callable[[float], Runner]
    author: Callable[[Runner, Run], Author]
    denied: Callable[[Run, Action, str, str], Awaitable[str | None]]
    keep: Callable[[Run, SkillDraft, str], Awaitable[Skill]]

    async def write_skill(
        self, ctx: RunContext[Run], request: str, name: str = "", examples: Sequence[str] = ()
    ) -> str:
        """Have a function written, tested and reviewed by others, and kept as a skill.

        Args:
            ctx: The run.
            request: What it does: everything that the person said of it, in their own words.
            name: What it is to be called, if the person said so.
            examples: What the person said must hold, e.g. `f(1) == 2`.
        """
        from agent.authoring.ordering import ordered, said_by_person

        said = said_by_person(ctx.messages)
        return await self.write(ctx.deps, ctx.usage, ordered(request, name, examples, said))

    async def write(self, run: Run, usage: RunUsage, commission: Commission) -> str:
        """Have a function written and kept; a short account of it.

        Args:
            run: Where it is told, and the person asked.
            usage: What the run has used; what sub-agents use is added.
            commission: What is wanted.

        Raises:
            Stopped: If it could not be finished: with the best that came of it.
            UsageError: If it can't be begun.
        """
        authored = await self._authored(run, usage, commission)
        if authored.outcome != "accepted":
            answer, questions = authored.account, authored.questions
            raise Stopped(Outcome(status=authored.outcome, answer=answer, questions=questions))
        draft = authored.draft(self.provenance, self.status)
        try:
            denied = await self.denied(run, "keep", f"save the skill {draft.name}", draft.source)
        except asyncio.CancelledError:
            run.reached = _unsaved(authored, draft, _INTERRUPTED)
            raise
        if denied:
            raise Stopped(_unsaved(authored, draft, denied))
        skill = await self.keep(run, draft, commission.task)
        return f"{authored.account}\nIt is saved in {skill.file}."

    async def _authored(self, run: Run, usage: RunUsage, commission: Commission) -> Authored:
        from agent.briefing import brief

        runner = self.runner(left_of(usage, self.settings))
        author = self.author(runner, run)
        try:
            context = await brief(commission.task, self.registry(), self.session)
            return await author.write(commission, context)
        except asyncio.CancelledError:
            if (left := author.reached(_INTERRUPTED)) is not None:
                run.reached = Outcome(status="partial", answer=left.account)
            raise
        except UsageError:
            raise  # of the request, which can be worded otherwise
        except AgentError as error:
            status: RunStatus = "refused" if isinstance(error, RefusedError) else "failed"
            raise Stopped(Outcome(status=status, answer=str(error))) from None
        finally:
            charge(usage, runner.tally)
            run.tally.merge(runner.tally)


def _unsaved(authored: Authored, draft: SkillDraft, why: str) -> Outcome:
    answer = f"{authored.account}\nIt is not saved: {why}.\n\n{draft.source}"
    return Outcome(status="partial", answer=answer)

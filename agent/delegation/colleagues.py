"""The coordinator's way to sub-agents: it asks those that were approved, and has others written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from pydantic_ai import RunContext
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RunUsage

from agent.authoring.attempt import AttemptLog
from agent.delegation.drafts import Drafts
from agent.delegation.roles import Answer, Place, ask
from agent.events import Question
from agent.models.budget import charge, left_of
from agent.role_tools import role_tools
from agent.run import Outcome, Run, Stopped
from agent.settings import OFFLINE
from sessions.errors import BudgetError
from sessions.execution import Execution
from sessions.variables import Variable
from subagents.agent_library import approved
from subagents.data import one_line
from tools_registry.skills.skill import Provenance, Skill

if TYPE_CHECKING:
    from agent.approval import Action
    from agent.delegation.writer import AgentWriter, Written
    from agent.settings import Settings
    from sessions.session import Session
    from subagents.runner import Runner
    from tools_registry.registry import Registry

Offer = Callable[["RunContext[Run]", ToolDefinition], Awaitable[ToolDefinition | None]]

_INTERRUPTED = "it was interrupted"
_SUMMARY = 160
_MOST = 30
"""Agents that the coordinator is told of at once."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """What the coordinator shares with its sub-agents.

    Attributes:
        settings: The person's choices.
        model_name: The coordinator's model by full name.
        session: The kernel of the conversation.
        runner: Makes what runs sub-agents, for at most so many US dollars.
        writer: Makes who writes agents with it.
        execute: Runs a cell that the run tells of.
        denied: Asks the person: None for yes, else the reason for no.
    """

    settings: Settings
    model_name: str
    session: Session
    runner: Callable[[float], Runner]
    writer: Callable[[Runner], AgentWriter]
    execute: Callable[[Run, str], Awaitable[Execution]]
    denied: Callable[[Run, Action, str, str], Awaitable[str | None]]


@dataclass(frozen=True)
class Bench:
    """The kernel of the conversation, as the sub-agents of a run have it."""

    session: Session
    run: Run
    cell: Callable[[Run, str], Awaitable[Execution]]

    async def variables(self) -> list[Variable]:
        """What it holds, by name, type and a short summary."""
        return await self.session.variables()

    async def inspect(self, name: str) -> dict[str, Any]:
        """More about one variable."""
        return await self.session.inspect(name)

    async def execute(self, code: str) -> Execution:
        """Run a cell; the run tells of it, and stops it if it is stopped itself."""
        return await self.cell(self.run, code)


class Colleagues:
    """The sub-agents of a conversation.

    Args:
        office: What the coordinator shares.
        registry: The tools and skills at the beginning.
    """

    def __init__(self, office: Office, registry: Registry) -> None:
        self._office = office
        self._registry = registry
        self._approved: tuple[Skill, ...] = ()

    def tools(self) -> dict[Callable[..., Awaitable[Any]], Offer]:
        """The coordinator's tools, each with what decides whether it is offered."""
        return {self.ask_agent: self._offer_asking, self.write_agent: self._offer_writing}

    async def refresh(self, registry: Registry) -> None:
        """Look anew who was approved.

        Args:
            registry: The tools and skills as they are now.
        """
        self._registry = registry
        self._approved = await asyncio.to_thread(approved, self._office.session.workspace)

    async def ask_agent(self, ctx: RunContext[Run], name: str, task: str) -> dict[str, Any]:
        """Give a task to a sub-agent that is made for it; it knows nothing but what you tell it.

        Args:
            ctx: The run.
            name: Who is asked.
            task: All that it must know, in words.
        """
        answer = await self.ask(ctx.deps, ctx.usage, name, task)
        return dict(answer.value)

    async def write_agent(self, ctx: RunContext[Run], request: str) -> str:
        """Have a new sub-agent written and proposed, if the person asked for one.

        Args:
            ctx: The run.
            request: What it is to do: everything that the person said of it.
        """
        return await self.write(ctx.deps, ctx.usage, request)

    async def ask(self, run: Run, usage: RunUsage, name: str, task: str) -> Answer:
        """Give a task to a sub-agent.

        Args:
            run: Where its cells are told.
            usage: What the run has used; what the sub-agent uses is added.
            name: Who is asked.
            task: In words.

        Raises:
            Stopped: If it must know something first.
            AgentError: As `roles.ask`.
        """
        self._check_requests(run)
        bench = Bench(self._office.session, run, self._office.execute)
        runner = self._runner(usage, bench)
        place = Place(workspace=bench.session.workspace, runner=runner, bench=bench)
        try:
            answer = await ask(place, name, task)
        finally:
            charge(usage, runner.tally)
            run.tally.merge(runner.tally)
        if answer.questions:
            raise _asked(answer.questions)
        return answer

    async def write(self, run: Run, usage: RunUsage, request: str) -> str:
        """Have an agent written and, if the person agrees, proposed; a short account of it.

        Raises:
            Stopped: If it could not be finished, with what came of it.
            AgentError: As `AgentWriter.write` and `keep`.
        """
        self._check_requests(run)
        runner = self._office.runner(left_of(usage, self._office.settings))
        writer = self._office.writer(runner)
        session = self._office.session
        drafts = Drafts(run, AttemptLog(session.workspace, session.id).write, request)
        try:
            written = await writer.write(request, drafts.note)
        except asyncio.CancelledError:
            if drafts.last is not None:
                answer = f"{_account(drafts.last)}\nIt went no further: {_INTERRUPTED}."
                run.reached = Outcome(status="partial", answer=answer)
            raise
        finally:
            charge(usage, runner.tally)
            run.tally.merge(runner.tally)
        if not written.draft.source.strip():
            raise _asked(written.draft.questions)
        if not written.accepted:
            raise Stopped(Outcome(status="partial", answer=_account(written)))
        return await self._kept(run, writer, written, request)

    def _check_requests(self, run: Run) -> None:
        """Money may not be known; that nobody asks for ever must not depend on it."""
        made, most = run.tally.total.requests, self._office.settings.max_requests
        if made >= most:
            msg = (
                f"sub-agents have made {made} requests, one run may make {most}: raise it with "
                "AGENT_MAX_REQUESTS, or ask for less at once"
            )
            raise BudgetError(msg)

    async def _kept(self, run: Run, writer: AgentWriter, written: Written, why: str) -> str:
        name, source = written.draft.name, written.draft.source
        try:
            no = await self._office.denied(run, "keep", f"propose the agent {name}", source)
        except asyncio.CancelledError:
            run.reached = _unsaved(written, _INTERRUPTED)
            raise
        if no:
            raise Stopped(_unsaved(written, no))
        office = self._office
        provenance = Provenance(model=office.model_name, session_id=office.session.id)
        agent = await writer.keep(written, provenance, why)
        run.value = {"name": agent.name, "file": str(agent.file), "status": agent.status}
        return (
            f"The agent {name} is written ({agent.summary}) and passed its gates; it waits for the "
            f"person: `agent skills diff {name}` shows it, `agent skills approve {name}` lets it "
            f"be used, then `agent run TASK --as {name}`."
        )

    def _runner(self, usage: RunUsage, bench: Bench) -> Runner:
        office = self._office
        tools = role_tools(cast("Session", bench), lambda: self._registry)
        return replace(office.runner(left_of(usage, office.settings)), tools=tools)

    async def _offer_asking(
        self, ctx: RunContext[Run], tool: ToolDefinition
    ) -> ToolDefinition | None:
        lines = [f"- {a.name}: {one_line(a.summary, _SUMMARY)}" for a in self._approved[:_MOST]]
        if not lines or self._office.model_name == OFFLINE:
            return None
        return replace(tool, description="\n".join([tool.description or "", "There are:", *lines]))

    async def _offer_writing(
        self, ctx: RunContext[Run], tool: ToolDefinition
    ) -> ToolDefinition | None:
        return None if self._office.model_name == OFFLINE else tool


def _asked(questions: tuple[str, ...]) -> Stopped:
    asked = tuple(Question(question=question) for question in questions)
    answer = "\n".join(questions) or "nothing was written, and nobody said why: say more"
    return Stopped(Outcome(status="needs_input", answer=answer, questions=asked))


def _unsaved(written: Written, why: str) -> Outcome:
    name, source = written.draft.name, written.draft.source
    answer = f"The agent {name} passed its gates. It is not saved: {why}.\n\n{source}"
    return Outcome(status="partial", answer=answer)


def _account(written: Written) -> str:
    evidence = written.verdict.evidence if written.verdict else ()
    passed = ", ".join(item.signal for item in evidence if item.passed) or "nothing yet"
    name, reasons = written.draft.name, "\n".join(f"- {failure}" for failure in written.failures)
    return (
        f"No agent was saved: in {written.attempts} attempts none passed its gates. The last one, "
        f"{name}:\n{reasons}\nIt passes: {passed}.\nWhat to try: ask in other words, or mend it in "
        f"learned_skills/agents/{name}.py and have it judged by `agent skills test {name}`.\n\n"
        f"{written.draft.source}"
    )

"""The tools of the coordinator: what a model may do in a run."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pydantic_ai import RunContext, Tool, ToolFailed
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.tools import ToolDenied

from agent.approval import UNATTENDED, Action, asks
from agent.authoring.desk import WritingDesk
from agent.delegation.colleagues import Colleagues, Office
from agent.events import Question, SkillSaved
from agent.host_tools import HostTools, cards
from agent.learned import Trials
from agent.reports import clip, described, looked_at, report, skills_in
from agent.run import Outcome, Run, Stopped
from sessions.errors import AgentError, IsolationError, KernelError
from sessions.events import CellFinished
from sessions.execution import Execution
from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft
from tools_registry.tool import SkillStatus

if TYPE_CHECKING:
    from agent.authoring import Author
    from agent.delegation.writer import AgentWriter
    from agent.settings import Settings
    from agent.spending import Spending
    from agent.validation import Verdict
    from agent.validator import Validator
    from sessions.session import Session
    from subagents.runner import Runner
    from tools_registry.registry import Registry
    from tools_registry.review.keeper import Keeper

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a coordinator works with.

    Attributes:
        settings: The person's choices.
        model_name: The model by full name, for events and provenance.
        session: The kernel of the conversation.
        host: What that kernel's code can ask of the host.
        fresh_session: Makes a kernel that knows nothing of it.
        validator: Judges what is to be kept.
        warm_up: Begins to make later kernels start sooner; costs a process.
        keeper: Takes new skills into the library and into its review.
        runner: Makes what runs sub-agents, for at most so many US dollars.
        author: Makes who writes functions with it; a run is told, and asks the person.
        agent_writer: Makes who writes agents with it.
        spending: Notes what runs have cost.
        registry: The tools and skills at the beginning.
        open_registry: Reads the tools and skills as they are now.
    """

    settings: Settings
    model_name: str
    session: Session
    host: HostTools
    fresh_session: Callable[[], Session]
    validator: Validator
    warm_up: Callable[[], None]
    keeper: Keeper
    runner: Callable[[float], Runner]
    author: Callable[[Runner, Run], Author]
    agent_writer: Callable[[Runner], AgentWriter]
    spending: Spending
    registry: Registry
    open_registry: Callable[[], Registry]


@dataclass(frozen=True)
class GivenUp:
    """The output of a run that could not do what was asked."""

    reason: str
    nearest: tuple[str, ...] = ()


def give_up(reason: str, nearest: Sequence[str] = ()) -> GivenUp:
    """End the run because the request can't be carried out here.

    Args:
        reason: What stands in the way, and what the person could do about it.
        nearest: Names of the tools that come nearest.
    """
    return GivenUp(reason, tuple(nearest))


def _failures_told(tool: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make a failure of a tool something the model can act on, unless the kernel itself is gone."""

    @functools.wraps(tool)
    async def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await tool(*args, **kwargs)
        except (Stopped, ModelRetry, ToolFailed, KernelError, IsolationError):
            raise
        except AgentError as error:
            raise ToolFailed(clip(str(error), 1000)) from error
        except Exception as error:
            raise ToolFailed(clip(f"{type(error).__name__}: {error}", 1000)) from error

    return told


class Toolbox:
    """The tools, bound to a session and a registry."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = parts.registry
        self._trials = Trials(parts.registry.usage)
        self.colleagues = Colleagues(self._office(), parts.registry)
        self.desk = self._desk()

    def tools(self) -> list[Tool[Run]]:
        """As pydantic-ai takes them; one at a time, for there is one kernel."""
        functions = (
            self.search_tools,
            self.describe_tool,
            self.run_code,
            self.inspect,
            self.save_skill,
            self.desk.write_skill,
            self.install_packages,
            self.ask_user,
        )
        return [
            *(Tool(_failures_told(function), sequential=True) for function in functions),
            *(
                Tool(_failures_told(function), sequential=True, prepare=offer)
                for function, offer in self.colleagues.tools().items()
            ),
        ]

    def _office(self) -> Office:
        parts = self._parts
        return Office(
            settings=parts.settings,
            model_name=parts.model_name,
            session=parts.session,
            runner=parts.runner,
            writer=parts.agent_writer,
            execute=self._execute,
            denied=self._denied,
        )

    def _desk(self) -> WritingDesk:
        parts = self._parts
        return WritingDesk(
            settings=parts.settings,
            session=parts.session,
            registry=lambda: self._registry,
            provenance=self._provenance,
            status=self._status,
            runner=parts.runner,
            author=parts.author,
            denied=self._denied,
            keep=self._keep,
        )

    async def refresh(self) -> Registry:
        """Read the tools and skills anew: other processes learn too."""
        self._registry = await asyncio.to_thread(self._parts.open_registry)
        self._parts.host.registry = self._registry
        await self.colleagues.refresh(self._registry)
        return self._registry

    async def search_tools(
        self, ctx: RunContext[Run], query: str, limit: int = 5
    ) -> list[dict[str, str]]:
        """Find tools and skills for one step of the task; search once for each step.

        Args:
            ctx: The run.
            query: What the step does, in a few words.
            limit: Most tools returned.
        """
        found = await asyncio.to_thread(cards, self._registry, query, limit)
        self._trials.found(query, [card["name"] for card in found])
        return found

    async def describe_tool(self, ctx: RunContext[Run], name: str) -> str:
        """The whole documentation of a tool or skill, with examples.

        Args:
            ctx: The run.
            name: As a search gave it.
        """
        return described(self._registry.get(name))

    async def run_code(self, ctx: RunContext[Run], code: str) -> dict[str, Any]:
        """Run one cell in the guarded kernel; what it defines stays for the next.

        Args:
            ctx: The run.
            code: Python, as in a Jupyter cell; its last expression is the result.
        """
        run = ctx.deps
        run.attempts += 1
        execution = await self._execute(run, code)
        await asyncio.to_thread(self._trials.ran, code, execution)
        if asked := self._parts.host.unanswered(execution):
            answer = "\n".join(question.question for question in asked)
            raise Stopped(Outcome(status="needs_input", answer=answer, questions=asked))
        if execution.ok:
            run.value = execution.value
            skills = skills_in(code, self._registry.tools())
            run.skills_used += [name for name in skills if name not in run.skills_used]
        return report(execution)

    async def inspect(self, ctx: RunContext[Run], name: str | None = None) -> Any:
        """List the variables of the kernel, or tell about one of them.

        Args:
            ctx: The run.
            name: A variable; leave it out for the list.
        """
        return await looked_at(self._parts.session, name)

    async def save_skill(
        self,
        ctx: RunContext[Run],
        name: str,
        code: str,
        tests: str,
        description: str,
        examples: Sequence[str] = (),
    ) -> Any:
        """Validate a function and keep it as a skill for later sessions.

        Args:
            ctx: The run.
            name: Name of the function.
            code: Source with one typed, documented function of that name.
            tests: pytest functions that import nothing but the skill and the standard library.
            description: What it is good for, in a sentence.
            examples: Expressions that must hold, e.g. `f(1) == 2`.
        """
        from agent.validation import Candidate

        await asyncio.to_thread(self._parts.keeper.check, code)
        needed = await asyncio.to_thread(self._registry.skills.needed_by, code)
        candidate = Candidate(
            name=name, source=code, tests=tests, examples=tuple(examples), skills=needed
        )
        verdict = await self._parts.validator.judge(candidate)
        if not verdict.accepted:
            return {"saved": False, "evidence": _evidence(verdict)}
        action = f"save the skill {name}: {description}"
        if denied := await self._denied(ctx.deps, "keep", action, code):
            return ToolDenied(f"The person said no: {denied}")
        draft = SkillDraft(
            name=name,
            source=code,
            tests=tests,
            evidence=tuple(Evidence(**item) for item in _evidence(verdict)),
            provenance=self._provenance,
            status=self._status,
        )
        skill = await self._keep(ctx.deps, draft, description)
        return {"saved": True, "file": str(skill.file)}

    async def install_packages(self, ctx: RunContext[Run], packages: Sequence[str]) -> Any:
        """Make Python packages importable that are not, for what the task can't do without.

        Args:
            ctx: The run.
            packages: Names as on PyPI, with versions if they matter, e.g. `polars>=1`.
        """
        from sessions.packages.requirements import canonical, parsed

        names = [canonical(requirement) for requirement in parsed(packages)]
        registries = self._parts.settings.registries
        action = f"install {', '.join(names)} for this workspace"
        detail = f"from {', '.join(map(str, registries.entries))}, with what they depend on"
        if denied := await self._denied(ctx.deps, "install", action, detail):
            return ToolDenied(f"The person said no: {denied}")
        session = self._parts.session
        done = await session.install(*names, registries=registries, tell=ctx.deps.emit)
        return {"installed": dict(done.versions)}

    async def ask_user(
        self, ctx: RunContext[Run], question: str, options: Sequence[str] = (), context: str = ""
    ) -> str:
        """Ask the person what only the person can decide.

        Args:
            ctx: The run.
            question: One sentence.
            options: Answers to choose from, if there are any.
            context: What the person needs to know to answer.
        """
        asked = Question(question=question, options=tuple(options), context=context)
        reply = await ctx.deps.ask(asked)
        if reply is None:
            raise Stopped(Outcome(status="needs_input", answer=question, questions=(asked,)))
        return reply

    async def _execute(self, run: Run, code: str) -> Execution:
        # A task of its own: a cancelled tool gets no time to clean up, but a cell needs it.
        run.cell = asyncio.create_task(self._cell(run, code))
        return await asyncio.shield(run.cell)

    async def _cell(self, run: Run, code: str) -> Execution:
        with self._parts.host.asking(run):
            async for event in self._parts.session.stream(code):
                run.emit(event)
                if isinstance(event, CellFinished):
                    return event.execution
        msg = "the kernel gave no outcome for a cell: start a new session"
        raise KernelError(msg)

    async def _denied(self, run: Run, kind: Action, action: str, detail: str) -> str | None:
        if not asks(self._parts.settings.approval, kind):
            return None
        reason = await run.permission(action, detail)
        if reason == UNATTENDED:
            asked = Question(question=f"May I {action}?", options=("yes", "no"), context=detail)
            answer = f"Approval is needed to {action}, and {UNATTENDED}."
            raise Stopped(Outcome(status="needs_input", answer=answer, questions=(asked,)))
        return reason

    @property
    def _provenance(self) -> Provenance:
        return Provenance(model=self._parts.model_name, session_id=self._parts.session.id)

    @property
    def _status(self) -> SkillStatus:
        """Approved is what a person has approved; what nobody looked at is kept, but marked."""
        return "approved" if asks(self._parts.settings.approval, "keep") else "provisional"

    async def _keep(self, run: Run, draft: SkillDraft, why: str) -> Skill:
        skill = await asyncio.to_thread(self._parts.keeper.save, draft, why=why)
        await self.refresh()
        run.skills_saved.append(skill.name)
        run.emit(SkillSaved(name=skill.name, file=str(skill.file)))
        return skill


def _evidence(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {"signal": item.signal, "passed": item.passed, "detail": clip(item.detail, 1000)}
        for item in verdict.evidence
    ]

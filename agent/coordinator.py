"""The mind: one model with a few tools, told as a stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from importlib.resources import files
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pydantic_ai
from pydantic_ai import ToolOutput, capture_run_messages
from pydantic_ai import messages as told
from pydantic_ai.capabilities import ProcessEventStream, ProcessHistory
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from agent.config_file import shown
from agent.events import (
    ModelText,
    Result,
    RunFinished,
    RunStarted,
    RunStatus,
    ToolCalled,
    ToolReturned,
)
from agent.models.budget import budget_of, costs_of, exceeded
from agent.models.failures import explain, without_secrets
from agent.reports import clip
from agent.run import Outcome, Run, Stopped
from agent.toolbox import GivenUp, Parts, Toolbox, give_up
from sessions.errors import AgentError, ModelError, RefusedError, UsageError
from sessions.events import Event
from sessions.session import Session
from subagents.history import compress
from tools_registry.registry import Registry

if TYPE_CHECKING:
    from agent.authoring import Commission

Work = Callable[[Run, RunUsage], Awaitable["str | GivenUp"]]
"""Carries out a request; returns the answer."""

_RETRIES = 2
"""Times that a request is sent again after a fault that may pass, with growing pauses."""

_PATIENCE = 5.0
"""Seconds to wait for an earlier run of the same task to be closed."""

_log = logging.getLogger("agent")


class Coordinator:
    """Carries out requests one after the other, as one conversation.

    Use as `async with Coordinator(models, parts) as coordinator`.

    Args:
        models: The model that goes with a registry; only the offline engine depends on it.
        parts: What it works with.
    """

    def __init__(self, models: Callable[[Registry], Model], parts: Parts) -> None:
        self._parts = parts
        self._models = models
        self._toolbox = Toolbox(parts)
        self._answers = deque(parts.settings.answers)
        self._history: list[told.ModelMessage] = []
        self._memory: ProcessHistory[Run] = ProcessHistory(compress(parts.settings.history_size))
        self._turn = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None
        self._active: tuple[Run, asyncio.Task[None]] | None = None
        self._reached: Result | None = None
        self._agent = self._make(models(parts.registry))

    @property
    def session(self) -> Session:
        """The kernel of the conversation."""
        return self._parts.session

    @property
    def reached(self) -> Result | None:
        """What the last request had come to when it was stopped; None if it was not, or nothing."""
        return self._reached

    async def __aenter__(self) -> Self:
        await self._agent.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._active is not None:
            await _stop(*self._active)
        await self._agent.__aexit__(kind, error, trace)

    async def stream(self, task: str, as_: str | None = None) -> AsyncGenerator[Event, None]:
        """Carry out a request; the last event is `RunFinished`, whatever happens.

        Closing the iterator, or cancelling the task that reads it, stops the run and its cell.

        Args:
            task: What the person asks for.
            as_: A sub-agent that carries it out in the kernel of this conversation, of which it
                knows nothing else; None for the coordinator itself.

        Yields:
            What happens, as it happens. Questions and approvals are to be answered before the next
            event is asked for; one that is not counts as: nobody could be asked.

        Raises:
            UsageError: If the same task begins a run within another.
            AgentError: If the coordinator is closed meanwhile.
        """
        work: Work = partial(self._converse, task=task)
        if as_ is not None:
            work = partial(self._delegate, name=as_, task=task)
        async with aclosing(self._told(task, work)) as events:
            async for event in events:
                yield event

    async def write_agent(self, request: str) -> AsyncGenerator[Event, None]:
        """Have a sub-agent written and proposed; told like any request, see `stream`.

        Args:
            request: What it is to do.
        """

        async def work(run: Run, usage: RunUsage) -> str:
            await self._toolbox.refresh()
            return await self._toolbox.colleagues.write(run, usage, request)

        async with aclosing(self._told(request, work)) as events:
            async for event in events:
                yield event

    async def write(self, commission: Commission) -> AsyncGenerator[Event, None]:
        """Have a function written and kept as a skill; told like any request, see `stream`.

        Args:
            commission: What is wanted.
        """

        async def work(run: Run, usage: RunUsage) -> str:
            await self._toolbox.refresh()
            return await self._toolbox.desk.write(run, usage, commission)

        async with aclosing(self._told(commission.task, work)) as events:
            async for event in events:
                yield event

    async def _told(self, task: str, work: Work) -> AsyncGenerator[Event, None]:
        """The events of a request, while it is worked at."""
        async with self._taking_turns():
            if self._history:  # who asks twice may ask for more
                self._parts.warm_up()
            run, self._reached = Run(answers=self._answers), None
            worker = asyncio.create_task(self._work(run, task, work))
            worker.add_done_callback(lambda _: run.close())
            self._active = (run, worker)
            try:
                async for event in run.told():
                    yield event
                if worker.cancelled():
                    msg = "the agent was closed while it worked: open it anew"
                    raise AgentError(msg)
                await worker
            finally:
                self._active = None
                await _stop(run, worker)

    async def _work(self, run: Run, task: str, work: Work) -> None:
        usage, started = RunUsage(), time.perf_counter()
        parts = self._parts
        run.emit(RunStarted(task=task, model=parts.model_name, session_id=parts.session.id))
        try:
            outcome = await self._outcome(run, work, usage)
        except asyncio.CancelledError:
            if run.reached is not None:
                self._reached = self._result(run, run.reached, usage, started)
            raise
        finally:  # what was stopped has cost something, too
            _, by_role = costs_of(usage, run.tally)
            parts.spending.note(parts.session.id, parts.model_name, by_role)
        run.emit(RunFinished(result=self._result(run, outcome, usage, started)))

    def _result(self, run: Run, outcome: Outcome, usage: RunUsage, started: float) -> Result:
        cost, by_role = costs_of(usage, run.tally)
        return Result(
            status=outcome.status,
            answer=outcome.answer,
            value=run.value,
            session_id=self._parts.session.id,
            skills_used=tuple(run.skills_used),
            skills_saved=tuple(run.skills_saved),
            questions=outcome.questions,
            attempts=max(1, run.drafts or run.attempts),
            cost=cost,
            cost_by_role=by_role,
            duration_s=time.perf_counter() - started,
        )

    async def _outcome(self, run: Run, work: Work, usage: RunUsage) -> Outcome:
        try:
            output = await work(run, usage)
        except Stopped as stop:
            return stop.outcome
        except UsageLimitExceeded:
            return _ended_by(exceeded(usage, self._parts.settings))
        except AgentError as error:
            return _ended_by(error)
        except Exception as error:
            _log.debug("a run failed", exc_info=True)
            return _ended_by(explain(error, self._parts.model_name) or _unforeseen(error))
        if isinstance(output, GivenUp):
            return Outcome(status="failed", answer=_nearest(output))
        return Outcome(status="done", answer=output.rstrip().lstrip("\n"))

    async def _delegate(self, run: Run, usage: RunUsage, name: str, task: str) -> str:
        await self._toolbox.refresh()
        answer = await self._toolbox.colleagues.ask(run, usage, name, task)
        run.value = dict(answer.value)
        return answer.text

    async def _converse(self, run: Run, usage: RunUsage, task: str) -> str | GivenUp:
        registry = await self._toolbox.refresh()
        with capture_run_messages() as messages:
            try:
                result = await self._agent.run(
                    task,
                    model=self._models(registry),
                    deps=run,
                    message_history=self._history,
                    usage=usage,
                    usage_limits=budget_of(self._parts.settings),
                    capabilities=[ProcessEventStream(_Narrator(run)), self._memory],
                )
            finally:
                # Also what was said before a question, a fault or a stop belongs to the
                # conversation; a request that nobody answered does not.
                known = {id(message) for message in self._history}
                if any(isinstance(m, told.ModelResponse) and id(m) not in known for m in messages):
                    self._history = list(messages)
        return result.output

    @contextlib.asynccontextmanager
    async def _taking_turns(self) -> AsyncIterator[None]:
        """One run at a time; a run within a run would wait for itself."""
        me = asyncio.current_task()
        try:
            async with asyncio.timeout(_PATIENCE if self._owner is me else None):
                await self._turn.acquire()
        except TimeoutError:
            msg = "this agent is still busy with another request: finish or close it first"
            raise UsageError(msg) from None
        self._owner = me
        try:
            yield
        finally:
            self._owner = None
            self._turn.release()

    def _make(self, model: Model) -> pydantic_ai.Agent[Run, str | GivenUp]:
        pydantic_ai.BANNER_ENABLED = False
        settings = ModelSettings(request_timeout=self._parts.settings.request_timeout)
        if "max_retries" not in model.unsupported_settings:
            settings["max_retries"] = _RETRIES
        return pydantic_ai.Agent(
            model,
            name="coordinator",
            output_type=[str, ToolOutput(give_up, name="give_up")],
            instructions=files("agent").joinpath("prompts", "coordinator.md").read_text("utf-8"),
            deps_type=Run,
            tools=self._toolbox.tools(),
            model_settings=settings,
            retries={"tools": 5, "output": 3},
        )


async def _stop(run: Run, worker: asyncio.Task[None]) -> None:
    if not worker.done():
        worker.cancel()
        await asyncio.wait([worker])
    await run.stop_cell()


class _Narrator:
    """Tells what pydantic-ai says of a run in our words, and passes it on."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def __call__(
        self, ctx: pydantic_ai.RunContext[Run], stream: AsyncIterable[told.AgentStreamEvent]
    ) -> AsyncIterator[told.AgentStreamEvent]:
        async for event in stream:
            ours = _ours(event)
            if ours is not None:
                self._run.emit(ours)
            yield event


def _ours(event: told.AgentStreamEvent) -> Event | None:
    match event:
        case told.PartStartEvent(part=told.TextPart(content=str(text))) if text:
            return ModelText(text=text)
        case told.PartDeltaEvent(delta=told.TextPartDelta(content_delta=str(text))) if text:
            return ModelText(text=text)
        case told.FunctionToolCallEvent(part=call):
            arguments = call.args_as_dict()
            return ToolCalled(tool=call.tool_name, arguments=arguments, call_id=call.tool_call_id)
        case told.FunctionToolResultEvent(part=part):
            return ToolReturned(
                tool=part.tool_name,
                call_id=part.tool_call_id,
                outcome=part.outcome,
                content=clip(part.model_response_str(wrap_if_error=False)),
            )
    return None


def _ended_by(error: AgentError) -> Outcome:
    status: RunStatus = "refused" if isinstance(error, RefusedError) else "failed"
    return Outcome(status=status, answer=str(error))


def _unforeseen(error: Exception) -> AgentError:
    text = shown(without_secrets(f"{type(error).__name__}: {error}"), 200)
    return ModelError(f"the run broke off ({text}): try again")


def _nearest(given_up: GivenUp) -> str:
    if not given_up.nearest:
        return given_up.reason
    return f"{given_up.reason}\nNearest tools: {', '.join(given_up.nearest)}"

"""`agent run`: one request, shown as it goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.cli import checks
from agent.cli.jsonlines import emit
from agent.cli.telling import INTERRUPTED, describe, tell
from agent.render import Paper, RunView
from sessions.errors import AgentError, NeedsInputError, RefusedError
from sessions.events import Event

if TYPE_CHECKING:
    from agent.events import RunStatus

EXIT_CODES: Mapping[RunStatus, int] = {
    "done": 0,
    "failed": AgentError.exit_code,
    "partial": AgentError.exit_code,
    "needs_input": NeedsInputError.exit_code,
    "refused": RefusedError.exit_code,
}

_STATUSES: Mapping[int, RunStatus] = {
    NeedsInputError.exit_code: "needs_input",
    RefusedError.exit_code: "refused",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent run` was asked to do.

    Attributes:
        task: The request, in the person's words.
        model: Name of the model, or None for the settings'.
        approval: Mode of approval, or None for the settings'.
        tier: Name of the tier, or None for the settings'.
        answers: Replies to questions, in the order of asking.
        as_: Name of the sub-agent that is to do it, or None.
        workspace: Directory to work in.
        json: Whether to print events as JSON lines.
    """

    task: str
    model: str | None
    approval: str | None
    tier: str | None
    answers: tuple[str, ...]
    as_: str | None
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Carry the request out and return the exit code.

    With `--json` the last line is a result whatever happens, also when nothing could be started.
    """
    from agent.cli.looping import run_until_done

    try:
        task = checks.said(request.task, "task")
        return run_until_done(_follow(task, request))
    except (Exception, KeyboardInterrupt) as error:
        if request.json and not isinstance(error, BrokenPipeError):
            _emit_failure(error)
        raise


async def _follow(task: str, request: Request) -> int:
    from agent import Agent
    from agent.cli.asking import Person
    from agent.events import RunFinished

    show, person = _view(request.json), Person(Paper(sys.stderr))
    agent = Agent(request.workspace, request.model, request.approval, request.tier, request.answers)
    for note in agent.settings.notes:
        tell(note)
    if request.as_ is not None:
        agent.check_role(request.as_)  # before a kernel is started for nothing
    try:
        async with agent, aclosing(agent.stream(task, request.as_)) as events:
            async for event in events:
                show(event)
                await person.answer(event)
                if isinstance(event, RunFinished):
                    return EXIT_CODES[event.result.status]
    except asyncio.CancelledError:
        if agent.reached is None:
            raise
        show(RunFinished(result=agent.reached))
        return INTERRUPTED
    msg = "the run ended without a result: try again"
    raise AgentError(msg)


def _view(as_json: bool) -> Callable[[Event], None]:
    if not as_json:
        return RunView(Paper(sys.stdout), Paper(sys.stderr)).show
    return lambda event: emit(event.to_json())


def _emit_failure(error: BaseException) -> None:
    """The result of a run that could not even begin, or broke off."""
    from agent.events import Result, RunFinished

    message, code = describe(error)
    status: RunStatus = _STATUSES.get(code, "failed")
    emit(RunFinished(result=Result(status=status, answer=message)).to_json())

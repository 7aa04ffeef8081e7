"""`agent run`: one request, shown as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import boundary, checks
from sessions.errors import AgentError, NeedsInputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.events import Result, RunStatus
    from agent.settings import Settings
    from sessions.events import Event

EXIT_CODES: Mapping[RunStatus, int] = {
    "done": 0,
    "partial": AgentError.exit_code,
    "failed": AgentError.exit_code,
    "needs_input": NeedsInputError.exit_code,
    "refused": RefusedError.exit_code,
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent run` was asked to do.

    Attributes:
        task: The request, in the person's words.
        options: Settings by name; None where the option was not given.
        answers: Replies to questions, in the order of asking.
        workspace: Directory to work in.
        json: Whether to print events as JSON lines.
    """

    task: str
    options: Mapping[str, str | None]
    answers: tuple[str, ...]
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Carry the request out and return the exit code.

    With `--json` the last line is a result whatever happens, also when nothing could be started.
    """
    if not request.json:
        return _run(request)
    try:
        return _run(request)
    except (Exception, KeyboardInterrupt) as error:
        _emit_failure(error)
        raise


def _run(request: Request) -> int:
    from agent.cli.looping import run_until_done
    from agent.settings import Settings

    task = checks.said(request.task, "task")
    workspace = checks.writable(request.workspace)
    settings = Settings.load(workspace, answers=request.answers, **request.options)
    for note in settings.notes:
        boundary.tell(note)
    return run_until_done(_follow(task, workspace, settings, request))


async def _follow(task: str, workspace: Path, settings: Settings, request: Request) -> int:
    from agent import Agent
    from agent.cli.asking import Person
    from agent.events import RunFinished

    show, person = _door(request)
    result: Result | None = None
    async with Agent(workspace, settings=settings) as agent, aclosing(agent.stream(task)) as events:
        async for event in events:
            show(event)
            await person.answer(event)
            if isinstance(event, RunFinished):
                result = event.result
    if result is None:
        msg = "the run ended without a result"
        raise AgentError(msg)
    return EXIT_CODES[result.status]

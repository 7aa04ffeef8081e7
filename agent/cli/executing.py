"""`agent exec`: code in the guarded kernel, without a model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import cells, checks, keeping
from agent.cli.telling import tell
from sessions.errors import NeedsInputError, RefusedError
from sessions.events import CellFinished, Event
from sessions.execution import Execution
from sessions.workspace import PRIVATE

if TYPE_CHECKING:
    from agent.cli.asking import AtTerminal
    from agent.settings import Settings
    from sessions.session import Session

_UNISOLATED = (
    "nothing isolates this code: isolation is off in your settings, so that it runs with your own "
    "rights, under guard and limits alone"
)

Show = Callable[[Event, Mapping[str, Any]], None]
"""Shows an event, with more to tell of it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent exec` was asked to do.

    Attributes:
        source: A file, `-` for stdin, or None for stdin if something is piped in.
        tier: Name of the tier, or None for the settings'.
        seconds: Time that one cell may take, in seconds, or None for the tier's.
        packages: What to install before the first cell.
        session: Id of the saved session to go on with, or None for one that is forgotten.
        undo: How many of its cells to take back first, as typed, or None.
        keep_going: Whether to go on after a cell that is not ok.
        workspace: Directory to work in.
        json: Whether to print JSON lines instead of the output.
    """

    source: str | None
    tier: str | None
    seconds: str | None
    packages: tuple[str, ...]
    session: str | None
    undo: str | None
    keep_going: bool
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Run the cells and return the exit code."""
    from agent.cli.looping import run_until_done

    seconds = checks.seconds(request.seconds)
    workspace = checks.writable(request.workspace)
    settings = _settings(workspace, request.tier)
    codes = _codes(request)
    if not (codes or request.packages or request.undo):
        return 0
    return run_until_done(_run(workspace, settings, codes, seconds, request))


def exit_code(executions: list[Execution]) -> int:
    """0 if all are ok, 4 if one was refused, else 1."""
    if any(execution.status == "refused" for execution in executions):
        return RefusedError.exit_code
    return 0 if all(execution.ok for execution in executions) else 1


def _codes(request: Request) -> list[str]:
    """The cells; none if something is to be undone and nobody gave any."""
    if request.undo is not None and request.source is None and sys.stdin.isatty():
        return []
    return cells.split(cells.read(request.source))


def _settings(workspace: Path, tier: str | None) -> Settings:
    from agent.settings import Settings

    settings = Settings.load(workspace, tier=tier)
    for note in settings.notes:
        tell(note)
    if settings.isolation == "off":
        tell(_UNISOLATED)
    return settings


async def _run(
    workspace: Path, settings: Settings, codes: list[str], seconds: float | None, request: Request
) -> int:
    from agent.build import new_host_tools, new_session

    host = new_host_tools(workspace, settings)
    session = new_session(workspace, settings, host=host)
    with keeping.kept(session, request.session, request.undo) as keeper:
        session.begin()  # it starts while the rest is imported
        with host.asking(_terminal()):
            show = _shower(session, request.json)
            async with session, aclosing(host):
                if keeper is not None:
                    await keeper.begin(keeping.steps(request.undo))
                if request.packages:
                    from agent.cli import installing

                    await installing.install(session, request.packages, settings.registries)
                done = await _cells(session, codes, seconds, _Way(request, show, keeper))
        if keeper is not None and not codes and request.json:
            _emit(keeper.undone())
    code = exit_code(done)
    unanswered = any(host.unanswered(execution) for execution in done)
    return NeedsInputError.exit_code if unanswered and code == 1 else code


def _terminal() -> AtTerminal:
    """Whom questions go to."""
    from agent.cli.asking import AtTerminal
    from agent.render import Paper

    return AtTerminal(Paper(sys.stderr))


@dataclass(frozen=True)
class _Way:
    """How cells are run and shown."""

    request: Request
    show: Show
    keeper: keeping.Keeper | None

    def ends(self, execution: Execution) -> bool:
        return not (execution.ok or self.request.keep_going)


async def _cells(
    session: Session, codes: list[str], seconds: float | None, way: _Way
) -> list[Execution]:
    done: list[Execution] = []
    for index, code in enumerate(codes):
        async with aclosing(session.stream(code, seconds)) as events:
            async for event in events:
                if isinstance(event, CellFinished):
                    done.append(replace(event.execution, index=index))
                else:
                    way.show(event, {})
        last = index + 1 == len(codes) or way.ends(done[-1])
        more = await way.keeper.after(done[-1], last=last) if way.keeper else {}
        way.show(CellFinished(execution=done[-1]), more)
        if last:
            break
    return done


def _shower(session: Session, as_json: bool) -> Show:
    if not as_json:
        from agent.cli.gallery import Gallery
        from agent.render import CellView, Paper

        gallery = Gallery(session.workspace, session.workspace / PRIVATE / "outputs" / session.id)
        view = CellView(Paper(sys.stdout), Paper(sys.stderr), gallery.keep)
        return lambda event, _: view.show(event)

    def show(event: Event, more: Mapping[str, Any]) -> None:
        if isinstance(event, CellFinished):
            _emit({**event.to_json(), **more})

    return show


def _emit(told: Mapping[str, Any]) -> None:
    from agent.cli.jsonlines import emit

    emit(told)

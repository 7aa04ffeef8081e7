"""`agent exec`: code in the guarded kernel, without a model."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import cells, checks
from agent.cli.telling import tell
from sessions.errors import RefusedError
from sessions.events import CellFinished, Event
from sessions.execution import Execution
from sessions.workspace import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.settings import Settings
    from sessions.session import Session


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent exec` was asked to do.

    Attributes:
        source: A file, `-` for stdin, or None for stdin if something is piped in.
        tier: Name of the tier, or None for the settings'.
        seconds: Time that one cell may take, in seconds, or None for the tier's.
        packages: What to install before the first cell.
        keep_going: Whether to go on after a cell that is not ok.
        workspace: Directory to work in.
        json: Whether to print JSON lines instead of the output.
    """

    source: str | None
    tier: str | None
    seconds: str | None
    packages: tuple[str, ...]
    keep_going: bool
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Run the cells and return the exit code."""
    from agent.cli.looping import run_until_done

    seconds = checks.seconds(request.seconds)
    workspace = checks.writable(request.workspace)
    settings = _settings(workspace, request.tier)
    codes = cells.split(cells.read(request.source))
    if not codes and not request.packages:
        return 0
    return run_until_done(_run(workspace, settings, codes, seconds, request))


def exit_code(executions: list[Execution]) -> int:
    """0 if all are ok, 4 if one was refused, else 1."""
    if any(execution.status == "refused" for execution in executions):
        return RefusedError.exit_code
    return 0 if all(execution.ok for execution in executions) else 1


def _settings(workspace: Path, tier: str | None) -> Settings:
    from agent.settings import Settings

    settings = Settings.load(workspace, tier=tier)
    for note in settings.notes:
        tell(note)
    return settings


async def _run(
    workspace: Path, settings: Settings, codes: list[str], seconds: float | None, request: Request
) -> int:
    from agent.build import new_session

    done: list[Execution] = []
    session = new_session(workspace, settings)
    show = _shower(session, request.json)
    async with session:
        if request.packages:
            from agent.cli import installing

            await installing.install(session, request.packages, settings.registries)
        for index, code in enumerate(codes):
            async for event in session.stream(code, seconds):
                if isinstance(event, CellFinished):
                    event = CellFinished(execution=replace(event.execution, index=index))
                    done.append(event.execution)
                show(event)
            if not done[-1].ok and not request.keep_going:
                break
    return exit_code(done)


def _shower(session: Session, as_json: bool) -> Callable[[Event], None]:
    if not as_json:
        from agent.cli.gallery import Gallery
        from agent.render import CellView, Paper

        gallery = Gallery(session.workspace, session.workspace / PRIVATE / "outputs" / session.id)
        return CellView(Paper(sys.stdout), Paper(sys.stderr), gallery.keep).show
    from agent.cli.jsonlines import emit

    def show(event: Event) -> None:
        if isinstance(event, CellFinished):
            emit(event.to_json())

    return show

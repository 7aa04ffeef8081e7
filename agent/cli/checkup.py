"""`agent doctor`: what works on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.cli.checks import existing
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.doctor import examine
from agent.findings import Finding, KernelTimes, Report
from sessions.errors import AgentError


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent doctor` was asked to do.

    Attributes:
        fix: Whether to fetch the weights of the embedding search first.
        workspace: Directory whose kernel is tried.
        json: Whether to print one JSON line instead of tables.
    """

    fix: bool
    workspace: str
    json: bool


def run(request: Request) -> int:
    """Examine the machine, show the report; 0 if model-written code can run isolated, else 1."""
    from agent.cli.looping import run_until_done

    return run_until_done(_run(request))


async def _run(request: Request) -> int:
    workspace = existing(request.workspace)
    if request.fix:
        fetch_weights()
    report = await examine(workspace)
    if request.json:
        emit(report.to_json())
    else:
        print("\n".join(describe(report)))
    return 0 if report.isolated else 1


def fetch_weights() -> None:
    """Fetch the weights of the embedding search, saying on stderr what is done or what failed."""
    from tools_registry.search.weights import fetch

    try:
        fetch(tell)
    except AgentError as error:
        tell(str(error))


def describe(report: Report) -> list[str]:
    """The report as lines for a person."""
    rows = [*_rows(report)]
    lines = columns(rows)
    for trouble in report.problems:
        lines += ["", f"✗ {trouble.what}", f"  fix: {trouble.fix}"]
    return lines


def _rows(report: Report) -> Iterator[tuple[str, str, str]]:
    for layer, finding in report.isolation.items():
        yield _row(f"isolation: {layer}", finding)
    yield _row("isolation, all told", report.mode)
    for directory, finding in report.data.items():
        yield _row(f"data: {directory}", finding)
    yield _row("kernel", _kernel(report.kernel))
    yield _row("search by meaning", report.embedding)
    for model in report.models:
        yield _row(f"model: {model.name}", Finding(active=model.configured, why=model.why))


def _row(name: str, finding: Finding) -> tuple[str, str, str]:
    return ("✓" if finding.active else "✗", name, finding.why)


def _kernel(times: KernelTimes) -> Finding:
    if times.start_ms is None:
        return Finding(active=False, why="did not start")
    why = f"starts in {times.start_ms:.0f} ms"
    if times.execute_ms is not None:
        why += f", runs 1 + 1 in {times.execute_ms:.1f} ms"
    return Finding(active=True, why=why)

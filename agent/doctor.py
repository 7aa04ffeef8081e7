"""What works on this machine, measured, and what to do about the rest."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.findings import Finding, KernelTimes, ModelFinding, Report, Trouble
from agent.gate_names import BLOCKING
from agent.slips import mistyped
from sessions.errors import AgentError, IsolationError, KernelError, UsageError
from sessions.isolation.spec import LAYERS

if TYPE_CHECKING:
    from sessions.session import Session

DISTRIBUTION = "ipysmith"
PACKAGES = ("agent", "subagents", "tools_registry", "sessions")
ROUND_TRIPS = 5
PAUSE = 0.02
"""Seconds between round trips, as between the cells of a quick person."""

PROVIDER_KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "google": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "ollama": "OLLAMA_BASE_URL",
}
"""Provider → the environment variable from which its library takes the key or address."""

_FIXES = {
    "namespaces": "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 and "
    "kernel.apparmor_restrict_unprivileged_userns=0; in a container, run it with "
    "--security-opt seccomp=unconfined)",
    "network": "allow network namespaces, as for the layer namespaces",
    "landlock": "use Linux 5.13 or newer with Landlock among the security modules",
    "seccomp": "use a Linux kernel with seccomp filters",
    "uid": "as root, keep the workspace on a filesystem with id-mapped mounts; as an ordinary "
    "user, allow user namespaces, as for the layer namespaces",
    "rlimits": "raise the hard limits of this shell (ulimit -H -a)",
}


_REINSTALL = f"pip install --force-reinstall {DISTRIBUTION}"


@dataclass(kw_only=True)
class _Measured:
    isolation: dict[str, Finding] = field(default_factory=dict)
    kernel: KernelTimes = field(default_factory=KernelTimes)
    problems: list[Trouble] = field(default_factory=list)


async def examine(workspace: Path) -> Report:
    """Measure everything; starts a guarded kernel and ends it again.

    Args:
        workspace: The directory whose kernel is tried; where it can't be a workspace, an empty one
            is tried instead, and that is a problem of its own.
    """
    measured = await _measure(workspace)
    embedding, unembedded = check_embedding()
    data = check_data(workspace)
    return Report(
        isolation=measured.isolation,
        kernel=measured.kernel,
        embedding=embedding,
        models=check_models(os.environ),
        data=data,
        problems=(
            *measured.problems,
            *check_settings(workspace, os.environ),
            *_unreadable(data),
            *unembedded,
            *check_git(),
            *check_packages(),
        ),
    )


def check_models(environment: Mapping[str, str]) -> tuple[ModelFinding, ...]:
    """Which providers have what they need; no request is made."""
    offline = ModelFinding(name="offline", configured=True, why="needs no key and no network")
    return (offline, *(_provider(name, environment) for name in PROVIDER_KEYS))


def check_packages(root: Path = Path(__file__).parents[1]) -> tuple[Trouble, ...]:
    """Whether another distribution, or a directory, shadows one of our packages.

    Args:
        root: Directory that holds our packages.
    """
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    claimed = [_claim(name, owners.get(name, ())) for name in PACKAGES]
    return tuple(trouble for trouble in (*claimed, *_misplaced(root)) if trouble)


def check_embedding() -> tuple[Finding, list[Trouble]]:
    """Whether the weights of the embedding search are there."""
    from tools_registry.search.weights import locate

    folder = locate()
    if folder:
        return Finding(active=True, why=f"weights in {folder}"), []
    why = "the weights are not there: search goes by keywords only"
    return Finding(active=False, why=why), [Trouble(what=why, fix="agent doctor --fix")]


def check_settings(workspace: Path, environment: Mapping[str, str]) -> list[Trouble]:
    """What is wrong with the settings of a workspace, or unsafe, or not usable.

    Args:
        workspace: Directory whose `agent.toml` counts.
        environment: Where the keys of providers are looked for.
    """
    from agent.settings import Settings

    try:
        settings = Settings.load(workspace)
    except AgentError as error:
        return [Trouble(what=str(error), fix="correct that entry, or remove it")]
    troubles = [Trouble(what=note, fix="remove that entry") for note in settings.notes]
    troubles += filter(None, map(mistyped, settings.refuse))
    if settings.isolation == "off":
        what = "isolation is switched off: code of a model runs with your own rights"
        troubles.append(Trouble(what=what, fix="remove isolation = 'off' from your settings"))
    if lenient := sorted(BLOCKING - settings.blocking):
        what = f"findings of these gates keep no skill out: {', '.join(lenient)}"
        troubles.append(Trouble(what=what, fix="remove them from gates_advise in your settings"))
    variable = PROVIDER_KEYS.get(settings.model.partition(":")[0])
    if variable and not environment.get(variable, "").strip():
        what = f"the model {settings.model} is chosen, but {variable} is not set"
        fix = f"export {variable}=…, or choose the model offline"
        troubles.append(Trouble(what=what, fix=fix))
    return troubles


def check_data(workspace: Path) -> dict[str, Finding]:
    """Which of the directories that the settings name for cells to read can be shown."""
    from agent.settings import Settings

    try:
        named = Settings.load(workspace).data
    except AgentError:  # told as a problem of the settings
        return {}
    return {directory: _shown(directory, workspace) for directory in named}


def _unreadable(data: Mapping[str, Finding]) -> list[Trouble]:
    """Directories that keep every cell from being run until they are mended."""
    fix = "correct or remove that entry of `data` in your settings: nothing is run until then"
    return [Trouble(what=found.why, fix=fix) for found in data.values() if not found.active]


def _shown(directory: str, workspace: Path) -> Finding:
    from sessions.data_directories import resolved

    try:
        (path,) = resolved([directory], workspace.resolve())
    except UsageError as error:
        return Finding(active=False, why=str(error))
    return Finding(active=True, why=f"cells can read {path}")


def check_git() -> list[Trouble]:
    """Whether git is there, in which the review of skills lives."""
    import shutil

    if shutil.which("git"):
        return []
    what = "git is not installed: skills are kept without their history"
    return [Trouble(what=what, fix="install git with your system's package manager")]


async def _measure(workspace: Path) -> _Measured:
    """Try the kernel of a workspace, or of an empty one if that can't be a workspace."""
    try:
        return await _measure_kernel(workspace)
    except UsageError as error:
        unfit = Trouble(what=str(error), fix="name another folder with --workspace")
    with tempfile.TemporaryDirectory(prefix="agent-doctor-") as empty:
        measured = await _measure_kernel(Path(empty))
    measured.problems.insert(0, unfit)
    return measured


async def _measure_kernel(workspace: Path) -> _Measured:
    from sessions.limits import Limits
    from sessions.session import Session

    started = time.perf_counter()
    try:
        async with Session(workspace, Limits.standard()) as session:
            times = await _times(session, started)
            return _measured(session.layers, session.layer_reasons, times)
    except (IsolationError, KernelError) as error:
        fix = _fix_isolation() if isinstance(error, IsolationError) else _REINSTALL
        trouble = Trouble(what=str(error), fix=fix)
        return _Measured(isolation=_findings((), {}), problems=[trouble])


def _fix_isolation() -> str:
    system: str = sys.platform
    if system == "linux":
        return _FIXES["namespaces"]
    return "use Linux in WSL 2 or a container; guard and limits alone: isolation = 'off'"


def _measured(held: Iterable[str], reasons: Mapping[str, str], times: KernelTimes) -> _Measured:
    isolation = _findings(held, reasons)
    missing = [layer for layer, fix in _FIXES.items() if not isolation[layer].active]
    problems = [
        Trouble(what=f"the isolation layer {layer} does not hold", fix=_FIXES[layer])
        for layer in missing
    ]
    return _Measured(isolation=isolation, kernel=times, problems=problems)


def _findings(held: Iterable[str], reasons: Mapping[str, str]) -> dict[str, Finding]:
    held = set(held)
    return {
        layer: Finding(active=layer in held, why=reasons.get(layer, "no kernel started"))
        for layer in LAYERS
    }


async def _times(session: Session, started: float) -> KernelTimes:
    start_ms = _since(started)
    rounds = []
    for _ in range(ROUND_TRIPS):
        await asyncio.sleep(PAUSE)
        begun = time.perf_counter()
        await session.execute("1 + 1")
        rounds.append(_since(begun))
    return KernelTimes(start_ms=start_ms, execute_ms=round(statistics.median(rounds), 2))


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 2)


def _provider(name: str, environment: Mapping[str, str]) -> ModelFinding:
    variable = PROVIDER_KEYS[name]
    configured = bool(environment.get(variable, "").strip())
    why = f"{variable} is set" if configured else f"{variable} is not set"
    return ModelFinding(name=name, configured=configured, why=why)


def _claim(package: str, owners: Iterable[str]) -> Trouble | None:
    others = sorted(set(owners) - {DISTRIBUTION})
    if not others:
        return None
    return Trouble(
        what=f"the distribution {', '.join(others)} also installs a package named {package!r}",
        fix=f"pip uninstall {' '.join(others)}, then {_REINSTALL}",
    )


def _misplaced(root: Path) -> list[Trouble]:
    """Our packages that Python takes from elsewhere."""
    found = {name: _place(name) for name in PACKAGES}
    return [
        Trouble(
            what=f"the package {name!r} is taken from {place}, not from {root}",
            fix=f"rename {place}, or take its directory off the Python path",
        )
        for name, place in found.items()
        if place is not None and place.parent != root
    ]


def _place(package: str) -> Path | None:
    from importlib.util import find_spec

    loaded = sys.modules.get(package)
    spec = loaded.__spec__ if loaded else find_spec(package)
    origin = spec.origin if spec else None
    return Path(origin).resolve().parent if origin else None

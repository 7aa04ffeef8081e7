"""The only place that wires: settings, registry, session and model become a coordinator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.naming import full_name
from agent.settings import OFFLINE, Settings

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from agent.authoring import Author
    from agent.authoring.asker import Door
    from agent.coordinator import Coordinator
    from agent.delegation.writer import AgentWriter
    from agent.host_tools import HostTools
    from agent.role_tools import Tools
    from agent.run import Run
    from agent.validator import Validator
    from sessions.pool import Pool
    from sessions.session import Session
    from subagents.role import Tier
    from subagents.runner import Runner
    from tools_registry.registry import Registry
    from tools_registry.review.keeper import Keeper


@asynccontextmanager
async def open_coordinator(workspace: Path, settings: Settings) -> AsyncIterator[Coordinator]:
    """A coordinator for a workspace, with its kernel running; both are closed at the end.

    The kernel starts while the model's libraries, which take longer, are imported.

    Raises:
        UsageError: If the model's name is wrong or its key is missing.
        IsolationError: If this machine can't isolate code and the settings require it.
        KernelError: If the kernel does not start.
    """
    from sessions.pool import Pool

    name = full_name(settings.model)
    pool = Pool()
    host = new_host_tools(workspace, settings)
    session = new_session(workspace, settings, pool, host)
    session.begin()
    loading = asyncio.create_task(asyncio.to_thread(_load, name, workspace, settings))
    try:
        async with session:
            mind = await asyncio.shield(loading)
            async with _coordinator(mind, name, settings, session, pool, host) as coordinator:
                yield coordinator
    finally:
        await host.aclose()
        pool.close()
        await asyncio.wait([loading])  # a thread can't be cancelled; it must not outlive us
        loading.exception()  # said once already, if the kernel did not fail first


def new_host_tools(workspace: Path, settings: Settings | None = None) -> HostTools:
    """What the code of a kernel may ask of the host; nothing is read before it asks."""
    from agent.consent import Consent
    from agent.host_tools import HostTools
    from agent.mcp_tools import McpTools
    from agent.web_tools import WebTools

    settings = settings or Settings()
    web = WebTools(Consent(settings.network, settings.allow_hosts))

    def open_registry() -> Registry:
        from tools_registry.registry import Registry

        return Registry.open(workspace)

    return HostTools(open_registry, web, McpTools(settings))


def new_session(
    workspace: Path, settings: Settings, pool: Pool | None = None, host: HostTools | None = None
) -> Session:
    """A guarded kernel of the settings' tier, not yet started, whose code may ask the host."""
    from sessions.limits import Limits
    from sessions.session import Session
    from tools_registry.kernel_packages import kernel_packages

    libraries, folders = kernel_packages(workspace)
    return Session(
        workspace,
        Limits.of_tier(settings.tier),
        libraries=libraries,
        data=[*(Path(directory) for directory in settings.data), *folders],
        isolated=settings.isolation == "required",
        policy=settings.policy,
        pool=pool,
        requests=host.requests if host else None,
    )


def new_keeper(workspace: Path, settings: Settings, why: str = "") -> Keeper:
    """What saves new skills and proposes them as the settings say.

    Args:
        workspace: The user's directory.
        settings: Whose `review` holds.
        why: The request that the skills answer.
    """
    from tools_registry.review.keeper import Keeper

    return Keeper(workspace, settings.review, why=why)


def new_validator(workspace: Path, settings: Settings, pool: Pool | None = None) -> Validator:
    """What judges candidates before they are kept in a workspace, in kernels of their own."""
    from agent.validation.cache import VerdictCache
    from agent.validator import Validator, rules_of

    return Validator(
        rules=rules_of(settings, workspace),
        # Without walls cells could write verdicts of their own.
        cache=VerdictCache.of_user(workspace) if settings.isolation == "required" else None,
        fresh_session=partial(new_session, workspace, settings, pool),
    )


def new_author(
    workspace: Path,
    settings: Settings,
    runner: Runner,
    door: Door | None = None,
    *,
    validator: Validator | None = None,
    session_id: str = "",
) -> Author:
    """Who writes a function for a workspace, and has it judged; nothing is saved.

    Args:
        workspace: The user's directory.
        settings: The person's choices.
        runner: Runs the sub-agents, and counts what they cost.
        door: Who is told, and can be asked; by default nobody.
        validator: Judges what was written; by default as the settings say.
        session_id: The session in which the attempts are kept; "" to keep none.
    """
    from agent.authoring import AttemptLog, Author, Shelf, Workshop
    from agent.authoring.workshop import forget

    workshop = Workshop(
        runner=runner,
        validator=validator or new_validator(workspace, settings),
        shelf=Shelf(workspace, new_keeper(workspace, settings)),
        attempts=settings.attempts,
        seconds=settings.attempt_timeout,
        log=AttemptLog(workspace, session_id).write if session_id else forget,
    )
    return Author(workshop, door)


def new_agent_writer(
    workspace: Path, settings: Settings, runner: Runner, validator: Validator | None = None
) -> AgentWriter:
    """Who writes an agent for a workspace, has it judged, and proposes it.

    Args:
        workspace: The user's directory.
        settings: The person's choices.
        runner: Runs the author, and counts what it costs.
        validator: Judges what was written; by default as the settings say.
    """
    from agent.delegation.gates import Examiner
    from agent.delegation.writer import AgentWriter
    from subagents.agent_library import AGENTS
    from tools_registry.review.keeper import Keeper

    return AgentWriter(
        workspace=workspace,
        runner=runner,
        examiner=Examiner(validator=validator or new_validator(workspace, settings)),
        keeper=Keeper(workspace, settings.review, form=AGENTS),
    )


def new_runner(settings: Settings, tools: Tools | None = None) -> Runner:
    """What runs sub-agents with the person's models and patience, and counts their cost by role.

    A task that names no model gets that of its role's tier, or the main one if the person chose
    none for the tier.

    Args:
        settings: The person's choices.
        tools: What roles may use if they name it, as `role_tools` makes them.
    """
    from subagents.runner import Runner

    chosen: dict[Tier, str] = {"fast": settings.models_fast, "strong": settings.models_strong}

    def choose(model: Model | str | None, tier: Tier) -> Model:
        from agent.models.naming import resolve
        from subagents.models import refuse_offline

        if model is not None and not isinstance(model, str):
            return model
        name = full_name(model or chosen[tier] or settings.model)
        refuse_offline(name, tier)
        return resolve(name)

    return Runner(resolve=choose, tools=tools or {}, request_timeout=settings.request_timeout)


@dataclass(frozen=True, kw_only=True)
class _Mind:
    models: Callable[[Registry], Model]
    registry: Registry
    open_registry: Callable[[], Registry]


def _load(name: str, workspace: Path, settings: Settings) -> _Mind:
    """Everything slow that needs no kernel."""
    import agent.coordinator  # noqa: F401 - the import is the work
    from tools_registry.registry import Registry

    def open_registry() -> Registry:
        registry = Registry.open(workspace)
        registry.skills.refresh_shown()
        return registry

    models = _models(name, workspace, first=settings.offline_first)
    return _Mind(models=models, registry=open_registry(), open_registry=open_registry)


def _models(name: str, workspace: Path, *, first: bool) -> Callable[[Registry], Model]:
    if name == OFFLINE:
        from agent.models.offline import OfflineModel

        return lambda registry: OfflineModel(registry, workspace)
    from agent.models.naming import resolve

    model = resolve(name)
    return _offline_first(model, workspace) if first else lambda _: model


def _offline_first(model: Model, workspace: Path) -> Callable[[Registry], Model]:
    """The offline engine answers what it is sure of; the model everything else."""
    from agent.models.first_tier import FirstTier
    from agent.models.offline import OfflineModel

    passed_on: set[str] = set()  # of the whole conversation: nothing is tried twice
    return lambda registry: FirstTier(model, OfflineModel(registry, workspace), passed_on)


def _coordinator(
    mind: _Mind, name: str, settings: Settings, session: Session, pool: Pool, host: HostTools
) -> Coordinator:
    from agent.coordinator import Coordinator
    from agent.spending import Spending
    from agent.toolbox import Parts

    runner = new_runner(settings)
    validator = new_validator(session.workspace, settings, pool)

    def author(runner: Runner, run: Run) -> Author:
        return new_author(
            *(session.workspace, settings, runner, run),
            validator=validator,
            session_id=session.id,
        )

    parts = Parts(
        settings=settings,
        model_name=name,
        session=session,
        host=host,
        fresh_session=partial(new_session, session.workspace, settings, pool),
        validator=validator,
        warm_up=pool.open,
        keeper=new_keeper(session.workspace, settings),
        runner=runner.within,
        author=author,
        agent_writer=partial(new_agent_writer, session.workspace, settings, validator=validator),
        spending=Spending.of_user(),
        registry=mind.registry,
        open_registry=mind.open_registry,
    )
    return Coordinator(mind.models, parts)

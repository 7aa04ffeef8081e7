"""Runs one task of a role: a context of its own that ends with it, three tries, a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel

from sessions.errors import AgentError, BudgetError, UsageError
from subagents.history import compress
from subagents.models import Resolver, resolve
from subagents.prompt import packaged
from subagents.role import Role
from subagents.usage import Tally, Usage

if TYPE_CHECKING:
    import pydantic_ai
    from pydantic_ai import Tool
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import RunUsage

T = TypeVar("T", bound=BaseModel)
Check = Callable[[T], str]
"""What is wrong with an output, for the model to mend; "" if nothing is."""

DELIVER = "deliver"
"""The tool by which a model hands its output over."""

_REPAIRS = 2
"""Times that an output of the wrong form goes back to the model that wrote it."""


@dataclass(frozen=True, kw_only=True)
class Report(Generic[T]):
    """The outcome of one task.

    Attributes:
        output: What the role handed back.
        role: Whose task it was.
        model: Name of the model.
        prompt: Version of the instructions.
        tries: How often it was tried, from 1.
        usage: What all tries have used.
    """

    output: T
    role: str
    model: str
    prompt: int
    tries: int
    usage: Usage


@dataclass(frozen=True, kw_only=True)
class Task(Generic[T]):
    """One thing for a role to do.

    Attributes:
        text: What the model is told beside its instructions.
        model: A model, its name, or None for the usual one.
        check: Looks at an output that has the right form.
        tools: Tools for this task alone, beside those that the role names.
    """

    text: str
    model: Model | str | None = None
    check: Check[T] | None = None
    tools: tuple[Tool[None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Carries out tasks of roles; each gets a new context, so tasks may run side by side.

    Attributes:
        resolve: Makes a model of what the caller gave, which may be nothing.
        tools: What roles may use, by name. A role gets those that it names and no other.
        tally: Counts the usage by role.
        tries: How often a task is tried when its model fails in a way that may pass.
        sleep: Waits for so many seconds.
        request_timeout: Seconds that one request to a model may take.
        budget_usd: Most money that all tasks together may cost, in US dollars; None for no limit.
            Models without a known price can't be held to it.
    """

    resolve: Resolver = resolve
    tools: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    tries: int = 3
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    request_timeout: float = 300.0
    budget_usd: float | None = None

    def within(self, budget_usd: float | None) -> Runner:
        """The same for other tasks: with a tally and a budget of its own, in US dollars."""
        return replace(self, tally=Tally(), budget_usd=budget_usd)

    async def run(self, role: Role, task: Task[T]) -> Report[T]:
        """Carry out a task; what it used is counted whether it ends well, badly or cancelled.

        Raises:
            UsageError: If there is no model, or the role names a tool that is not there.
            ModelError: If the model failed, or no answer had the right form.
            BudgetError: If the role's budget was reached.
        """
        from pydantic_ai.usage import RunUsage

        model = self.resolve(task.model, role.tier)
        agent = self._agent(role, task, model)
        used = RunUsage()
        try:
            async with agent:  # closes the connections with the last task that uses the model
                output, tries = await self._try(agent, role, task.text, used)
        finally:
            self.tally.add(role.name, Usage.of(used))
        return Report(
            output=cast("T", output),
            role=role.name,
            model=model.model_name,
            prompt=role.prompt.version,
            tries=tries,
            usage=Usage.of(used),
        )

    async def _try(
        self, agent: pydantic_ai.Agent[None, Any], role: Role, text: str, used: RunUsage
    ) -> tuple[BaseModel, int]:
        from pydantic_ai.exceptions import UsageLimitExceeded

        from subagents.failures import explain, may_pass, used_up, wait
        from subagents.limits import limits_of

        limits, name = limits_of(role.budget, self._left(role)), _name(agent)
        for tried in range(1, self.tries + 1):
            try:
                # No history is handed in: what one try said, the next does not know.
                result = await agent.run(text, usage=used, usage_limits=limits)
            except UsageLimitExceeded:
                raise used_up(role, Usage.of(used), limits.cost_limit) from None
            except AgentError:
                raise  # of a tool, which says itself what is wrong
            except Exception as error:
                if tried == self.tries or not may_pass(error):
                    raise explain(error, role, name, tried) from error
                await self.sleep(wait(error, tried))
            else:
                return result.output, tried
        raise AssertionError  # the last try ends in a return or an error

    def _left(self, role: Role) -> float | None:
        """The money that is left for a task.

        Raises:
            BudgetError: If there is none.
        """
        if self.budget_usd is None:
            return None
        left = self.budget_usd - (self.tally.total.usd or 0)
        if left <= 0:
            msg = (
                f"{role.name} was not asked: the budget of {self.budget_usd:g} USD is spent; raise "
                "it, or ask for less at once"
            )
            raise BudgetError(msg)
        return left

    def _agent(self, role: Role, task: Task[T], model: Model) -> pydantic_ai.Agent[None, Any]:
        import pydantic_ai
        from pydantic_ai import ToolOutput
        from pydantic_ai.capabilities import ProcessHistory

        pydantic_ai.BANNER_ENABLED = False
        agent: pydantic_ai.Agent[None, Any] = pydantic_ai.Agent(
            model,
            name=role.name,
            deps_type=type(None),
            output_type=ToolOutput(role.output, name=DELIVER),
            instructions=[role.prompt.text, packaged("shared").text],
            tools=[*self._granted(role), *task.tools],
            model_settings=self._settings(model),
            retries={"tools": 3, "output": _REPAIRS},
            capabilities=[ProcessHistory(compress(role.budget.history))],
        )
        if task.check is not None:
            agent.output_validator(_validator(task.check))
        return agent

    def _granted(self, role: Role) -> list[Callable[..., Any]]:
        missing = [name for name in role.tools if name not in self.tools]
        if missing:
            there = ", ".join(sorted(self.tools)) or "none"
            msg = f"{role.name} needs tools that are not there: {', '.join(missing)} (has: {there})"
            raise UsageError(msg)
        return [self.tools[name] for name in role.tools]

    def _settings(self, model: Model) -> ModelSettings:
        from pydantic_ai.settings import ModelSettings

        settings = ModelSettings(request_timeout=self.request_timeout)
        if "max_retries" not in model.unsupported_settings:
            settings["max_retries"] = 0  # tries are ours to count
        return settings


def _name(agent: pydantic_ai.Agent[None, Any]) -> str:
    from pydantic_ai.models import Model

    return agent.model.model_name if isinstance(agent.model, Model) else str(agent.model)


def _validator(check: Check[T]) -> Callable[[T], T]:
    from pydantic_ai.exceptions import ModelRetry

    def validate(output: T) -> T:
        objection = check(output)
        if objection:
            raise ModelRetry(objection)
        return output

    return validate

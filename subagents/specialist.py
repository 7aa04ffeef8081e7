"""What all sub-agents share: a role, a model, a session to look into, and a runner."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel

from sessions.errors import UsageError
from sessions.variables import Variable
from subagents.context import Context, render
from subagents.role import Role
from subagents.runner import Report, Runner, Task

if TYPE_CHECKING:
    from pydantic_ai.models import Model


class Request(Protocol):
    """A task that can be told a model."""

    def text(self) -> str:
        """For a prompt."""


class Kernel(Protocol):
    """The part of a session that sub-agents look at."""

    async def variables(self) -> list[Variable]:
        """What it holds, by name, type and a short summary."""


R = TypeVar("R", bound=Request)
T = TypeVar("T", bound=BaseModel)


class Specialist(ABC, Generic[R, T]):
    """A role that can be asked.

    Args:
        model: A model, its name as `provider:model`, or None for the usual one.
        session: Kernel whose variables it is told by name and shape; None if it needs none.
        runner: Runs it and counts its cost; sub-agents may share one.

    Attributes:
        wants: The type of its requests; no other is let in.
        role: What it is.
        runner: Its `tally` knows what it has cost.
    """

    wants: ClassVar[type[Any]]

    def __init__(
        self,
        model: Model | str | None = None,
        session: Kernel | None = None,
        *,
        runner: Runner | None = None,
    ) -> None:
        self.role = self._role()
        self.runner = runner or Runner()
        self._model = model
        self._session = session

    async def run(self, request: R | str, context: Context | None = None) -> T:
        """Carry out one task; nothing of it is remembered for the next.

        Args:
            request: What is wanted, in words or with details.
            context: What to know beside it.

        Raises:
            UsageError: If the request is empty, or there is no model.
            ModelError: If the model failed three times, or gave nothing usable.
            BudgetError: If the role's budget was reached.
        """
        return (await self.report(request, context)).output

    async def report(self, request: R | str, context: Context | None = None) -> Report[T]:
        """The same, with what it took; see `run`."""
        asked = self._asked(request) if isinstance(request, str) else request
        if not isinstance(asked, self.wants):
            msg = f"{self.role.name} takes text or a {self.wants.__name__}: give it one of these"
            raise UsageError(msg)
        return await self.runner.run(self.role, await self._task(asked, context))

    async def _task(self, request: R, context: Context | None) -> Task[T]:
        parts = [request.text()]
        told = render(await self._with_variables(context or Context()), self.role.budget.context)
        if told.text:
            parts.append(f"# Context\n\n{told.text}")
        return Task(
            text="\n\n".join(parts),
            model=self._model,
            check=lambda output: self._objection(request, output),
        )

    async def _with_variables(self, context: Context) -> Context:
        if self._session is None or context.variables:
            return context
        return replace(context, variables=tuple(await self._session.variables()))

    @abstractmethod
    def _role(self) -> Role:
        """What it is; reads its prompt."""

    @abstractmethod
    def _asked(self, task: str) -> R:
        """A request in words alone."""

    @abstractmethod
    def _objection(self, request: R, output: T) -> str:
        """What is wrong with an output, for the model to mend; "" if nothing is."""

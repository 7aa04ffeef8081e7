"""A learned sub-agent at work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from sessions.errors import UsageError
from subagents.agent_file import AgentFile
from subagents.agent_reading import functions_of
from subagents.context import Context
from subagents.kernel_tools import Cells, kernel_tools
from subagents.requests import said
from subagents.role import Role
from subagents.runner import Runner, Task
from subagents.specialist import Kernel, Specialist
from tools_registry.source import parse

if TYPE_CHECKING:
    from pydantic_ai.models import Model


class Workbench(Kernel, Cells, Protocol):
    """A session that is looked at, and runs the agent's own functions."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Something for a learned agent to do.

    Attributes:
        task: In words.
    """

    task: str

    def text(self) -> str:
        """For a prompt."""
        return said(self.task)


class CustomAgent(Specialist[Errand, BaseModel]):
    """A sub-agent that a file describes; its output has the fields that the file names.

    Args:
        file: What it is, e.g. by `load`.
        model: A model, its name as `provider:model`, or None for the usual one.
        session: Where its own functions run; needed only if it has any.
        runner: Has the tools that the file names, and counts the cost.
    """

    wants = Errand

    def __init__(
        self,
        file: AgentFile,
        model: Model | str | None = None,
        session: Workbench | None = None,
        *,
        runner: Runner | None = None,
    ) -> None:
        self._file = file
        self._bench = session
        super().__init__(model, session, runner=runner)

    def _role(self) -> Role:
        return self._file.role()

    def _asked(self, task: str) -> Errand:
        return Errand(task=task)

    def _objection(self, request: Errand, output: BaseModel) -> str:
        return ""

    async def _task(self, request: Errand, context: Context | None) -> Task[BaseModel]:
        task = await super()._task(request, context)
        if not functions_of(parse(self._file.code)):
            return task
        if self._bench is None:
            msg = f"{self._file.name} has functions of its own: give it a session to run them in"
            raise UsageError(msg)
        return replace(task, tools=kernel_tools(self._file.code, self._bench))

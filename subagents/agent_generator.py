"""Writes a new sub-agent."""

from __future__ import annotations

from typing import ClassVar

from sessions.errors import UsageError
from subagents.agent_file import GRANTABLE, AgentFile
from subagents.outputs import Draft
from subagents.prompt import packaged
from subagents.requests import AgentRequest
from subagents.role import Role
from subagents.specialist import Specialist


class AgentGenerator(Specialist[AgentRequest, Draft]):
    """Writes the file of a new sub-agent, or mends one.

    `await AgentGenerator(model=None, session=None).run(request, context=None) -> Draft`; the
    request is text or an `AgentRequest`. A `Draft` has

    - `name` of the agent, and of its file in `learned_skills/agents/`,
    - `signature`: `NAME(task: str) -> str`,
    - `source`: the text of the file, which `AgentFile.parse(name, source)` reads,
    - `explanation`, `assumptions` and `questions` as those of a function.
    """

    name: ClassVar[str] = "agent_generator"
    wants = AgentRequest

    def _role(self) -> Role:
        return Role(name=self.name, prompt=packaged(self.name), output=Draft)

    def _asked(self, task: str) -> AgentRequest:
        return AgentRequest(task=task, grantable=tuple(GRANTABLE.items()))

    def _objection(self, request: AgentRequest, output: Draft) -> str:
        if not output.source.strip():
            return "" if output.questions else "`source` is empty: write the file, or ask"
        if request.name and output.name != request.name:
            return f"the agent is to be called {request.name!r}, not {output.name!r}"
        try:
            agent = AgentFile.parse(output.name, output.source)
        except UsageError as error:
            return str(error)
        offered = {name for name, _ in request.grantable}
        beyond = [tool for tool in agent.tools if tool not in offered]
        return f"the tools {', '.join(beyond)} are not offered" if beyond else ""

"""A model that follows a script: it calls each tool once, then delivers. No key, no network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.delegation.samples import sample_of
from subagents.data import tokens

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel


@dataclass(kw_only=True)
class Script:
    """What the model does, and what it saw.

    Attributes:
        arguments: What to call tools with, by name; others get values that fit their schema.
        output: What it delivers.
        context: Tokens to count for each request besides what is sent: a task's context.
        offered: Names of the tools it was offered.
        returned: What each tool gave back, as text.
        failed: What went wrong with a tool, as text.
        requests: How often it was asked.
        spent: Tokens of all requests.
    """

    arguments: Mapping[str, Mapping[str, Any]]
    output: Mapping[str, Any]
    context: int = 0
    offered: set[str] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    spent: int = 0

    def model(self) -> FunctionModel:
        """As pydantic-ai takes it."""
        from pydantic_ai.models.function import FunctionModel

        return FunctionModel(self._answer, model_name="scripted")

    async def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        from pydantic_ai.messages import ModelResponse, ToolCallPart
        from pydantic_ai.usage import RequestUsage

        self.requests += 1
        self._hear(messages)
        if self.requests == 1 and info.function_tools:
            self.offered = {tool.name for tool in info.function_tools}
            parts: list[Any] = list(self._calls(info))
        else:
            parts = [ToolCallPart(info.output_tools[0].name, dict(self.output))]
        sent = self.context + tokens(f"{info.instructions}{messages}{_tools(info)}")
        made = tokens(str(parts))
        self.spent += sent + made
        usage = RequestUsage(input_tokens=sent, output_tokens=made)
        return ModelResponse(parts=parts, usage=usage)

    def _calls(self, info: AgentInfo) -> list[ToolCallPart]:
        from pydantic_ai.messages import ToolCallPart

        return [
            ToolCallPart(
                tool.name,
                dict(self.arguments.get(tool.name, sample_of(tool.parameters_json_schema))),
            )
            for tool in info.function_tools
        ]

    def _hear(self, messages: list[ModelMessage]) -> None:
        from pydantic_ai.messages import RetryPromptPart, ToolReturnPart

        for part in messages[-1].parts:
            if isinstance(part, ToolReturnPart):
                told = self.returned if part.outcome == "success" else self.failed
                told[part.tool_name] = part.model_response_str(wrap_if_error=False)
            elif isinstance(part, RetryPromptPart) and part.tool_name:
                self.failed[part.tool_name] = part.model_response()


def _tools(info: AgentInfo) -> str:
    offered = [*info.function_tools, *info.output_tools]
    return json.dumps(
        [[tool.name, tool.description, tool.parameters_json_schema] for tool in offered]
    )

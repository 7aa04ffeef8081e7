"""The offline engine as a pydantic-ai model: needs no key and no network, costs nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    ModelResponseStreamEvent,
    RetryPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings

from agent.offline.engine import Decision, Engine
from agent.offline.plan import Call, Refusal, Say
from agent.offline.turn import Step, Turn
from tools_registry.registry import Registry

MODEL_NAME = "offline"
SYSTEM = "ipysmith"
_GIVE_UP = "give_up"


class OfflineModel(Model):
    """Answers with the engine's decisions; stateless, as models are.

    Args:
        registry: The tools and skills that it may use.
        workspace: Where data files are looked for.
    """

    def __init__(self, registry: Registry, workspace: Path | str) -> None:
        super().__init__()
        self._engine = Engine(registry, Path(workspace))

    @property
    def model_name(self) -> str:
        """Its name in events and provenance."""
        return MODEL_NAME

    @property
    def system(self) -> str:
        """Who provides it."""
        return SYSTEM

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next step of the run, as a response."""
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        return await self.respond(messages, parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The same, as a stream with one event for each part."""
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        yield self.streamed(await self.respond(messages, parameters), parameters)

    def streamed(
        self, response: ModelResponse, parameters: ModelRequestParameters
    ) -> StreamedResponse:
        """A response that is there already, as a stream."""
        return _Streamed(model_request_parameters=parameters, response=response)

    async def is_sure(self, turn: Turn) -> bool:
        """Whether the engine understands a request well enough to answer in place of a model.

        Args:
            turn: The request.
        """
        return await self._engine.is_sure(turn.request)

    async def respond(
        self, messages: Sequence[ModelMessage], parameters: ModelRequestParameters
    ) -> ModelResponse:
        """The next step of a run.

        Args:
            messages: The conversation so far.
            parameters: With the tools that may be called.
        """
        tools = {tool.name for tool in parameters.function_tools}
        outputs = {tool.name for tool in parameters.output_tools}
        decision = await self._engine.decide(turn_of(messages), tools)
        part = _part(decision, can_give_up=_GIVE_UP in outputs)
        return ModelResponse(parts=[part], model_name=MODEL_NAME, provider_name=SYSTEM)


def _part(decision: Decision, *, can_give_up: bool) -> ModelResponsePart:
    match decision:
        case Call(tool=tool, arguments=arguments):
            return ToolCallPart(tool_name=tool, args=dict(arguments))
        case Refusal(reason=reason, nearest=nearest) if can_give_up:
            arguments = {"reason": reason, "nearest": list(nearest)}
            return ToolCallPart(tool_name=_GIVE_UP, args=arguments)
        case Refusal(reason=reason):
            return TextPart(content=f"Could not do it. {reason}")
        case Say(text=text):
            return TextPart(content=text)


def turn_of(messages: Sequence[ModelMessage]) -> Turn:
    """The last request in a history, with the steps taken since."""
    request, steps, calls = "", list[Step](), dict[str, ToolCallPart]()
    for message in messages:
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                request, steps, calls = _text(part), [], {}
            elif isinstance(part, ToolCallPart):
                calls[part.tool_call_id] = part
            elif isinstance(message, ModelRequest):
                steps += _steps(part, calls)
    return Turn(request=request, steps=tuple(steps))


def _steps(part: Any, calls: dict[str, ToolCallPart]) -> list[Step]:
    """The step that a part of a request reports, if any."""
    if not isinstance(part, (ToolReturnPart, RetryPromptPart)) or part.tool_name is None:
        return []
    call = calls.get(part.tool_call_id)
    arguments = call.args_as_dict() if call else {}
    ok = isinstance(part, ToolReturnPart) and part.outcome == "success"
    return [Step(tool=part.tool_name, arguments=arguments, content=part.content, ok=ok)]


def _text(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    return "\n".join(piece for piece in part.content if isinstance(piece, str))


@dataclass
class _Streamed(StreamedResponse):
    """A response that is there already, told as events."""

    response: ModelResponse = field(kw_only=True)

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        for number, part in enumerate(self.response.parts):
            if isinstance(part, TextPart):
                for event in self._parts_manager.handle_text_delta(
                    vendor_part_id=number, content=part.content
                ):
                    yield event
            elif isinstance(part, ToolCallPart):
                yield self._parts_manager.handle_tool_call_part(
                    vendor_part_id=number,
                    tool_name=part.tool_name,
                    args=part.args_as_dict(),
                    tool_call_id=part.tool_call_id,
                )

    async def close_stream(self) -> None:
        """Nothing is open."""

    @property
    def model_name(self) -> str:
        """As in the response."""
        return MODEL_NAME

    @property
    def provider_name(self) -> str:
        """As in the response."""
        return SYSTEM

    @property
    def provider_url(self) -> None:
        """There is none."""

    @property
    def timestamp(self) -> datetime:
        """When it was made."""
        return self.response.timestamp.astimezone(UTC)

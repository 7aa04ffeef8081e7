"""The offline engine before a model: what it is sure of costs nothing, the rest is passed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from agent.models.offline import MODEL_NAME, OfflineModel, turn_of

SECONDS = 3.0
"""Longest that the engine may think about a request before it is passed on."""

_ENDED = frozenset(("give_up", "ask_user"))


class FirstTier(WrapperModel):
    """Lets the offline engine answer what it is sure of, and another model everything else.

    A request that was passed on stays with the other model: it is never tried twice.

    Args:
        wrapped: The other model.
        offline: The engine.
        passed_on: Requests that were passed on; shared by all that serve one conversation.
        seconds: Longest that the engine may think.
    """

    def __init__(
        self, wrapped: Model, offline: OfflineModel, passed_on: set[str], seconds: float = SECONDS
    ) -> None:
        super().__init__(wrapped)
        self._offline = offline
        self._passed_on = passed_on
        self._seconds = seconds

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The engine's next step, or the other model's response."""
        if response := await self._own(messages, model_request_parameters):
            return response
        return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The same, streamed."""
        if response := await self._own(messages, model_request_parameters):
            yield self._offline.streamed(response, model_request_parameters)
            return
        async with super().request_stream(
            messages, model_settings, model_request_parameters, run_context
        ) as stream:
            yield stream

    async def _own(
        self, messages: Sequence[ModelMessage], parameters: ModelRequestParameters
    ) -> ModelResponse | None:
        """What the engine responds; None if the other model is to."""
        request = turn_of(messages).request
        if not request or request in self._passed_on:
            return None
        answered = _answered_by(messages)
        response = None
        if answered <= {MODEL_NAME}:
            response = await self._within_time(messages, parameters, begun=bool(answered))
        if response is None:
            self._passed_on.add(request)
        return response

    async def _within_time(
        self, messages: Sequence[ModelMessage], parameters: ModelRequestParameters, *, begun: bool
    ) -> ModelResponse | None:
        """A step of the engine, if it is sure of the request and comes to an answer in time."""
        try:
            async with asyncio.timeout(self._seconds):
                if not begun and not await self._offline.is_sure(turn_of(messages)):
                    return None
                response = await self._offline.respond(messages, parameters)
        except TimeoutError:
            return None
        return None if _gives_up(response) else response


def _answered_by(messages: Sequence[ModelMessage]) -> set[str | None]:
    """Which models have responded since the person's last request."""
    found: set[str | None] = set()
    for message in messages:
        if isinstance(message, ModelRequest):
            if any(isinstance(part, UserPromptPart) for part in message.parts):
                found = set()
        else:
            found.add(message.model_name)
    return found


def _gives_up(response: ModelResponse) -> bool:
    """Whether the engine could not do it after all, or would have to ask."""
    part = response.parts[0]
    if isinstance(part, ToolCallPart):
        return part.tool_name in _ENDED
    return str(getattr(part, "content", "")).startswith("Could not do it.")

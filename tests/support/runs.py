"""Scripting a model for a run, and reading what the run told."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any, TypeVar

from agent import Agent
from agent.events import Result, RunFinished
from sessions.events import Event
from tests.support.model_server import ModelServer
from tests.support.wire import Reply

T = TypeVar("T")


def run_code(code: str, text: str = "") -> Reply:
    return Reply(text=text, calls=(("run_code", {"code": code}),))


def call(tool: str, **arguments: Any) -> Reply:
    return Reply(calls=((tool, arguments),))


DONE = Reply(text="That is all.")


async def told(agent: Agent, task: str = "do it") -> list[Event]:
    async with aclosing(agent.stream(task)) as events:
        return [event async for event in events]


def result_of(events: list[Event]) -> Result:
    finished = [event for event in events if isinstance(event, RunFinished)]
    assert len(finished) == 1
    assert finished[0] is events[-1]
    return finished[0].result


def of_type(events: list[Event], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def tool_results(server: ModelServer) -> list[str]:
    """What the last request told the model of its tools (Anthropic's format)."""
    blocks = [b for m in server.bodies[-1]["messages"] for b in m["content"]]
    return [json.dumps(b) for b in blocks if isinstance(b, dict) and b["type"] == "tool_result"]

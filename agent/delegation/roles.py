"""Who can be asked by name: the sub-agents of the package, and those a person approved here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from sessions.errors import RefusedError, UsageError
from subagents.agent_library import agent_library, approved, read
from tools_registry.skills.skill import Skill
from tools_registry.skills.skill_name import explain_unknown

if TYPE_CHECKING:
    from pydantic import BaseModel

    from subagents.custom_agent import Workbench
    from subagents.runner import Runner

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "code": "Writes one function from a request.",
        "test": "Writes tests for a function from the request that it answers.",
        "review": "Judges code that the task quotes.",
    }
)
"""Sub-agents that come with the package, by the names under which they are asked."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a sub-agent works.

    Attributes:
        workspace: The user's directory.
        runner: Runs it, has the tools that it may name, and counts its cost.
        bench: The kernel that it looks at, and in which its own functions run.
    """

    workspace: Path
    runner: Runner
    bench: Workbench


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a sub-agent handed back.

    Attributes:
        text: For a person.
        value: All of it, as plain data.
        questions: What it must know first; it has done nothing if there are any.
    """

    text: str
    value: Mapping[str, Any]
    questions: tuple[str, ...] = field(default=())


class Asked(Protocol):
    """A sub-agent that is ready to work."""

    async def run(self, request: str) -> BaseModel:
        """Carry out one task."""


def names(workspace: Path) -> dict[str, str]:
    """Who can be asked, and what for in a sentence."""
    learned = {agent.name: agent.summary for agent in approved(workspace)}
    return {**BUILT_IN, **learned}


def check(workspace: Path, name: str) -> Skill | None:
    """Look whether somebody can be asked.

    Returns:
        The learned agent of that name; None if it is one that comes with the package.

    Raises:
        UsageError: If there is none of that name, or its file can't be read.
        RefusedError: If it was not approved here as it lies there.
    """
    if name in BUILT_IN:
        return None
    agents, problems = agent_library(workspace).scan()
    agent = next((agent for agent in agents if agent.name == name), None)
    if agent is None:
        broken = next((str(problem) for problem in problems if problem.file.stem == name), "")
        usable = [agent.name for agent in agents if agent.status == "approved"]
        raise UsageError(broken or _unknown(name, usable))
    if agent.status != "approved":
        msg = f"the agent {name} is {agent.status} and not used: {agent.reason}"
        raise RefusedError(msg)
    return agent


async def ask(place: Place, name: str, task: str) -> Answer:
    """Give a task to a sub-agent; it knows nothing but the task and what its tools tell it.

    Args:
        place: Where it works.
        name: Who is asked.
        task: In words.

    Raises:
        UsageError: If there is none of that name, or no model for it.
        RefusedError: If it was not approved here as it lies there.
        BudgetError: If its budget was reached.
        ModelError: If its model failed.
    """
    agent = await asyncio.to_thread(check, place.workspace, name)
    asked = _learned(agent, place) if agent else _built_in(name, place)
    return _answer(await asked.run(task))


def _learned(agent: Skill, place: Place) -> Asked:
    from subagents.custom_agent import CustomAgent

    return CustomAgent(read(agent), session=place.bench, runner=place.runner)


def _built_in(name: str, place: Place) -> Asked:
    from subagents import CodeGenerator, Reviewer, TestGenerator

    kinds: dict[str, Any] = {"code": CodeGenerator, "test": TestGenerator, "review": Reviewer}
    asked: Asked = kinds[name](session=place.bench, runner=place.runner)
    return asked


def _answer(output: BaseModel) -> Answer:
    value = output.model_dump(mode="json")
    source = value.get("source")
    questions = tuple(map(str, value.get("questions", ()))) if source == "" else ()
    return Answer(text=_text(value), value=value, questions=questions)


def _text(value: Mapping[str, Any]) -> str:
    """The most telling of its fields first, and the others by name."""
    shown = [str(value[key]) for key in ("answer", "source", "summary") if value.get(key)]
    rest = {k: v for k, v in value.items() if k not in ("answer", "source", "summary") and v != []}
    lines = [f"{key}: {_plain(entry)}" for key, entry in rest.items() if entry not in ("", None)]
    return "\n\n".join([*shown, "\n".join(lines)]).strip()


def _plain(entry: Any) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def _unknown(name: str, usable: list[str]) -> str:
    nearest = explain_unknown("agent", name, [*BUILT_IN, *usable])
    return f"{nearest}; there are {', '.join([*BUILT_IN, *usable])}"

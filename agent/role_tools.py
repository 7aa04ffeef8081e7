"""What sub-agents may do, if their role names it: look for tools, and use the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from agent.host_tools import cards
from agent.reports import clip, described, looked_at, report
from sessions.errors import AgentError, IsolationError, KernelError

if TYPE_CHECKING:
    from sessions.session import Session
    from tools_registry.registry import Registry

P = ParamSpec("P")
R = TypeVar("R")

Tools = Mapping[str, Callable[..., Awaitable[Any]]]


def role_tools(session: Session, open_registry: Callable[[], Registry]) -> Tools:
    """The tools by name, for `Runner.tools`; a role gets those that it names and no other.

    Args:
        session: The kernel in which they run code; one cell at a time, whoever asks.
        open_registry: Gives the tools and skills as they are now.
    """
    turn = asyncio.Lock()

    async def search_tools(query: str, limit: int = 5) -> list[dict[str, str]]:
        """Find tools and skills for one step of the task; search once for each step.

        Args:
            query: What the step does, in a few words.
            limit: Most tools returned.
        """
        return await asyncio.to_thread(lambda: cards(open_registry(), query, limit))

    async def describe_tool(name: str) -> str:
        """The whole documentation of a tool or skill, with examples.

        Args:
            name: As a search gave it.
        """
        return await asyncio.to_thread(lambda: described(open_registry().get(name)))

    async def run_code(code: str) -> dict[str, Any]:
        """Run one cell in the guarded kernel; what it defines stays for the next.

        Args:
            code: Python, as in a Jupyter cell; its last expression is the result.
        """
        async with turn:
            return report(await session.execute(code))

    async def inspect(name: str | None = None) -> Any:
        """List the variables of the kernel, or tell about one of them.

        Args:
            name: A variable; leave it out for the list.
        """
        async with turn:
            return await looked_at(session, name)

    functions = (search_tools, describe_tool, run_code, inspect)
    return {function.__name__: _told(function) for function in functions}


def _told(tool: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """A failure is something the model can act on, unless the kernel itself is gone."""
    from functools import wraps

    from pydantic_ai import ToolFailed

    @wraps(tool)
    async def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await tool(*args, **kwargs)
        except (KernelError, IsolationError):
            raise
        except AgentError as error:
            raise ToolFailed(clip(str(error), 1000)) from error

    return told

"""`agent skills serve`: the approved skills as an MCP server for other agents."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import checks
from agent.cli.looping import run_until_done
from agent.cli.telling import tell
from sessions.errors import AgentError, UsageError
from tools_registry.mcp import schema
from tools_registry.mcp.export import arguments_schema
from tools_registry.tool import Tool

if TYPE_CHECKING:
    from mcp import types

    from sessions.execution import Execution
    from sessions.session import Session

_NAME = "ipysmith-skills"
_LONGEST_TEXT = 100_000  # characters
_MOST_PICTURES = 4
_PICTURES = ("image/png", "image/jpeg")
_WATCH_SECONDS = 2.0


def run(workspace: str, tier: str | None) -> int:
    """Serve until the other end hangs up."""
    from agent.settings import Settings

    folder = checks.writable(workspace)
    settings = Settings.load(folder, tier=tier)
    for note in settings.notes:
        tell(note)
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    if sys.stdin.isatty():
        tell("this speaks MCP on stdin and stdout: let another agent start it; Ctrl-C ends it")
    return run_until_done(_serve(folder, settings))


async def _serve(folder: Path, settings: Any) -> int:
    from mcp.server.stdio import stdio_server

    from agent.build import new_session

    skills = Skills(folder)
    async with new_session(folder, settings) as session:
        server = _server(skills, session)
        async with stdio_server() as streams:
            from mcp.server.lowlevel import NotificationOptions

            options = server.create_initialization_options(NotificationOptions(tools_changed=True))
            await server.run(*streams, options)
    return 0


class Skills:
    """The skills that may be served, read anew for each question.

    Args:
        workspace: Where they lie.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace

    def tools(self) -> dict[str, Tool]:
        """The approved ones by name, and nothing that waits for review or was changed by hand."""
        from tools_registry.registry import Registry

        found = Registry.open(self._workspace).tools()
        return {t.name: t for t in found if t.kind == "skill" and t.status == "approved"}

    def get(self, name: str, arguments: Mapping[str, Any]) -> Tool:
        """One skill that takes these arguments.

        Raises:
            UsageError: If there is none, or it does not.
        """
        tools = self.tools()
        if name not in tools:
            known = ", ".join(tools) or "none is approved yet"
            msg = f"there is no skill {name[:80]!r}: choose from {known}"
            raise UsageError(msg)
        wrong = schema.problem(arguments_schema(tools[name]), dict(arguments))
        if wrong is not None:
            msg = f"{name} does not take these arguments: {wrong}"
            raise UsageError(msg)
        return tools[name]

    def versions(self) -> frozenset[tuple[str, str]]:
        """What each skill and all it imports are now, and what a kernel sees from now on."""
        from tools_registry.skills.library import SkillLibrary

        library = SkillLibrary(self._workspace)
        library.refresh_shown()
        return frozenset((skill.name, skill.content) for skill in library.list() if skill.usable)


class _Kernel:
    """Calls skills, one at a time and as they are now: a kernel keeps what it has imported."""

    def __init__(self, skills: Skills, session: Session) -> None:
        self._skills = skills
        self._session = session
        self._turn = asyncio.Lock()
        self._seen: frozenset[tuple[str, str]] = frozenset()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Execution:
        async with self._turn:
            tool = await asyncio.to_thread(self._skills.get, name, arguments)
            now = await asyncio.to_thread(self._skills.versions)
            if not self._seen <= now:
                await self._session.restart()
            self._seen = now
            return await self._session.execute(_code(tool, arguments))


def _server(skills: Skills, session: Session) -> Any:
    from mcp import types
    from mcp.server.lowlevel import Server

    from agent.cli.version import text

    kernel = _Kernel(skills, session)
    watches: set[asyncio.Task[None]] = set()

    async def list_tools(context: Any, _: Any) -> types.ListToolsResult:
        tools = await asyncio.to_thread(skills.tools)
        if not watches:
            watch = asyncio.create_task(_watch(skills, set(tools), context.session))
            watches.add(watch)
        return types.ListToolsResult(tools=[_described(tool) for tool in tools.values()])

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            execution = await kernel.call(params.name, params.arguments or {})
        except AgentError as error:
            return _failed(str(error))
        return _result(execution)

    return Server(
        _NAME,
        version=text().split()[-1],
        instructions="Skills that were tested and approved; they run in a guarded kernel.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _watch(skills: Skills, known: set[str], session: Any) -> None:
    """Tell the client when other skills are there than it knows."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        now = set(await asyncio.to_thread(skills.tools))
        if now != known:
            known = now
            with suppress(Exception):  # a client that has left, or speaks a protocol without it
                await session.send_tool_list_changed()


def _described(tool: Tool) -> types.Tool:
    from mcp import types

    return types.Tool(
        name=tool.name,
        description=tool.doc or tool.summary,
        input_schema=arguments_schema(tool),
    )


def _code(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """A cell that calls a skill: the arguments go in as a text, which can't end early."""
    given = json.dumps(json.dumps(dict(arguments)))
    call = f"_skill(**__import__('json').loads({given}))"
    prefix = "await " if tool.signature.startswith("async ") else ""
    return f"from {tool.module} import {tool.name} as _skill\n{prefix}{call}"


def _result(execution: Execution) -> types.CallToolResult:
    from mcp import types

    if not execution.ok:
        return _failed(_why(execution))
    texts = [execution.result or "None", execution.stdout]
    blocks: list[Any] = [
        types.TextContent(type="text", text=text[:_LONGEST_TEXT]) for text in texts if text
    ]
    is_plain = execution.value is not None or execution.result is None
    return types.CallToolResult(
        content=[*blocks, *_pictures(execution)],
        structured_content={"result": execution.value} if is_plain else None,
    )


def _pictures(execution: Execution) -> list[types.ImageContent]:
    from mcp import types

    found = [
        (kind, bundle[kind])
        for bundle in execution.outputs
        for kind in _PICTURES
        if isinstance(bundle.get(kind), str)
    ]
    return [
        types.ImageContent(type="image", data="".join(data.split()), mime_type=kind)
        for kind, data in found[:_MOST_PICTURES]
    ]


def _why(execution: Execution) -> str:
    error = execution.error
    limits = ", ".join(execution.limits_hit)
    what = f"{error.name}: {error.message}" if error else f"the call ended: {execution.status}"
    return what + (f" (limit: {limits})" if limits else "")


def _failed(message: str) -> types.CallToolResult:
    from mcp import types

    text = types.TextContent(type="text", text=message[:_LONGEST_TEXT])
    return types.CallToolResult(content=[text], is_error=True)

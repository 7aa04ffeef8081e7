"""`agent tools add-mcp` and `remove-mcp`: the tools of MCP servers, shown before they are kept."""

from __future__ import annotations

import difflib
import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.cli.jsonlines import emit
from agent.cli.looping import run_until_done
from agent.cli.table import columns
from agent.render import safe
from sessions.errors import UsageError
from tools_registry.mcp.catalogue import written_tools
from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import Definition, definitions
from tools_registry.mcp.library import Library
from tools_registry.mcp.module_source import PACKAGE
from tools_registry.mcp.server import Server
from tools_registry.tool import Tool

_SECONDS = (180.0, 30.0, 60.0)
"""To connect, list and call: the first start of `uvx` or `npx` fetches packages."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `agent tools add-mcp` was asked to do.

    Attributes:
        name: Of the server.
        command: Starts it; empty if it has a URL, or is known.
        url: Where it is.
        env: Variables for it, as KEY=VALUE.
        env_from: Variables to pass on.
        bearer_from: Variable with the token for the URL.
        update: Whether a server that is known is looked at again.
        describe: Whether to keep nothing.
        json: Whether to print JSON lines.
    """

    name: str
    command: tuple[str, ...]
    url: str | None
    env: tuple[str, ...]
    env_from: tuple[str, ...]
    bearer_from: str | None
    update: bool
    describe: bool
    json: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a server told.

    Attributes:
        server: The server.
        tools: Its tools.
        before: Tools as they were when the person last looked; None if never.
        problems: What was left out, and why.
    """

    server: Server
    tools: Sequence[Definition]
    before: Mapping[str, Definition] | None
    problems: Sequence[str]

    @property
    def changes(self) -> dict[str, str]:
        """Tool → what became of it: `new`, `same`, `changed` or `gone`."""
        before = self.before or {}
        now = {tool.name: _change(tool, before.get(tool.name)) for tool in self.tools}
        return now | {name: "gone" for name in before if name not in now}


def add(request: Request) -> int:
    """Connect to a server, show what it offers, and keep that."""
    library = Library()
    server, before = _meant(request, library)
    try:
        finding = run_until_done_with(_look(library, server, before))
        if not request.describe:
            library.add(server, finding.tools)
    finally:
        library.tidy()
    if request.json:
        emit(_as_object(finding, kept=not request.describe))
    else:
        print("\n".join(map(safe, _lines(finding, kept=not request.describe))))
    return 0


def remove(name: str, *, as_json: bool) -> int:
    """Forget a server.

    Raises:
        UsageError: If there is none of this name.
    """
    Library().remove(name)
    if as_json:
        emit({"server": name, "removed": True})
    else:
        print(f"{name} is forgotten, with its tools.")
    return 0


def run_until_done_with(work: Any) -> Finding:
    """Run work that ends with a finding, such that every way to stop it cleans up."""
    found: list[Finding] = []

    async def keep() -> int:
        found.append(await work)
        return 0

    run_until_done(keep())
    return found[0]


def _meant(request: Request, library: Library) -> tuple[Server, Mapping[str, Definition] | None]:
    """The server, and what is known of its tools.

    Raises:
        UsageError: If the request makes no sense.
    """
    known = library.servers().get(request.name) if library.exists() else None
    given = request.command or request.url
    if known is None or given:
        if known is not None and not (request.update or request.describe):
            msg = (
                f"there is an MCP server {request.name} already: --update looks at it again, "
                f"`agent tools remove-mcp {request.name}` forgets it"
            )
            raise UsageError(msg)
        if known is None and request.update and not given:
            library.get(request.name)  # says which there are
        server = _server(request)
    else:
        if not (request.update or request.describe):
            msg = f"there is an MCP server {request.name} already: --update looks at it again"
            raise UsageError(msg)
        server = known
    pinned = library.pinned(known) if known else None
    return server, pinned.tools if pinned else None


def _server(request: Request) -> Server:
    return Server(
        name=request.name,
        command=request.command,
        url=request.url or "",
        env=dict(map(_variable, request.env)),
        env_from=request.env_from,
        bearer_from=request.bearer_from or "",
    ).settled()


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"--env {name[:40]}: write KEY=VALUE, or --env-from {name[:40]} to pass yours on"
        raise UsageError(msg)
    return name, value


async def _look(
    library: Library, server: Server, before: Mapping[str, Definition] | None
) -> Finding:
    connection = Connection(server, library.room(server.name), _SECONDS)
    try:
        await connection.open()
        tools, problems = definitions(await connection.tools())
    finally:
        await connection.close()
    return Finding(server=server, tools=tools, before=before, problems=problems)


def _change(now: Definition, before: Definition | None) -> str:
    if before is None:
        return "new"
    return "same" if now.fingerprint == before.fingerprint else "changed"


def _as_object(finding: Finding, *, kept: bool) -> dict[str, Any]:
    server, changes = finding.server, finding.changes
    written = {tool.name: tool for tool in written_tools(server, finding.tools)}
    tools = [
        {
            "name": tool.name,
            "function": tool.function,
            "signature": written[tool.function].signature,
            "description": tool.description,
            "destructive": tool.destructive,
            "import": written[tool.function].import_line,
            "change": changes[tool.name],
        }
        for tool in finding.tools
    ]
    return {
        "server": server.name,
        "module": f"{PACKAGE}.{server.module}",
        "runs": "elsewhere" if server.url else "host",
        "place": server.place,
        "environment": [] if server.url else sorted(server.environment()),
        "tools": tools,
        "gone": [name for name, change in changes.items() if change == "gone"],
        "problems": list(finding.problems),
        "kept": kept,
    }


def _lines(finding: Finding, *, kept: bool) -> Iterator[str]:
    """What a person is shown."""
    server = finding.server
    tools = written_tools(server, finding.tools)
    yield f"{server.name}: {len(tools)} {'tool' if len(tools) == 1 else 'tools'}"
    yield from columns([(f"  {tool.signature}", tool.summary) for tool in tools])
    for problem in finding.problems:
        yield f"  {problem}"
    if finding.before is not None:
        yield from _differences(finding)
    yield ""
    yield from _where(server)
    yield from _how(finding, tools, kept=kept)


def _where(server: Server) -> Iterator[str]:
    if server.url:
        secure = server.url.startswith("https:")
        yield f"It runs elsewhere: what code passes to it is sent to {server.url}"
        if not secure:
            yield "Anybody on the way can read and change it: it is no https address."
    else:
        yield (
            f"It runs on this machine as {_user()}, outside of the kernel's isolation, and may do "
            "what you may:"
        )
        yield f"  {server.place}"
        named = [*server.env, *server.env_from]
        added = f" and what you named: {', '.join(named)}" if named else ""
        plain = sorted(set(server.environment()) - set(named))
        yield f"Of your environment it gets {', '.join(plain)}{added}; no key of a provider."


def _how(finding: Finding, tools: Sequence[Tool], *, kept: bool) -> Iterator[str]:
    if not kept:
        yield "Nothing was kept; leave out --describe to add it."
        return
    yield "You are asked before a tool is called, once a run for each (the setting mcp_calls)."
    warned = [tool.function for tool in finding.tools if tool.destructive]
    if warned:
        yield f"Asked each time, as they may destroy something: {', '.join(warned)}."
    if tools:
        yield ""
        yield f"In code: {tools[0].import_line}"


def _differences(finding: Finding) -> Iterator[str]:
    """What is not as the person has seen it."""
    before = finding.before or {}
    now = {tool.name: tool for tool in finding.tools}
    changed = {name: change for name, change in finding.changes.items() if change != "same"}
    yield ""
    yield "Since you last looked:" if changed else "Nothing has changed since you last looked."
    for name, change in sorted(changed.items()):
        yield f"  {change}: {name}"
        if change == "changed":
            yield from _difference(before[name], now[name])


def _difference(before: Definition, now: Definition) -> Iterator[str]:
    lines = list(difflib.unified_diff(_text(before), _text(now), lineterm="", n=1))[2:]
    yield from (f"    {line}" for line in lines)
    if not lines:
        yield "    in what is not shown or not kept, such as characters that can't be seen"


def _text(tool: Definition) -> list[str]:
    told = {"arguments": tool.arguments, "result": tool.result, "destructive": tool.destructive}
    return [*tool.description.splitlines(), *json.dumps(told, indent=1).splitlines()]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "you"

"""What a person is shown of an MCP server before its tools are kept."""

from __future__ import annotations

import difflib
import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.cli.table import columns
from tools_registry.mcp.catalogue import written_tools
from tools_registry.mcp.definition import Definition
from tools_registry.mcp.module_source import PACKAGE
from tools_registry.mcp.server import Server
from tools_registry.tool import Tool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a server told.

    Attributes:
        server: The server.
        known: The server as it was added before; None if it was not.
        tools: Its tools.
        before: Tools as they were when the person last looked; None if never.
        problems: What was left out, and why.
    """

    server: Server
    known: Server | None
    tools: Sequence[Definition]
    before: Mapping[str, Definition] | None
    problems: Sequence[str]

    @property
    def changes(self) -> dict[str, str]:
        """Tool → what became of it: `new`, `same`, `changed` or `gone`."""
        before = self.before or {}
        now = {tool.name: _change(tool, before.get(tool.name)) for tool in self.tools}
        return now | {name: "gone" for name in before if name not in now}

    @property
    def differs(self) -> bool:
        """Whether this is not what the person has seen before."""
        if self.known is None:
            return False
        return self.known != self.server or any(c != "same" for c in self.changes.values())


def as_object(finding: Finding, *, kept: bool) -> dict[str, Any]:
    """What `--json` prints."""
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


def lines(finding: Finding, *, kept: bool) -> Iterator[str]:
    """What a person is shown."""
    server = finding.server
    tools = written_tools(server, finding.tools)
    yield f"{server.name}: {len(tools)} {'tool' if len(tools) == 1 else 'tools'}"
    yield from columns([(f"  {tool.signature}", tool.summary) for tool in tools])
    for problem in finding.problems:
        yield f"  {problem}"
    if finding.known is not None:
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
        changed = finding.differs
        yield (
            "Nothing is kept yet."
            if changed
            else "Nothing was kept; leave out --describe to add it."
        )
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
    if finding.known and finding.known != finding.server:
        yield f"It was: {finding.known.place}"
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


def _change(now: Definition, before: Definition | None) -> str:
    if before is None:
        return "new"
    return "same" if now.fingerprint == before.fingerprint else "changed"

"""`agent tools add-mcp` and `remove-mcp`: the tools of MCP servers, shown before they are kept."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from agent.cli.asking import Person
from agent.cli.jsonlines import emit
from agent.cli.looping import run_until_done
from agent.cli.offered import Finding, as_object, lines
from agent.cli.telling import tell
from agent.events import Question
from agent.render import Paper, safe
from sessions.errors import NeedsInputError, RefusedError, UsageError
from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import Definition, definitions
from tools_registry.mcp.library import Library
from tools_registry.mcp.server import Server

Told = tuple[Sequence[Definition], Sequence[str]]
"""The tools of a server, and what was left out and why."""

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
        yes: Whether what changed is taken over unasked.
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
    yes: bool
    describe: bool
    json: bool


def add(request: Request) -> int:
    """Connect to a server, show what it offers, and keep that if the person agrees.

    Raises:
        NeedsInputError: If something that was added before has changed, and nobody can be asked.
        RefusedError: If the person does not agree.
    """
    library = Library()
    known, server = _meant(request, library)
    pinned = library.pinned(known) if known else None
    try:
        tools, problems = run_until_done_with(_look(library, server))
        finding = Finding(
            server=server,
            known=known,
            tools=tools,
            before=pinned.tools if pinned else None,
            problems=problems,
        )
        asks = finding.differs and not (request.yes or request.describe)
        if not (asks or request.describe):
            library.add(server, tools)
        _show(finding, request, kept=not (asks or request.describe))
        if asks:
            _ask(finding)
            library.add(server, tools)
            _tell_taken(server)
    finally:
        library.tidy()
    return 0


def _show(finding: Finding, request: Request, *, kept: bool) -> None:
    if request.json:
        emit(as_object(finding, kept=kept))
    else:
        print("\n".join(map(safe, lines(finding, kept=kept))), flush=True)


def _ask(finding: Finding) -> None:
    """What the person has seen is not what there is now: they decide."""
    name = finding.server.name
    question = Question(question=f"Take this over for {name}?", options=("yes", "no"))
    reply = asyncio.run(Person(Paper(sys.stderr)).reply(question))
    if reply is None:
        msg = f"{name} has changed and nothing was kept: look at it, then say --yes to take it over"
        raise NeedsInputError(msg)
    if reply.strip().lower() not in {"y", "yes"}:
        msg = f"{name} stays as you knew it: you did not say yes"
        raise RefusedError(msg)


def _tell_taken(server: Server) -> None:
    tell(f"{server.name} is kept as shown")


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


def run_until_done_with(work: Coroutine[Any, Any, Told]) -> Told:
    """Run work that ends with a result, such that every way to stop it cleans up."""
    found: list[Told] = []

    async def keep() -> int:
        found.append(await work)
        return 0

    run_until_done(keep())
    return found[0]


def _meant(request: Request, library: Library) -> tuple[Server | None, Server]:
    """The server as it is known, if it is, and as it is meant now.

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
    return known, server


def _server(request: Request) -> Server:
    _check_command(request)
    return Server(
        name=request.name,
        command=request.command,
        url=request.url or "",
        env=dict(map(_variable, request.env)),
        env_from=request.env_from,
        bearer_from=request.bearer_from or "",
    ).settled()


def _check_command(request: Request) -> None:
    """A command in one word with spaces is one that a shell was meant to take apart."""
    command = request.command
    if command[:1] and " " in command[0] and shutil.which(command[0]) is None:
        with contextlib.suppress(ValueError):
            words = shlex.join([*shlex.split(command[0]), *command[1:]])
            msg = (
                f"there is no program {command[0][:80]!r}; if that is a command with arguments, "
                f"leave out the quotes: agent tools add-mcp {request.name} -- {words}"
            )
            raise UsageError(msg)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"--env {name[:40]}: write KEY=VALUE, or --env-from {name[:40]} to pass yours on"
        raise UsageError(msg)
    return name, value


async def _look(library: Library, server: Server) -> Told:
    connection = Connection(server, library.room(server.name), _SECONDS)
    try:
        await connection.open()
        return definitions(await connection.tools())
    finally:
        await connection.close()

"""`agent tools add-mcp|remove-mcp|add|remove` and `agent skills serve`: bringing in, giving out."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import completion
from agent.cli.listing import skills_app, tools_app
from agent.cli.options import Json, Tier, Workspace, command

Name = Annotated[str, typer.Argument(metavar="NAME", help="What you call the server, e.g. github.")]
AddedServer = Annotated[
    str,
    typer.Argument(metavar="NAME", help="What it is called.", autocompletion=completion.servers),
]
AddedModule = Annotated[
    str,
    typer.Argument(metavar="MODULE", help="As it was added.", autocompletion=completion.modules),
]
ModuleName = Annotated[
    str, typer.Argument(metavar="MODULE", help="As you import it, e.g. company.finance.")
]


@command(
    tools_app,
    "add-mcp",
    "agent tools add-mcp time -- uvx mcp-server-time",
    "agent tools add-mcp github --env-from GITHUB_TOKEN -- npx -y @scope/server",
    "agent tools add-mcp docs --url https://example.org/mcp",
    "agent tools add-mcp time --update   # look at what has changed, and take it over",
)
def add_mcp(  # noqa: PLR0913 -- one for each option
    name: Name,
    program: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND ARGS…]", help="Starts a server that uses stdio."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Of a server that uses Streamable HTTP.")
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A variable for the server; repeat it for more."),
    ] = None,
    env_from: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="A variable of yours to pass on; repeat it for more."),
    ] = None,
    bearer_from: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="A variable with the token that the URL wants."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Show what changed since it was added; take it over.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take over what changed without being asked.")
    ] = False,
    describe: Annotated[
        bool, typer.Option("--describe", help="Show what there is, and keep nothing.")
    ] = False,
    json: Json = False,
) -> int:
    """Make the tools of an MCP server callable from code in the kernel.

    The server runs on this machine as you, or at its URL; not in the kernel's isolation. It gets
    none of your environment but PATH, HOME, LANG, TZ, TMPDIR and what you name. Exit code of
    --update: 3 if something has changed and nobody could be asked, 4 if you said no.
    """
    from agent.cli import importing

    return importing.add(
        importing.Request(
            name=name,
            command=tuple(program or ()),
            url=url,
            env=tuple(env or ()),
            env_from=tuple(env_from or ()),
            bearer_from=bearer_from,
            update=update,
            yes=yes,
            describe=describe,
            json=json,
        )
    )


@command(tools_app, "remove-mcp", "agent tools remove-mcp time")
def remove_mcp(name: AddedServer, json: Json = False) -> int:
    """Forget an MCP server and its tools."""
    from agent.cli import importing

    return importing.remove(name, as_json=json)


@command(
    tools_app,
    "add",
    "agent tools add company.finance",
    "agent tools add shapes --path ~/code/shapes/src",
    "agent tools add statistics --path ~/code --as house_statistics",
)
def add_module(
    module: ModuleName,
    path: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder that it lies in; cells may then read all of it."),
    ] = None,
    alias: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Its name in code, where its own is taken."),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Make the functions of a module of yours findable; it is imported in the kernel alone.

    It is looked for in what is installed, and in the workspace.
    """
    from agent.cli import modules

    named = modules.Named(name=module, path=path, alias=alias or "")
    return modules.add(workspace, named, as_json=json)


@command(tools_app, "remove", "agent tools remove shapes")
def remove_module(module: AddedModule, json: Json = False) -> int:
    """Forget a module of yours; the module itself stays where it is."""
    from agent.cli import modules

    return modules.remove(module, as_json=json)


@command(
    skills_app,
    "serve",
    "agent skills serve --workspace ~/project   # as the command of an MCP server",
)
def serve(workspace: Workspace = ".", tier: Tier = None) -> int:
    """Serve the approved skills to other agents, as an MCP server on stdin and stdout.

    Calls run in a guarded kernel of this connection, one after the other.
    """
    from agent.cli import serving

    return serving.run(workspace, tier)

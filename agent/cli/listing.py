"""`agent skills …` and `agent tools …`: the commands that show what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import completion, forgetting
from agent.cli.options import (
    Json,
    Limit,
    Workspace,
    command,
    example_text,
    help_without_command,
    make_app,
)

skills_app = make_app()
tools_app = make_app()

Status = Annotated[
    str | None, typer.Option(metavar="STATUS", help="Only skills that are approved or provisional.")
]
Query = Annotated[str, typer.Argument(metavar="QUERY", help="What you look for, in your words.")]


@skills_app.callback(epilog=example_text("agent skills list"))
def skills_root(context: typer.Context) -> None:
    """List, show and search the skills that this workspace has learned."""
    help_without_command(context)


@command(skills_app, "list", "agent skills list")
def skills_list(workspace: Workspace = ".", json: Json = False) -> int:
    """List the skills of the workspace."""
    from agent.cli import skills

    return skills.show_all(workspace, as_json=json)


@command(skills_app, "show", "agent skills show initials")
def skills_show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The skill.", autocompletion=completion.skills),
    ],
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Show a skill: where it comes from, what speaks for it, and its source."""
    from agent.cli import skills

    return skills.show_one(workspace, name, as_json=json)


@command(skills_app, "search", 'agent skills search "letters of words"')
def skills_search(
    query: Query,
    limit: Limit = "5",
    status: Status = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Find skills by meaning."""
    from agent.cli import finding

    return finding.search(
        workspace, query, limit, only=finding.Only(kind="skill", status=status), as_json=json
    )


@tools_app.callback(epilog=example_text("agent tools list"))
def tools_root(context: typer.Context) -> None:
    """List, show and search everything that code in the kernel can call."""
    help_without_command(context)


@command(tools_app, "list", "agent tools list")
def tools_list(workspace: Workspace = ".", json: Json = False) -> int:
    """List all tools by category."""
    from agent.cli import tools

    return tools.show_all(workspace, as_json=json)


@command(tools_app, "show", "agent tools show NAME   # a name from 'agent tools list'")
def tools_show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The tool.", autocompletion=completion.tools)
    ],
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Show the whole definition of a tool, with its examples."""
    from agent.cli import tools

    return tools.show_one(workspace, name, as_json=json)


@command(tools_app, "search", 'agent tools search "average of a column"')
def tools_search(
    query: Query,
    limit: Limit = "5",
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only core, skill, mcp or user.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this group of 'agent tools list'.")
    ] = None,
    status: Status = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Find tools by meaning."""
    from agent.cli import finding

    only = finding.Only(kind=kind, category=category, status=status)
    return finding.search(workspace, query, limit, only=only, as_json=json)


forgetting.add_to(tools_app)

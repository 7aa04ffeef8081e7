"""The commands of the review and of sharing, as typer sees them."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import completion
from agent.cli.listing import skills_app
from agent.cli.options import Json, Workspace, command

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The skill.", autocompletion=completion.skills)
]
AnyName = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME", help="One skill; all if left out.", autocompletion=completion.skills
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Skills.", autocompletion=completion.skills),
]
Remotes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REMOTE",
        help="git URLs (https, ssh) or paths; by default the setting skill_remotes.",
        autocompletion=completion.remotes,
    ),
]


@command(skills_app, "status", "agent skills status")
def status(workspace: Workspace = ".", json: Json = False) -> int:
    """Show where the review stands: what is proposed, stale, rejected, not pushed."""
    from agent.cli import reviewing

    return reviewing.status(workspace, as_json=json)


@command(skills_app, "diff", "agent skills diff initials", "agent skills diff initials --with team")
def diff(
    name: Name,
    other: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="REMOTE",
            help="Compare with the version of a shared library.",
            autocompletion=completion.remotes,
        ),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Compare a skill with the version that the current branch has: code, tests, evidence."""
    from agent.cli import reviewing

    return reviewing.diff(workspace, name, other, as_json=json)


@command(skills_app, "history", "agent skills history initials")
def history(name: AnyName = None, workspace: Workspace = ".", json: Json = False) -> int:
    """Show what happened to a skill, or to all of them, newest first."""
    from agent.cli import reviewing

    return reviewing.history(workspace, name, as_json=json)


@command(
    skills_app,
    "approve",
    "agent skills approve initials",
    "agent skills approve initials --expect 1f0c9a3b52d7e684   # as `diff` shows it",
    "agent skills approve --all",
)
def approve(
    names: Names = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that passed their tests on this machine.")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Only the version with this hash, as `diff` shows it."),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Approve skills, and merge their proposals into the current branch.

    Nothing but the skills' own files is touched. What has changed since `diff` showed it is
    refused; at a terminal, what was never shown is shown first. Exit code: 0 done, 1 one of them
    failed, 2 usage, 4 not tested here, not the version meant, or git is in the middle of something.
    """
    from agent.cli import reviewing

    wanted = reviewing.Wanted(names=names or [], everything=everything, expected=expect or "")
    return reviewing.approve(workspace, wanted, as_json=json)


@command(skills_app, "reject", 'agent skills reject initials --reason "numpy has it"')
def reject(
    name: Name,
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why; asked for at a terminal if left out."),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Reject a skill; the reason is kept, and the same is not proposed again.

    Exit code: 0 done, 2 usage, 3 no reason, and nobody could be asked.
    """
    from agent.cli import reviewing

    return reviewing.reject(workspace, name, reason, as_json=json)


@command(skills_app, "revert", "agent skills revert initials --to 1a2b3c4")
def revert(
    name: Name,
    to: Annotated[
        str | None,
        typer.Option(metavar="COMMIT", help="The version wanted; by default the one before."),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Go back to an earlier version of a skill by a commit, or take it out."""
    from agent.cli import reviewing

    return reviewing.revert(workspace, name, to, as_json=json)


@command(
    skills_app,
    "pull",
    "agent skills pull https://git.example/team/skills",
    "agent skills pull --take initials",
)
def pull(
    remotes: Remotes = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Take their version of a skill that differs here; repeat it."
        ),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Fetch the skills of shared libraries as proposals, to be tested here before use.

    Nothing of theirs is run. Exit code: 0 done, 1 a library failed or a skill differs here.
    """
    from agent.cli import sharing

    return sharing.pull(workspace, remotes or [], take or [], as_json=json)


@command(skills_app, "push", "agent skills push git@git.example:team/skills.git")
def push(
    remote: Annotated[
        str | None,
        typer.Argument(
            metavar="REMOTE",
            help="A git URL or a path; by default the first of skill_remotes.",
            autocompletion=completion.remotes,
        ),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Send the approved skills to a shared library, on a branch of their own.

    Never by force, and not with anything that looks like a secret in it.
    """
    from agent.cli import sharing

    return sharing.push(workspace, remote, as_json=json)

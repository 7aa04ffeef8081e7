"""`agent tools reset-usage`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import completion
from agent.cli.options import Json, command

Name = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="The tool.", autocompletion=completion.tools),
]


def add_to(app: typer.Typer) -> None:
    """Add the command to a group."""

    @command(app, "reset-usage", "agent tools reset-usage word_count", "agent tools reset-usage")
    def reset_usage(name: Name = None, json: Json = False) -> int:
        """Forget what search has learned from the use of a tool, or of all.

        It is kept in your data directory, for all workspaces.
        """
        return run(name, as_json=json)


def run(name: str | None, *, as_json: bool) -> int:
    """Forget, and say how much.

    Raises:
        AgentError: If it can't be forgotten.
    """
    from agent.cli.jsonlines import emit
    from agent.render import safe
    from tools_registry.search.usage import Usage

    gone = Usage.open().reset(name)
    if as_json:
        emit({"tool": name, "forgotten": gone})
    else:
        what = "1 experience" if gone == 1 else f"{gone} experiences"
        print(f"Forgot {what} with {'all tools' if name is None else safe(name)}.")
    return 0

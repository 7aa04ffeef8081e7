"""`agent kernel …`: the guarded kernel in Jupyter's list of kernels."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import Json, command, example_text, help_without_command, make_app

kernel_app = make_app()

User = Annotated[bool, typer.Option("--user", help="For you, in every environment.")]
SysPrefix = Annotated[bool, typer.Option("--sys-prefix", help="For this Python's environment.")]
Prefix = Annotated[
    str | None, typer.Option("--prefix", metavar="DIR", help="For the environment at DIR.")
]

Standalone = Annotated[
    bool,
    typer.Option("--standalone", help="For a Jupyter that runs in an environment without us."),
]


@kernel_app.callback(epilog=example_text("agent kernel install"))
def kernel_root(context: typer.Context) -> None:
    """Offer the guarded kernel in Jupyter."""
    help_without_command(context)


@command(
    kernel_app,
    "install",
    "agent kernel install",
    "papermill analysis.ipynb out.ipynb --kernel agent-sandbox",
)
def install(
    user: User = False,
    sys_prefix: SysPrefix = False,
    prefix: Prefix = None,
    standalone: Standalone = False,
    json: Json = False,
) -> int:
    """Let notebooks choose the kernel 'Python (agent sandbox)'; for you, unless you say otherwise.

    Every notebook that uses it runs behind the same walls as 'agent exec', with its own folder as
    the workspace.
    """
    from agent.cli.jsonlines import emit
    from sessions import kernelspec

    kernels = _place(user, sys_prefix, prefix) or kernelspec.kernels_of_user()
    folder = kernelspec.install(kernels, standalone=standalone)
    if json:
        contents = kernelspec.contents(standalone=standalone)
        emit({"name": kernelspec.NAME, "directory": str(folder), **contents})
        return 0
    print(f"Installed '{kernelspec.DISPLAY_NAME}' in {folder}")
    if not kernelspec.is_searched(kernels):
        print(f"Jupyter does not look there yet: set JUPYTER_PATH={kernels.parent}")
    return 0


@command(kernel_app, "uninstall", "agent kernel uninstall", "agent kernel uninstall --sys-prefix")
def uninstall(
    user: User = False,
    sys_prefix: SysPrefix = False,
    prefix: Prefix = None,
    json: Json = False,
) -> int:
    """Take the kernel out of Jupyter's list again, wherever Jupyter finds it or in one place."""
    from agent.cli.jsonlines import emit
    from sessions import kernelspec

    removed = kernelspec.uninstall(_place(user, sys_prefix, prefix))
    if json:
        for folder in removed:
            emit({"name": kernelspec.NAME, "directory": str(folder)})
        return 0
    for folder in removed:
        print(f"Removed {folder}")
    if not removed:
        print(f"The kernel '{kernelspec.NAME}' is not installed there.")
    return 0


def _place(user: bool, sys_prefix: bool, prefix: str | None) -> Path | None:
    """The directory of kernels that was named, None if none was.

    Raises:
        UsageError: If more than one was named, or it is not there.
    """
    from sessions import kernelspec
    from sessions.errors import UsageError

    if user + sys_prefix + (prefix is not None) > 1:
        msg = "--user, --sys-prefix and --prefix exclude each other: name one"
        raise UsageError(msg)
    if user:
        return kernelspec.kernels_of_user()
    if sys_prefix or prefix is not None:
        return kernelspec.kernels_below(sys.prefix if prefix is None else prefix)
    return None

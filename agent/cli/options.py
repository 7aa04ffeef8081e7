"""How commands are declared, and the options that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from agent.cli import completion

Workspace = Annotated[str, typer.Option("--workspace", metavar="DIR", help="Directory to work in.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON lines on stdout, nothing else there.")
]
Model = Annotated[
    str | None, typer.Option("-m", "--model", metavar="M", help="Model by name, e.g. offline.")
]
Tier = Annotated[
    str | None,
    typer.Option(
        metavar="TIER",
        help="How much of the machine to use: quick, standard or heavy.",
        autocompletion=completion.tiers,
    ),
]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer", metavar="TEXT", help="Reply to a question; repeat it, in order of asking."
    ),
]
Limit = Annotated[str, typer.Option(metavar="N", help="How many hits to show.")]

Command = TypeVar("Command", bound=Callable[..., Any])


def make_app() -> typer.Typer:
    """A group of commands with plain help: loading rich would cost more than all the rest."""
    return typer.Typer(
        cls=_TextGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def command(app: typer.Typer, name: str, *examples: str) -> Callable[[Command], Command]:
    """Add a function to a group as a command whose help ends with examples."""
    return app.command(name, cls=_TextCommand, epilog=example_text(*examples))


def example_text(*examples: str) -> str:
    r"""Lines for the end of a help text; `\b` keeps them from being filled as a paragraph."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in examples)])


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group that was named alone."""
    if context.invoked_subcommand is None:
        print(context.get_help())


class _TextCommand(TyperCommand):
    """A command whose values are texts and flags, which we check ourselves."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _leave_as_typed(self.get_params(ctx))
        return super().parse_args(ctx, args)


class _TextGroup(TyperGroup):
    """The same for a group."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _leave_as_typed(self.get_params(ctx))
        return super().parse_args(ctx, args)


class _AsTyped:
    """What typer asks to convert a value; it looks like typer's own."""

    def coerce(self, value: Any, **context: Any) -> Any:
        return value


def _leave_as_typed(parameters: Iterable[Any]) -> None:
    # Left to itself, typer loads pydantic for this: more than all the rest of a command's start.
    for parameter in parameters:
        parameter._runtime_param = _AsTyped()

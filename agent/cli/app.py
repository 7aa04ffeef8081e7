"""The commands and their options; what they do is imported when one of them runs."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import (  # noqa: F401 -- some declare their commands
    completion,
    import_commands,
    review_commands,
    skill_testing,
)
from agent.cli.kernel import kernel_app
from agent.cli.listing import skills_app, tools_app
from agent.cli.options import (
    Answers,
    Json,
    Model,
    Tier,
    Workspace,
    command,
    example_text,
    help_without_command,
    make_app,
)

app = make_app()
app.add_typer(skills_app, name="skills")
app.add_typer(tools_app, name="tools")
app.add_typer(kernel_app, name="kernel")


@app.callback(epilog=example_text('agent run "profile the file penguins.csv"', "agent doctor"))
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Do work with code in a guarded kernel, and keep what proves itself as skills."""
    if version:
        from agent.cli.version import text

        print(text())
    else:
        help_without_command(context)


@command(
    app,
    "run",
    'agent run "what is the median of the column Age of people.csv?"',
    'agent run "profile people.csv" --json > events.jsonl',
    'agent run "a function for the initials of a name" --as code',
)
def run(
    task: Annotated[str, typer.Argument(metavar="TASK", help="What to do, in your words.")],
    model: Model = None,
    approval: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            help="'review' asks before something is kept, 'automatic' does not.",
            autocompletion=completion.approvals,
        ),
    ] = None,
    tier: Tier = None,
    answer: Answers = None,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="SUBAGENT",
            help="Have it done by a sub-agent: code, test, review, or one that you approved.",
            autocompletion=completion.agents,
        ),
    ] = None,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Carry out one request.

    The answer goes to stdout, everything else to stderr. Exit code: 0 done, 1 failed or partial,
    2 usage, 3 a question or approval is open, 4 refused.
    """
    from agent.cli import running

    return running.run(
        running.Request(
            task=task,
            model=model,
            approval=approval,
            tier=tier,
            answers=tuple(answer or ()),
            as_=as_,
            workspace=workspace,
            json=json,
        )
    )


@command(
    app,
    "exec",
    "echo '1 + 1' | agent exec",
    "agent exec analysis.py --tier heavy --timeout 300",
    "echo 'x = 1' | agent exec --session mine; agent exec --session mine --undo 1",
)
def execute(  # noqa: PLR0913 -- one for each option
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A file of code; '-' or a pipe for stdin."),
    ] = None,
    tier: Tier = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="S", help="Seconds one cell may take.")
    ] = None,
    packages: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="PACKAGE", help="Install it first; repeat it for more."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Go on with the state of this session, and keep it."),
    ] = None,
    undo: Annotated[
        str | None, typer.Option(metavar="N", help="First take back the session's last N cells.")
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Run the next cell also after one that failed.")
    ] = False,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Run code in the guarded kernel, without a model.

    Lines that begin with '# %%' separate cells, which share one kernel. Exit code: 0 all cells ok,
    1 one was not, 2 usage, 4 one was refused or this machine cannot isolate it.
    """
    from agent.cli import executing

    return executing.run(
        executing.Request(
            source=file,
            tier=tier,
            seconds=timeout,
            packages=tuple(packages or ()),
            session=session,
            undo=undo,
            keep_going=keep_going,
            workspace=workspace,
            json=json,
        )
    )


@command(
    app,
    "learn",
    'agent learn "first letters of the words" --name initials \\',
    "    --example \"initials('ab cd') == 'ac'\" --example \"initials('x') == 'x'\"",
)
def learn(
    description: Annotated[
        str, typer.Argument(metavar="DESCRIPTION", help="What the function does, in a sentence.")
    ],
    name: Annotated[str, typer.Option(metavar="F", help="Name of the function.")],
    example: Annotated[
        list[str], typer.Option(metavar="'F(1) == 2'", help="What it must give; repeat it.")
    ],
    answer: Answers = None,
    anew: Annotated[
        bool, typer.Option("--new", help="Make it even if something gives the same results.")
    ] = False,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Make a function from examples, validate it, and keep it as a skill.

    What is not certain is asked, three times at most. Exit code: 0 learned, 1 nothing fits,
    2 usage, 3 a question is open, 4 refused.
    """
    from agent.cli import learning

    return learning.run(
        learning.Request(
            description=description,
            name=name,
            examples=tuple(example),
            answers=tuple(answer or ()),
            workspace=workspace,
            json=json,
            anew=anew,
        )
    )


@command(app, "doctor", "agent doctor", "agent doctor --fix")
def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Also fetch the weights of the embedding search.")
    ] = False,
    workspace: Workspace = ".",
    json: Json = False,
) -> int:
    """Measure what works on this machine, and say what to do about the rest.

    Exit code: 0 if code that a model wrote can run isolated here, else 1.
    """
    from agent.cli import checkup

    return checkup.run(checkup.Request(fix=fix, workspace=workspace, json=json))

"""Where every command ends: exceptions become one line for the person and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sessions.errors import AgentError

INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback gets past here.

    Args:
        arguments: What follows the command's name; `sys.argv` if None.
    """
    _make_streams_tolerant()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:
        code = explain(error)
    if code == INTERRUPTED:
        tell("interrupted")
    return code


def explain(error: Exception) -> int:
    """Say on stderr what went wrong, in one line, and return the exit code for it."""
    if os.environ.get("AGENT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    message, code = describe(error)
    tell(message)
    return code


def describe(error: BaseException) -> tuple[str, int]:
    """The line for the person and the exit code that fit an exception."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if isinstance(error, AgentError):
        return str(error), error.exit_code
    from typer.exceptions import TyperException

    if isinstance(error, TyperException):
        return f"{_sentence(error.format_message())} ({_where_help_is(error)})", error.exit_code
    kind = type(error).__name__
    text = f"{kind}: {error}" if str(error) else kind
    return f"unexpected {text} (run with AGENT_DEBUG=1 for the traceback)", 1


def tell(message: str) -> None:
    """Print one line on stderr in the name of the command."""
    line = " ".join(message.split())
    try:
        print(f"agent: {line}", file=sys.stderr, flush=True)
    except BrokenPipeError:
        _silence(sys.stderr.fileno())


def _dispatch(arguments: Sequence[str] | None) -> int:
    from agent.cli.app import app

    code = app(
        None if arguments is None else list(arguments), prog_name="agent", standalone_mode=False
    )
    return code if isinstance(code, int) else 0


def _sentence(text: str) -> str:
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:]


def _where_help_is(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "agent"
    return f"see {command} --help"


def _make_streams_tolerant() -> None:
    """Odd characters must never end a command, whatever the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _reader_left() -> int:
    """End quietly, as `agent … | head` expects; Python flushes stdout once more at exit."""
    _silence(sys.stdout.fileno())
    return 1


def _silence(descriptor: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)

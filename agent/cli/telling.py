"""One line on stderr, in the name of the command."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO

from sessions.errors import AgentError, UsageError

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_HOMELESS = "this user has no home directory here: set HOME to a folder of yours"


def tell(message: str) -> None:
    """Print a line for the person."""
    line = " ".join(message.split())
    try:
        print(f"agent: {line}", file=sys.stderr, flush=True)
    except BrokenPipeError:
        silence(sys.stderr)


def describe(error: BaseException) -> tuple[str, int]:
    """The line for the person and the exit code that fit an exception."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if isinstance(error, AgentError):
        return str(error), error.exit_code
    from typer.exceptions import TyperException

    if isinstance(error, TyperException):
        told = f"{_clause(error.format_message())}{_dashes(error)}"
        return f"{told} (see {_command(error)} --help)", error.exit_code
    if isinstance(error, RuntimeError) and os.path.expanduser("~") == "~":  # noqa: PTH111 -- raises
        return _HOMELESS, UsageError.exit_code
    hint = "run with AGENT_DEBUG=1 for the traceback"
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename!r}" if error.filename else ""
        if error.errno in _FULL:
            return f"the disk is full{where}: make room where the workspace or the output is", 1
        return f"{_clause(error.strerror)}{where} ({hint})", 1
    kind = type(error).__name__
    text = f"{kind}: {error}" if str(error) else kind
    return f"unexpected {text} ({hint})", 1


def silence(stream: TextIO) -> None:
    """Send what is still written to a stream nowhere: its reader has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _clause(text: str) -> str:
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:]


def _dashes(error: BaseException) -> str:
    """Options of a program that is to be started must not be taken for ours."""
    context = getattr(error, "ctx", None)
    metavars = [str(p.metavar) for p in context.command.params] if context else []
    if not hasattr(error, "option_name") or not any(m.startswith("[-- ") for m in metavars):
        return ""
    return "; if it belongs to the program that is to be started, put `--` before that program"


def _command(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "agent"

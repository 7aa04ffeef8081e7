"""Where every command ends: exceptions become one line for the person and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.cli.telling import INTERRUPTED, describe, silence, tell


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback gets past here.

    Args:
        arguments: What follows the command's name; `sys.argv` if None.
    """
    _open_closed_streams()
    _make_streams_tolerant()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        silence(sys.stdout)  # as `agent … | head` expects; Python flushes once more at exit
        return 1
    except Exception as error:
        code = _explain(error)
        _drop_what_can_not_be_written()
    if code == INTERRUPTED:
        tell("interrupted")
    return code


def _dispatch(arguments: Sequence[str] | None) -> int:
    from agent.cli.app import app

    words = None if arguments is None else list(arguments)
    code = app(words, prog_name="agent", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    if os.environ.get("AGENT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    message, code = describe(error)
    tell(message)
    return code


def _drop_what_can_not_be_written() -> None:
    """Python flushes stdout at exit, and would complain again of a disk that is full."""
    try:
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)


def _open_closed_streams() -> None:
    """Whoever starts a command without stdin, stdout or stderr means: nothing there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as we live


def _make_streams_tolerant() -> None:
    """Odd characters must never end a command, whatever the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

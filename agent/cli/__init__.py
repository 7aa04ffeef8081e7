"""The command line."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command `agent` and leave the process with its exit code.

    Args:
        arguments: What follows the command's name; `sys.argv` if None.
    """
    try:
        from agent.cli.boundary import run

        code = run(arguments)
    except KeyboardInterrupt:  # so early that nothing was started yet
        code = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late for Ctrl-C to stop anything
    gc.freeze()  # the interpreter's last collections would cost a tenth of a short command
    sys.exit(code)

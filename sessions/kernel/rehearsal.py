"""Runs a few cells in a shell that is thrown away, so that caches are warm before a fork."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

_CELLS = ("import math\nx = 1\nx", "1 / 0", "%time 1", "[n for n in range(3)]", "await_ = 1")


def rehearse() -> None:
    """Warm what a first cell would warm; leaves no shell, no output and no hook behind."""
    hook = sys.displayhook
    config = Config()
    config.HistoryManager.enabled = False
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        with tempfile.TemporaryDirectory(prefix="agent-") as folder:  # where nobody else writes
            shell = InteractiveShell(config=config, ipython_dir=folder)
            for cell in _CELLS:
                shell.run_cell(cell, store_history=False)
        shell.user_ns.clear()
    InteractiveShell.clear_instance()
    sys.displayhook = hook

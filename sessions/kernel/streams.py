"""How output leaves the kernel: from one process, in pieces, within a budget."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream

from .sizes import is_acceptable

# A cell that writes more than this has met the output limit long before; the rest is dropped here.
CELL_BUDGET = 64 << 20
_PIECE = 1 << 20


class Publisher(IOPubThread):
    """Publishes for one process; forked children must not use its sockets.

    Attributes:
        too_large: Whether something was held back because the host would not take it.
    """

    too_large = False

    def send_multipart(self, message: Sequence[Any], *arguments: Any, **options: Any) -> None:
        """Hand a message to the sending thread, unless the host would not take it."""
        if is_acceptable(message):
            super().send_multipart(message, *arguments, **options)
        else:
            self.too_large = True

    def _really_send(self, *arguments: Any, **options: Any) -> None:
        if os.getpid() == self._master_pid:
            super()._really_send(*arguments, **options)


class CellStream(OutStream):
    """Standard output or error of cells, held to a budget per cell.

    A forked child writes to the file descriptor instead, which the parent watches.
    """

    budget = CELL_BUDGET
    _unsent = 0  # characters

    def watch_again(self) -> None:
        """Take what children write from a new pipe: the old one belongs to the past."""
        if self._fid is None:
            return
        reading, writing = os.pipe()
        os.dup2(reading, self._fid, inheritable=False)
        os.dup2(writing, self._original_stdstream_fd)
        os.close(reading)
        os.close(writing)
        self.watch_fd_thread = threading.Thread(target=self._watch_pipe_fd, daemon=True)
        self.watch_fd_thread.start()

    def renew(self) -> None:
        """A new cell begins."""
        self.budget = CELL_BUDGET

    def flush(self) -> None:
        """Send what was written, if anything was: an empty flush costs a trip to a thread."""
        self._unsent = 0
        if self._buffers or self._flush_pending:
            super().flush()

    def write(self, string: Any) -> int:
        """Write text; beyond the budget it is dropped."""
        if not isinstance(string, str):
            msg = f"write() argument must be str, not {type(string).__name__}"
            raise TypeError(msg)
        if os.getpid() != self._master_pid:
            return os.write(self._original_stdstream_fd, string.encode(errors="replace"))
        # A lone surrogate can't leave the kernel: JSON has no place for it.
        kept = string[: max(self.budget, 0)].encode(errors="replace").decode()
        self.budget -= len(string)
        for start in range(0, len(kept), _PIECE):
            piece = kept[start : start + _PIECE]
            super().write(piece)
            self._unsent += len(piece)
            if self._unsent >= _PIECE:
                self.flush()  # no message is huge then, and no buffer: there a letter takes 4 bytes
        return len(string)

    def _flush(self) -> None:
        if os.getpid() == self._master_pid:
            super()._flush()

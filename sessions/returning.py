"""What a session was before, as far as it is kept, and the ways back there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sessions.checkpoint import Checkpoint, Checkpoints, DamagedError
from sessions.errors import KernelError
from sessions.execution import Execution, Restored
from sessions.history import Undone
from sessions.running import RunningKernel

if TYPE_CHECKING:
    from sessions.saved import SavedSession

Go = Callable[[int], Awaitable[Restored]]
Replay = Callable[[str], Awaitable[None]]
"""Runs a cell again and adds it to the history."""


class Past:
    """The earlier states of one session.

    Args:
        kernel: Its kernel, whose history tells the steps that led to the present state.
        checkpoints: Tells where files of states lie; asked for when there is to be one.
    """

    def __init__(self, kernel: RunningKernel, checkpoints: Callable[[], Checkpoints]) -> None:
        self._kernel = kernel
        self._checkpoints = checkpoints
        self._saved: SavedSession | None = None
        self._steps = 0

    def take_up(self, saved: SavedSession, undo: int) -> None:
        """Go on from a saved session, or from some cells before, when the kernel is there.

        Raises:
            UsageError: If there were not so many cells.
        """
        if undo:
            saved.history.before(undo)
        self._saved, self._steps = saved, undo
        self._kernel.history = saved.history

    async def resume(self, replay: Replay) -> Undone | None:
        """Bring a new kernel to the state that was taken up; None if there is none.

        Where values were pushed that no file holds, it is the state before that.

        Raises:
            KernelError: If it could not be brought back.
        """
        history = self._kernel.history
        if self._saved is None or not len(history):
            return None
        self._provide()
        state = history.before(self._steps) if self._steps else len(history)
        return await self._return_to(state, self._kernel.saved(), replay, self._kernel.start_from)

    async def undo(self, steps: int, replay: Replay) -> Undone:
        """Go back some cells.

        Raises:
            UsageError: If there were not so many cells, or pushed values stand in the way.
            KernelError: If the kernel could not be brought back; a fresh one is ready then.
        """
        history = self._kernel.history
        state, saved = history.before(steps), self._kernel.saved()
        history.require_way(state, saved)
        return await self._return_to(state, saved, replay, self._kernel.go_to)

    async def save(self) -> Checkpoint:
        """Put the present state into a file.

        Raises:
            KernelError: If it could not be saved.
        """
        self._provide()
        return await self._kernel.save()

    def note(self, execution: Execution, code: str) -> None:
        """Write down how a cell ended."""
        if self._saved is not None:
            self._saved.note(execution, code, self._kernel.history)

    def follow(self) -> None:
        """Write down that the session is in another state."""
        if self._saved is not None:
            self._saved.follow(self._kernel.history)

    def _provide(self) -> None:
        if self._kernel.checkpoints is None:
            self._kernel.checkpoints = self._checkpoints()

    async def _return_to(self, state: int, saved: Sequence[int], replay: Replay, go: Go) -> Undone:
        """Go to the nearest state that was kept, and run the recorded cells from there.

        Args:
            state: Where to go.
            saved: The states that were kept; asked for once, as to ask may let go of some.
            replay: Runs a cell again.
            go: Goes to a state that was kept.
        """
        kernel, history = self._kernel, self._kernel.history
        before = history.steps[: state + 1]
        damaged = kernel.checkpoints.unread() if kernel.checkpoints is not None else []
        while True:
            start, codes = history.way_to(state, saved)
            try:
                restored = await go(start)
                break
            except DamagedError as error:
                damaged.append(str(error))
                saved, go = kernel.saved(), kernel.go_to  # something may have run there by now
        history.remark(before[start].mark)
        try:
            for code in codes:
                await replay(code)
                history.remark(before[len(history)].mark)
        except KernelError as error:
            msg = f"{error}; lost: {', '.join(history.lost(before)) or 'nothing'}"
            raise KernelError(msg) from None
        finally:
            self.follow()
        left_out = (name for name in kernel.left_out if name not in history.names)
        return Undone(
            cells=history.cells,
            restored=restored,
            replayed=len(codes),
            lost=tuple(dict.fromkeys((*left_out, *history.lost(before)))),
            damaged=tuple(damaged),
        )

"""The cells that led to the present state, so that an earlier state can be had again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sessions.errors import UsageError
from sessions.execution import Restored


@dataclass(frozen=True, kw_only=True)
class Undone:
    """How a session went back.

    Attributes:
        cells: Number of cells that lead to the state it is in now.
        restored: Where the state came from: a frozen copy, a file, or a fresh kernel.
        replayed: Number of cells that were run again on top of it, because no copy was kept of
            the very state asked for.
        lost: Names that did not come back.
        damaged: Files that should have held the state and could not be used.
    """

    cells: int
    restored: Restored
    replayed: int = 0
    lost: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


class History:
    """What led to the present state; grows with each cell, shrinks when one is undone.

    A state has the number of cells that led to it; 0 is that of a fresh kernel. It also has a mark,
    which no other state has after as many cells.
    """

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._names: list[tuple[str, ...]] = [()]
        self._marks = [_mark()]
        self._pushed: set[int] = set()

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The user's variables, as far as is known."""
        return self._names[-1]

    @property
    def marks(self) -> tuple[str, ...]:
        """The mark of each state, that of the fresh kernel first."""
        return tuple(self._marks)

    def cell(self, state: int) -> tuple[str, tuple[str, ...], str]:
        """Code of the cell that made a state, the names after it, and the state's mark."""
        return self._codes[state - 1], self._names[state], self._marks[state]

    def add(self, code: str, names: Sequence[str] | None = None, mark: str | None = None) -> None:
        """Note a cell; without names they are those from before."""
        self._codes.append(code)
        self._names.append(self.names if names is None else tuple(names))
        self._marks.append(mark or _mark())

    def add_pushed(self, names: Sequence[str]) -> None:
        """Note that values came into the present state from outside."""
        self._names[-1] = tuple(dict.fromkeys((*self.names, *names)))
        self._pushed.add(len(self))

    def lose(self, names: Sequence[str]) -> None:
        """Note that variables of the present state could not be brought back."""
        self._names[-1] = tuple(name for name in self.names if name not in names)

    def remark(self, mark: str) -> None:
        """Give the present state the mark that it had elsewhere."""
        self._marks[-1] = mark

    def forget_after(self, state: int) -> None:
        """Go back to a state."""
        del self._codes[state:]
        del self._names[state + 1 :]
        del self._marks[state + 1 :]
        self._pushed = {pushed for pushed in self._pushed if pushed <= state}

    def clear(self) -> None:
        """Begin anew: the kernel is fresh."""
        self.forget_after(0)
        self._names = [()]
        self._marks = [_mark()]
        self._pushed.clear()

    def before(self, steps: int) -> int:
        """The state some steps ago.

        Raises:
            UsageError: If there were not so many.
        """
        if not len(self):
            msg = "there is nothing to undo: no cell was run since the kernel was fresh"
            raise UsageError(msg)
        if not 1 <= steps <= len(self):
            there = "there is 1" if len(self) == 1 else f"there are {len(self)}"
            msg = f"{steps} cells can't be undone: {there} since the kernel was fresh"
            raise UsageError(msg)
        return len(self) - steps

    def way_to(self, state: int, saved: Sequence[int]) -> tuple[int, tuple[str, ...]]:
        """The nearest saved state at or before one, and the cells to run again from there.

        Args:
            state: Where to go.
            saved: States that can be had at once; that of a fresh kernel always can.

        Raises:
            UsageError: If values were pushed in between.
        """
        start = max(known for known in (0, *saved) if known <= state)
        first = start + 1 if start in saved else start
        if any(first <= pushed <= state for pushed in self._pushed):
            msg = (
                f"the state after cell {state} can't be had again: values were pushed since the "
                f"nearest one that was kept, which is after cell {start}; go back to that one"
            )
            raise UsageError(msg)
        return start, tuple(self._codes[start:state])


def _mark() -> str:
    return secrets.token_hex(6)

"""The cells that led to the present state, so that an earlier state can be had again."""

from __future__ import annotations

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
    """

    cells: int
    restored: Restored
    replayed: int = 0


class History:
    """What led to the present state; grows with each cell, shrinks when one is undone.

    A state has the number of cells that led to it; 0 is that of a fresh kernel.
    """

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._names: list[tuple[str, ...]] = [()]
        self._pushed: set[int] = set()

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The user's variables, as far as is known."""
        return self._names[-1]

    def add(self, code: str, names: Sequence[str] | None = None) -> None:
        """Note a cell; without names they are those from before."""
        self._codes.append(code)
        self._names.append(self.names if names is None else tuple(names))

    def add_pushed(self, names: Sequence[str]) -> None:
        """Note that values came into the present state from outside."""
        self._names[-1] = tuple(dict.fromkeys((*self.names, *names)))
        self._pushed.add(len(self))

    def forget_after(self, state: int) -> None:
        """Go back to a state."""
        del self._codes[state:]
        del self._names[state + 1 :]
        self._pushed = {pushed for pushed in self._pushed if pushed <= state}

    def clear(self) -> None:
        """Begin anew: the kernel is fresh."""
        self.forget_after(0)
        self._names = [()]
        self._pushed.clear()

    def before(self, steps: int) -> int:
        """The state some steps ago.

        Raises:
            UsageError: If there were not so many.
        """
        if not 1 <= steps <= len(self):
            msg = f"{steps} cells can't be undone: there are {len(self)} since the kernel was fresh"
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

"""The steps that led to the present state, so that an earlier state can be had again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from sessions.changes import changed_names
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
        lost: Names of the state asked for that did not come back as they were.
        damaged: Files of states that could not be used, in a line each.
    """

    cells: int
    restored: Restored
    replayed: int = 0
    lost: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


def _mark() -> str:
    return secrets.token_hex(6)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What made a state of the one before: a cell, or values that were pushed.

    Attributes:
        code: What was run; None if values were pushed, which can't be done again.
        pushed: Names of the values that were pushed.
        names: The user's variables afterwards, as far as is known.
        mark: Tells the state from others after as many steps.
    """

    code: str | None = None
    pushed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    mark: str = field(default_factory=_mark)

    @property
    def is_cell(self) -> bool:
        """Whether it can be undone, and run again."""
        return self.code is not None

    @property
    def changed(self) -> tuple[str, ...]:
        """The user's variables that are, or may be, others than before."""
        if self.code is None:
            return self.pushed
        changed = changed_names(self.code)
        return tuple(name for name in self.names if name in changed)


class History:
    """What led to the present state; grows with each step, shrinks when one is undone.

    A state has the number of steps that led to it; 0 is that of a fresh kernel. It also has a mark,
    which no other state has after as many steps.
    """

    def __init__(self) -> None:
        self._steps = [Step()]

    def __len__(self) -> int:
        return len(self._steps) - 1

    @property
    def names(self) -> tuple[str, ...]:
        """The user's variables, as far as is known."""
        return self._steps[-1].names

    @property
    def marks(self) -> tuple[str, ...]:
        """The mark of each state, that of the fresh kernel first."""
        return tuple(step.mark for step in self._steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What made each state; the fresh kernel's, which nothing made, is first."""
        return tuple(self._steps)

    @property
    def cells(self) -> int:
        """Number of cells among the steps."""
        return len(self._cells())

    def add(self, code: str, names: Sequence[str] | None = None, mark: str | None = None) -> None:
        """Note a cell; without names they are those from before."""
        known = self.names if names is None else tuple(names)
        self._steps.append(Step(code=code, names=known, mark=mark or _mark()))

    def add_pushed(self, pushed: Sequence[str], mark: str | None = None) -> None:
        """Note that values came from outside."""
        known = tuple(dict.fromkeys((*self.names, *pushed)))
        self._steps.append(Step(pushed=tuple(pushed), names=known, mark=mark or _mark()))

    def lose(self, names: Sequence[str]) -> None:
        """Note that variables of the present state could not be brought back."""
        known = tuple(name for name in self.names if name not in names)
        self._steps[-1] = replace(self._steps[-1], names=known)

    def remark(self, mark: str) -> None:
        """Give the present state the mark that it had elsewhere."""
        self._steps[-1] = replace(self._steps[-1], mark=mark)

    def forget_after(self, state: int) -> None:
        """Go back to a state."""
        del self._steps[state + 1 :]

    def clear(self) -> None:
        """Begin anew: the kernel is fresh."""
        self._steps = [Step()]

    def before(self, steps: int) -> int:
        """The state before the last so many cells; what was pushed after it is undone as well.

        Raises:
            UsageError: If there were not so many.
        """
        cells = self._cells()
        if not cells:
            msg = "there is nothing to undo: no cell was run since the kernel was fresh"
            raise UsageError(msg)
        if not 1 <= steps <= len(cells):
            there = "there is 1" if len(cells) == 1 else f"there are {len(cells)}"
            msg = f"{steps} cells can't be undone: {there} since the kernel was fresh"
            raise UsageError(msg)
        return cells[-steps] - 1

    def way_to(self, state: int, saved: Sequence[int]) -> tuple[int, tuple[str, ...]]:
        """The nearest saved state at or before one, and the cells to run again from there.

        They end before values that were pushed; `require_way` tells whether they do.

        Args:
            state: Where to go.
            saved: States that can be had at once; that of a fresh kernel always can.
        """
        start = max(known for known in (0, *saved) if known <= state)
        again = takewhile(lambda step: step.is_cell, self._steps[start + 1 : state + 1])
        return start, tuple(step.code for step in again if step.code is not None)

    def require_way(self, state: int, saved: Sequence[int]) -> None:
        """Look whether a state can be had again.

        Raises:
            UsageError: If values were pushed since the nearest saved state before it.
        """
        start, again = self.way_to(state, saved)
        if start + len(again) < state:
            wanted, kept = self._cells_until(state), self._cells_until(start)
            msg = (
                f"the state after cell {wanted} can't be had again: values were pushed since the "
                f"nearest one that was kept, which is after cell {kept}; go back to that one"
            )
            raise UsageError(msg)

    def lost(self, before: Sequence[Step]) -> tuple[str, ...]:
        """Names that are gone, or may have an older value than they had.

        Args:
            before: The steps to a state; those to the present one are the first of them.
        """
        gone = [name for name in before[-1].names if name not in self.names]
        older = [name for step in before[len(self._steps) :] for name in step.changed]
        return tuple(dict.fromkeys((*gone, *older)))

    def _cells(self) -> list[int]:
        """States that a cell made."""
        return [state for state, step in enumerate(self._steps) if step.is_cell]

    def _cells_until(self, state: int) -> int:
        return sum(made <= state for made in self._cells())

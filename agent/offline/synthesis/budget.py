"""How much of a search is left."""

from __future__ import annotations

import time

_UNITS_A_SECOND = 1_600_000  # what an ordinary processor does
_LOOK_EVERY = 5_000
_PATIENCE = 2.5  # times the seconds asked for, on a slow one


class ExhaustedError(Exception):
    """Time or room is used up, or enough was found."""


class Budget:
    """Work that may be done, counted in units: an evaluation costs a few and one per value.

    Counting, not timing, is what makes a search come out the same each time; the clock only ends
    it on a machine that is far slower than most.

    Args:
        seconds: Processor time on an ordinary machine.

    Attributes:
        spent: Units spent so far.
        most: Units after which the search ends; may be lowered.
    """

    def __init__(self, seconds: float) -> None:
        self.spent = 0
        self._next_look = 0
        self.most = int(seconds * _UNITS_A_SECOND)
        self._deadline = time.process_time() + seconds * _PATIENCE

    def spend(self, units: int) -> None:
        """Count work about to be done.

        Raises:
            ExhaustedError: If there is nothing left.
        """
        self.spent += units
        if self.spent < self._next_look:
            return
        self._next_look = self.spent + _LOOK_EVERY
        if self.spent > self.most or time.process_time() > self._deadline:
            raise ExhaustedError

    def end_within(self, units: int) -> None:
        """Lower what is left to so many units at most."""
        self.most = min(self.most, self.spent + units)

"""`agent exec --session`: a session that outlives its commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from agent.cli.telling import tell
from sessions.errors import AgentError, UsageError
from sessions.execution import Execution

if TYPE_CHECKING:
    from sessions.checkpoint import Checkpoint
    from sessions.history import Undone
    from sessions.session import Session

_SHARE = 10  # times as long as the last one took, until the state is saved again
_NAMED = 10


class Keeper:
    """Keeps a session in files, and says what it could not keep.

    Args:
        session: Has taken up a saved session.
        damaged: What is wrong with what was saved, in a line.
    """

    def __init__(self, session: Session, damaged: str = "") -> None:
        self._session = session
        self._damaged = damaged
        self._due = 0.0
        self._news: dict[str, Any] = {"came_from": None}
        self._lost: tuple[str, ...] = ()

    async def begin(self, undone: int = 0) -> None:
        """Say where the state came from that the session begins with.

        Args:
            undone: How many cells were taken back.
        """
        if self._damaged:
            tell(self._damaged)
        resumed = self._session.resumed
        if resumed is None:
            return
        self._lost = resumed.lost
        self._news["came_from"] = _origin(resumed)
        for file in resumed.damaged:
            tell(file)
        if undone or resumed.replayed or resumed.lost:
            taken_back = f"{_cells(undone)} undone, {resumed.cells} left; " if undone else ""
            tell(f"session {self._session.id!r}: {taken_back}{_account(resumed)}")
        if resumed.replayed:
            await self._save()

    async def after(self, execution: Execution, *, last: bool) -> dict[str, Any]:
        """Save the state after a cell, if that is cheap or it was the last one; what to tell."""
        saved = await self._save() if last or monotonic() >= self._due else None
        if last and saved is not None and saved.left_out:
            tell(f"session {self._session.id!r}: not saved: {_reasons(saved.left_out)}")
        news, self._news = self._news, {"came_from": None}
        lost, self._lost = self._lost, ()
        return {
            "session": self._session.id,
            "left_out": dict(saved.left_out) if saved else {},
            "lost": [*execution.lost, *lost],
            **news,
        }

    def undone(self) -> dict[str, Any]:
        """What to tell if no cell was run after going back."""
        resumed = self._session.resumed
        cells = resumed.cells if resumed else 0
        told = {"type": "undo", "session": self._session.id, "cells": cells}
        return {**told, **self._news, "lost": list(self._lost)}

    async def _save(self) -> Checkpoint | None:
        began = monotonic()
        try:
            saved = await self._session.checkpoint()
        except AgentError as error:
            tell(f"session {self._session.id!r}: the state was not saved ({error})")
            saved = None
        ended = monotonic()
        self._due = ended + _SHARE * (ended - began)
        return saved


@contextmanager
def kept(session: Session, name: str | None, undo: str | None) -> Iterator[Keeper | None]:
    """Let a session go on from where one of this name was left; None if there is no name.

    Raises:
        UsageError: If the name can't be one, is in use, or there were not so many cells.
    """
    if name is None:
        if undo is not None:
            msg = "--undo needs --session ID: without it there is nothing to go back to"
            raise UsageError(msg)
        yield None
        return
    from sessions.saved import opened

    with opened(session.workspace, name) as saved:
        back = steps(undo)
        if back and saved.is_new:
            msg = f"there is no session {name!r} in {session.workspace}: nothing can be undone"
            raise UsageError(msg)
        session.take_up(saved, back)
        yield Keeper(session, saved.damaged)


def steps(text: str | None) -> int:
    """How many cells to undo, as typed; 0 for none.

    Raises:
        UsageError: If it is not a whole number of at least 1.
    """
    if text is None:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        msg = f"--undo must be a whole number of at least 1, not {text!r}"
        raise UsageError(msg)
    return int(text)


def _origin(resumed: Undone) -> Mapping[str, Any]:
    start = resumed.cells - resumed.replayed
    return {"restored": resumed.restored, "after_cell": start, "replayed": resumed.replayed}


def _account(resumed: Undone) -> str:
    start = resumed.cells - resumed.replayed
    source = f"from checkpoint after cell {start}" if start else "from a fresh kernel"
    replayed = f", replayed {_cells(resumed.replayed)}" if resumed.replayed else ""
    lost = f"; lost: {', '.join(resumed.lost)}" if resumed.lost else ""
    return f"{source}{replayed}{lost}"


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _reasons(left_out: Mapping[str, str]) -> str:
    told = [f"{name} ({why})" for name, why in list(left_out.items())[:_NAMED]]
    more = len(left_out) - len(told)
    return ", ".join([*told, f"and {more} more"] if more else told)

"""Answers what the host asks about the user's namespace: tells, passes on and saves values."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from . import inspection, query
from .checkpoint import ASKED, Keeper
from .transfer import Inbox, Outbox

Answer = tuple[Any, Sequence[Any]]
"""Plain data, and buffers to go with it."""


class Desk:
    """One for each kernel."""

    def __init__(self) -> None:
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._keeper = Keeper()

    def answer(
        self,
        asked: Mapping[str, Any],
        buffers: Sequence[Any],
        namespace: MutableMapping[str, Any],
        hidden: Mapping[str, Any],
    ) -> Answer:
        """The answer to a question of the host.

        Raises:
            Exception: Of many kinds, as objects of the user are looked at.
        """
        match asked["ask"]:
            case "variables":
                return inspection.variables(namespace, hidden), []
            case "query":
                found = _matching(asked, namespace, hidden)
                return inspection.variables(found, {}), []
            case "inspect":
                return inspection.inspect(namespace[asked["name"]]), []
            case "tidy":
                _take_in_the_ended()
                return None, []
        if asked["ask"] in ASKED:
            return self._keeper.answer(asked, buffers, namespace, hidden)
        return self._pass_on(asked, buffers, namespace)

    def _pass_on(
        self,
        asked: Mapping[str, Any],
        buffers: Sequence[Any],
        namespace: MutableMapping[str, Any],
    ) -> Answer:
        match asked["ask"]:
            case "take":
                self._inbox.take(asked["size"], asked["offset"], buffers[0])
            case "push":
                self._inbox.unpack(asked["sizes"], namespace)
            case "pull":
                return self._outbox.put(asked["name"], namespace), []
            case "piece":
                place = (asked["part"], asked["offset"], asked["length"])
                return None, [self._outbox.piece(*place)]
            case "pulled":
                self._outbox.clear()
            case other:
                raise ValueError(other)
        return None, []


def _take_in_the_ended() -> None:
    """Children that the host has ended would count as processes for as long as nobody does this."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _matching(
    asked: Mapping[str, Any], namespace: Mapping[str, Any], hidden: Mapping[str, Any]
) -> dict[str, Any]:
    kind, conditions = asked["type"], asked["conditions"]
    return {
        name: value
        for name, value in inspection.users(namespace, hidden)
        if query.matches(name, value, kind, conditions)
    }

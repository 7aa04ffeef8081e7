"""Variables of a notebook that a request takes along (`-i`) and brings back (`-o`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from agent.settings import OFFLINE
from sessions import errors

if TYPE_CHECKING:
    from agent.background import Background
    from agent.library import Agent


def pairs(listed: str) -> dict[str, str]:
    """Names as after `-i`, `name` or `theirs=ours` with commas between: theirs → ours.

    Raises:
        UsageError: If something there is no name.
    """
    found = {}
    for item in listed.split(","):
        theirs, equals, ours = item.partition("=")
        found[_name(theirs)] = _name(ours if equals else theirs)
    return found


def names(listed: str) -> list[str]:
    """Names as after `-o`, with commas between.

    Raises:
        UsageError: If something there is no name.
    """
    return [_name(item) for item in listed.split(",")]


def values(wanted: Mapping[str, str], *scopes: Mapping[str, Any]) -> dict[str, Any]:
    """The values of variables, each from the first scope that has it.

    Raises:
        UsageError: If none has it.
    """
    found = {}
    for theirs, ours in wanted.items():
        scope = next((scope for scope in scopes if ours in scope), None)
        if scope is None:
            msg = f"-i: there is no variable {ours!r} here: define it first, or check the name"
            raise UsageError(msg)
        found[theirs] = scope[ours]
    return found


def push(background: Background, agent: Agent, given: Mapping[str, Any]) -> None:
    """Make variables in the agent's kernel.

    Raises:
        UsageError: If one can't travel.
    """
    try:
        if given:
            background.run(agent.session.push(**given))
    except errors.UsageError as error:
        msg = f"-i: {error}"
        raise UsageError(msg) from None


def pull(background: Background, agent: Agent, wanted: Sequence[str]) -> dict[str, Any]:
    """The values of variables in the agent's kernel.

    Raises:
        UsageError: If there is none of this name, or its value can't travel.
    """
    try:
        return {name: background.run(agent.session.pull(name)) for name in wanted}
    except errors.UsageError as error:
        msg = f"-o: {error}; `%agent` has kept its kernel, so ask it for the variable and try again"
        raise UsageError(msg) from None


def told(
    task: str, agent: Agent, given: Mapping[str, Any], wanted: Sequence[str], undone: int = 0
) -> str:
    """The task, with lines for the model about the kernel; the offline engine reads none."""
    notes = []
    if undone:
        notes.append(f"The effects of the last {undone} cells in the kernel were taken back.")
    if given:
        notes.append(f"Variables in the kernel for this request: {', '.join(given)}")
    if wanted:
        notes.append(f"Leave in the kernel, as variables of these names: {', '.join(wanted)}")
    return task if agent.settings.model == OFFLINE else "\n".join([task, *notes])


def _name(text: str) -> str:
    name = text.strip()
    if not name.isidentifier():
        msg = f"{name!r} can't be the name of a variable: write -i name, -i theirs=ours or -o name"
        raise UsageError(msg)
    return name

"""What a kernel tells of its variables, checked and cut to a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sessions.errors import KernelError
from sessions.kernel import budget


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A user variable of the kernel, by name, type and a short summary."""

    name: str
    type: str
    summary: str


def described(found: Any) -> dict[str, Any]:
    """What a kernel tells of one variable.

    Raises:
        KernelError: If it makes no sense.
    """
    if not isinstance(found, dict):
        raise _nonsense()
    return budget.fit(found)


def listed(found: Any) -> list[Variable]:
    """The variables that a kernel tells of; a last entry says so if there are more.

    Raises:
        KernelError: If it makes no sense.
    """
    try:
        entries = budget.listed(found, len(found), budget.ALL + budget.MORE)
        return [Variable(**entry) for entry in entries]
    except (KeyError, TypeError):
        raise _nonsense() from None


def _nonsense() -> KernelError:
    return KernelError(
        "the kernel's answer makes no sense: a cell has tampered with it, so restart it"
    )

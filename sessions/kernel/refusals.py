"""What a refused cell is told, by exceptions that libraries know how to take."""

from __future__ import annotations

from IPython.core.error import InputRejected


class PolicyError(InputRejected):
    """The policy refuses this; the message says why and what to do instead."""

    def _render_traceback_(self) -> list[str]:
        return [f"PolicyError: {self}"]


class ImportPolicyError(PolicyError, ImportError):
    """A module may not be imported: for code that tries one, and has another if that fails."""


class ActionPolicyError(PolicyError, PermissionError):
    """A program may not be started, or a connection not be made: libraries await an `OSError`."""


# One name for whoever reads it, three kinds for whoever catches it.
ImportPolicyError.__name__ = ActionPolicyError.__name__ = PolicyError.__name__

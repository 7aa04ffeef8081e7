"""The numbered prompts of a shell: what was typed and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OUTPUT = "Out[{}]"


def outputs(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Name as in a notebook → value of each output that the shell still holds."""
    return {_OUTPUT.format(n): value for n, value in dict(namespace.get("_oh", {})).items()}


def is_output(name: str) -> bool:
    """Whether this is the name of an output, and not of a variable."""
    return name.startswith("Out[")


def told(shell: Any) -> dict[str, Any]:
    """What was typed, as plain data; empty without a shell."""
    if shell is None:
        return {}
    history = shell.history_manager
    return {
        "count": shell.execution_count,
        "parsed": list(history.input_hist_parsed),
        "raw": list(history.input_hist_raw),
    }


def restore(shell: Any, typed: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Number the next prompt as it would have been, with the inputs and outputs before it."""
    if shell is None or not typed:
        return
    history = shell.history_manager
    history.input_hist_parsed[:] = typed["parsed"]
    history.input_hist_raw[:] = typed["raw"]
    for number in sorted(int(name[4:-1]) for name in found):
        shell.execution_count += number - shell.displayhook.prompt_count
        shell.displayhook.update_user_ns(found[_OUTPUT.format(number)])
    shell.execution_count = typed["count"]

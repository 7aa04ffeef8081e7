"""What was typed after `%agent`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from IPython.core.error import UsageError

from agent import magic_variables

_FLAGS = {
    "-m": "model",
    "--model": "model",
    "--approval": "approval",
    "--tier": "tier",
    "--as": "as_",
}
_INPUTS, _OUTPUTS = ("-i", "--input"), ("-o", "--output")
_DIGITS = 9
_FLAG = re.compile(r"\s*(?P<flag>--?[A-Za-z][\w-]*)(?:[= ]\s*(?P<value>\S+))?")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One use of the magic.

    Attributes:
        task: What to do; empty if only flags were given.
        options: Settings by name, as given.
        as_: Name of the sub-agent that is to do it, or None.
        reset: Whether to start with a new kernel and no memory.
        undo: How many cells of the kernel to take back first.
        inputs: Variables to take along, by their name in the kernel → by their name here.
        outputs: Variables of the kernel to bring back.
    """

    task: str
    options: dict[str, str] = field(default_factory=dict)
    as_: str | None = None
    reset: bool = False
    undo: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)


def parse(line: str, body: str | None = None) -> Request:
    """What was typed after `%agent`, with the body of `%%agent` as the rest of the task.

    A task may hold quotes and dashes, so only what stands before it is taken for flags.

    Raises:
        UsageError: If a flag is unknown, lacks its value, or there is nothing to do.
    """
    options: dict[str, str] = {}
    inputs: dict[str, str] = {}
    outputs: list[str] = []
    reset, undo, rest = False, 0, line.strip()
    while found := _FLAG.match(rest):
        flag, value = found["flag"], found["value"]
        if flag == "--reset":
            reset, rest = True, rest[found.end("flag") :].strip()
            continue
        if flag == "--undo":
            undo, end = _cells(found)
            rest = rest[end:].strip()
            continue
        if value is None or flag not in (*_FLAGS, *_INPUTS, *_OUTPUTS):
            raise UsageError(_bad_flag(flag))
        if flag in _INPUTS:
            inputs |= magic_variables.pairs(value)
        elif flag in _OUTPUTS:
            outputs += magic_variables.names(value)
        else:
            options[_FLAGS[flag]] = value
        rest = rest[found.end() :].strip()
    task = "\n".join(part for part in (rest, (body or "").strip()) if part)
    if not (task or reset or undo):
        msg = "the task is empty: say in a few words what to do, e.g. %agent profile data.csv"
        raise UsageError(msg)
    return Request(
        task=task,
        as_=options.pop("as_", None),
        options=options,
        reset=reset,
        undo=undo,
        inputs=inputs,
        outputs=outputs,
    )


def _cells(found: re.Match[str]) -> tuple[int, int]:
    """How many cells to undo, one unless a number follows, and where that ends."""
    value = found["value"] or ""
    if not (value.isascii() and value.isdecimal()):
        return 1, found.end("flag")
    if int(value[:_DIGITS]) == 0:
        msg = f"--undo takes a number of cells of at least 1, not {value}"
        raise UsageError(msg)
    return int(value[:_DIGITS]), found.end()


def _bad_flag(flag: str) -> str:
    known = (*_FLAGS, *_INPUTS, *_OUTPUTS)
    if flag in known:
        return f"{flag} needs a value"
    return f"there is no flag {flag}: choose from {', '.join([*known, '--reset', '--undo'])}"

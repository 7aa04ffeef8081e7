"""What came of one cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sessions.limits import Limit

Status = Literal["ok", "error", "timeout", "killed", "refused"]
Restored = Literal["snapshot", "checkpoint", "fresh"]
MimeBundle = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CellError:
    """An exception that ended a cell.

    Attributes:
        name: Class name of the exception.
        message: Its text.
        traceback: As a terminal would show it, without colours.
    """

    name: str
    message: str
    traceback: str


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The complete outcome of one cell; every field is what `agent exec --json` prints.

    Attributes:
        index: Number of the cell in its session, from 0.
        status: `ok`; `error` (it raised); `timeout` (wall or CPU time); `killed` (the kernel died);
            `refused` (policy, before it ran).
        stdout: Text written to standard output, up to the output limit.
        stderr: The same for standard error.
        result: text/plain of the last expression, or None.
        value: The last expression as JSON if it is plain data (numbers, text, lists, dicts, small
            tables as records), else None.
        mime: MIME types that were shown, in order, each once.
        outputs: The MIME bundles shown, in order.
        error: The exception, if one ended the cell.
        limits_hit: The limits that the cell met.
        restored: Where the state came from if the cell cost the kernel its life, else None.
        lost: Names that could not be brought back.
        layers: The isolation that held.
        duration_s: Seconds from sending the cell to the last message about it.
    """

    index: int
    status: Status
    stdout: str = ""
    stderr: str = ""
    result: str | None = None
    value: Any = None
    mime: tuple[str, ...] = ()
    outputs: tuple[MimeBundle, ...] = ()
    error: CellError | None = None
    limits_hit: tuple[Limit, ...] = ()
    restored: Restored | None = None
    lost: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    duration_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the cell ran to its end."""
        return self.status == "ok"

    def to_json(self) -> dict[str, Any]:
        """The cell as `agent exec --json` prints it; the bundles themselves are left out."""
        record = asdict(self)
        del record["outputs"]
        return {"type": "cell", **record}


def status_at(limit: Limit | None) -> Status | None:
    """The status of a cell that was stopped at a limit, if the limit decides it."""
    return "timeout" if limit in ("wall", "cpu") else None

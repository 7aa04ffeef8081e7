"""Puts the messages about one cell together into its `Execution`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from sessions.displays import Displays
from sessions.events import CellDisplay, CellText, Event, Stream
from sessions.execution import CellError, Execution, Restored, Status
from sessions.limits import Limit
from sessions.overflow import Overflow

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_REFUSAL = "PolicyError"
_LONGEST_MESSAGE = 100_000  # characters


@dataclass(kw_only=True)
class Record:
    """What is known of a running cell.

    Messages come from inside the sandbox: every field is checked before it is believed.
    """

    index: int
    layers: tuple[str, ...]
    text: Callable[[str], Overflow]
    started: float = field(default_factory=time.monotonic)
    result: str | None = None
    value: Any = None
    error: CellError | None = None
    limits: list[Limit] = field(default_factory=list)
    names: tuple[str, ...] | None = None
    _displays: Displays | None = None
    _streams: dict[Stream, Overflow] = field(default_factory=dict)

    def take(self, message: Mapping[str, Any]) -> Event | None:
        """Note a message; returns the event that a door may render. What makes no sense is none."""
        try:
            return self._take(message)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def _take(self, message: Mapping[str, Any]) -> Event | None:
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                return self._stream(content)
            case "display_data" | "execute_result" | "update_display_data" as kind:
                return self._display(kind, content)
            case "error":
                self.error = self._cell_error(content)
            case "execute_reply":
                self._reply(content)
        return None

    def hit(self, limit: Limit) -> None:
        """Note that the cell met a limit."""
        if limit not in self.limits:
            self.limits.append(limit)

    def finish(
        self,
        status: Status | None = None,
        *,
        restored: Restored | None = None,
        lost: tuple[str, ...] = (),
    ) -> Execution:
        """The outcome; without a status it follows from what the kernel said."""
        outputs = self._displays.close() if self._displays else ()
        return Execution(
            index=self.index,
            status=status or self._status(),
            stdout=self._close("stdout"),
            stderr=self._close("stderr"),
            result=self.result,
            value=self.value,
            mime=tuple(dict.fromkeys(kind for bundle in outputs for kind in bundle)),
            outputs=outputs,
            error=self.error,
            limits_hit=tuple(self.limits),
            restored=restored,
            lost=lost,
            layers=self.layers,
            duration_s=round(time.monotonic() - self.started, 6),
        )

    def _status(self) -> Status:
        if self.error is None:
            return "ok"
        return "refused" if self.error.name == _REFUSAL else "error"

    def _stream(self, content: Mapping[str, Any]) -> Event | None:
        name: Stream = "stderr" if content["name"] == "stderr" else "stdout"
        if name not in self._streams:
            self._streams[name] = self.text(name)
        shown = self._streams[name].write(str(content["text"]))
        if self._streams[name].overflowed:
            self.hit("output")
        return CellText(index=self.index, stream=name, text=shown) if shown else None

    def _close(self, name: Stream) -> str:
        stream = self._streams.get(name)
        return stream.close() if stream else ""

    def _display(self, kind: str, content: Mapping[str, Any]) -> Event | None:
        if self._displays is None:
            self._displays = Displays(self.text)
        transient = content.get("transient") or {}
        name = transient.get("display_id")
        update = kind == "update_display_data"
        data = self._displays.show(content["data"], name and str(name), update=update)
        if self._displays.overflowed:
            self.hit("output")
        is_result = kind == "execute_result"
        if is_result:
            self.result = str(data.get("text/plain", ""))
        if not self._displays.is_live(data):
            return None
        return CellDisplay(
            index=self.index,
            data=data,
            metadata=content.get("metadata") or {},
            is_result=is_result,
            display_id=name,
            update=update,
        )

    def _reply(self, content: Mapping[str, Any]) -> None:
        if content.get("status") == "error" and self.error is None:
            self.error = self._cell_error(content)
        more = content.get("agent")
        if not isinstance(more, dict):
            return
        self.value = more.get("value")
        if more.get("limit") in get_args(Limit):
            self.hit(more["limit"])
        if isinstance(more.get("names"), list):
            self.names = tuple(str(name) for name in more["names"])

    def _cell_error(self, content: Mapping[str, Any]) -> CellError:
        trace = self.text("traceback")
        for number, line in enumerate(content.get("traceback") or []):
            trace.write(_COLOURS.sub("", f"\n{line}" if number else str(line)))
        return CellError(
            name=str(content.get("ename", "Error"))[:_LONGEST_MESSAGE],
            message=str(content.get("evalue", ""))[:_LONGEST_MESSAGE],
            traceback=trace.close(),
        )

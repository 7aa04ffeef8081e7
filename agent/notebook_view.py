"""Events as outputs of a notebook cell."""

from __future__ import annotations

import html
import sys
import time
from typing import TYPE_CHECKING, Any

from agent.events import ModelText, Result, RunFinished, RunStarted, SkillSaved, unanswered
from agent.mime import clean_markdown, harmless
from agent.render import beyond, cost_line, safe_colours
from sessions.events import CellDisplay, CellFinished, CellStarted, CellText, Event

if TYPE_CHECKING:
    from IPython.core.display_functions import DisplayHandle

_PAUSE = 0.1
"""Seconds between two updates of streaming text: each is a message to the page."""


class NotebookView:
    """Shows one run: a line that tells its progress, what cells show, and the answer at the end.

    The progress line is updated in place, so that a saved notebook holds its last state alone.
    """

    def __init__(self) -> None:
        self._model = ""
        self._codes: list[str] = []
        self._skills: list[str] = []
        self._spoken = ""
        self._updated = 0.0
        self._progress: DisplayHandle | None = None
        self._shown: dict[str, DisplayHandle] = {}
        self._result: CellDisplay | None = None

    def show(self, event: Event) -> None:
        """Render one event."""
        if isinstance(event, RunStarted):
            self._model = event.model
            self._tell("thinking …")
        elif isinstance(event, ModelText):
            self._speak(event.text)
        elif isinstance(event, CellStarted):
            self._start_cell(event.code)
        elif isinstance(event, SkillSaved):
            self._skills.append(event.name)
        elif isinstance(event, RunFinished):
            self._finish(event.result)
        else:
            self._mirror(event)

    def stopped(self) -> None:
        """The run was interrupted: leave a last word."""
        self._tell("interrupted")

    def _start_cell(self, code: str) -> None:
        self._spoken = ""
        self._codes.append(code)
        self._tell(f"running cell {len(self._codes)} …")

    def _speak(self, text: str) -> None:
        self._spoken += text
        if time.monotonic() - self._updated > _PAUSE:
            self._tell(self._spoken)

    def _mirror(self, event: Event) -> None:
        if isinstance(event, CellText):
            stream = sys.stdout if event.stream == "stdout" else sys.stderr
            stream.write(safe_colours(event.text))
        elif isinstance(event, CellDisplay):
            self._display(event)
        elif isinstance(event, CellFinished) and not event.execution.ok:
            self._tell(f"cell {len(self._codes)}: {event.execution.status}")

    def _display(self, event: CellDisplay) -> None:
        data = harmless(event.data)
        if event.is_result and data:
            self._result = event
        if event.update and event.display_id in self._shown:
            _update(self._shown[event.display_id], data)
        elif data:
            handle = _display(data)
            if event.display_id is not None:
                self._shown[event.display_id] = handle

    def _finish(self, result: Result) -> None:
        self._tell(self._summary(result))
        text = result.answer or unanswered(result.questions)
        if self._result is not None:  # it stands right above
            text = beyond(text, self._result)
        if text:
            _display({"text/plain": text, "text/markdown": clean_markdown(text)})

    def _summary(self, result: Result) -> str:
        cells = len(self._codes)
        parts = [
            result.status.replace("_", " "),
            f"{cells} cell{'s' * (cells != 1)}" if cells else "",
            f"skills used: {', '.join(result.skills_used)}" if result.skills_used else "",
            f"skills saved: {', '.join(self._skills)}" if self._skills else "",
            cost_line(result.cost),
        ]
        return " · ".join(part for part in parts if part)

    def _tell(self, line: str) -> None:
        """Bring the progress line up to date, with the code so far folded below it."""
        self._updated = time.monotonic()
        line = f"{self._model} · {line}" if self._model else line
        data = {"text/plain": line, "text/html": _folded(line, self._codes)}
        if self._progress is None:
            self._progress = _display(data)
        else:
            _update(self._progress, data)


def _folded(line: str, codes: list[str]) -> str:
    if not codes:
        return f"<small>{html.escape(line)}</small>"
    code = html.escape("\n\n".join(code.strip() for code in codes))
    summary = f"<summary><small>{html.escape(line)}</small></summary>"
    return f"<details>{summary}<pre>{code}</pre></details>"


def _display(data: dict[str, Any]) -> DisplayHandle:
    from IPython.display import display

    show: Any = display  # IPython leaves it untyped
    handle: DisplayHandle = show(data, raw=True, display_id=True)
    return handle


def _update(handle: DisplayHandle, data: dict[str, Any]) -> None:
    update: Any = handle.update
    update(data, raw=True)

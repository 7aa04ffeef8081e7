"""Events as lines of a terminal.

Everything that a model or a cell wrote goes through `safe`: a terminal obeys control characters, so
text from inside could otherwise hide what a person is about to approve.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TextIO

from agent.events import (
    Approach,
    AttemptJudged,
    AttemptStarted,
    Cost,
    ModelText,
    Result,
    RunFinished,
    RunStarted,
    SkillSaved,
    TestsCorrected,
    ToolReturned,
    unanswered,
)
from sessions.events import (
    CellDisplay,
    CellFinished,
    CellStarted,
    CellText,
    Event,
    HostCalled,
    HostChannelClosed,
)
from sessions.execution import Execution
from tools_registry.source import lines_of

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SEQUENCES = re.compile(r"(?:\x1b\[|\x9b)[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
Keep = Callable[[int, Mapping[str, Any]], str | None]

_APPROACHES: Mapping[Approach, str] = {
    "generate": "write code and tests",
    "mend": "mend the code",
    "afresh": "try another approach",
}
_TRACEBACK_LINES = 20
_RESULT_LINES = 6


def safe(text: str) -> str:
    """A text with all that could move the cursor, hide text or command the terminal spelled out."""
    return _UNSEEN.sub(lambda found: ascii(found.group())[1:-1], text).replace("\r", "\\r")


def safe_colours(text: str) -> str:
    """A text as a cell printed it: colours and returns to the line's start stay, the rest goes."""
    parts = _COLOURS.split(text)
    colours = [*_COLOURS.findall(text), ""]
    pairs = zip(parts, colours, strict=True)
    return "".join(_UNSEEN.sub("", _SEQUENCES.sub("", part)) + colour for part, colour in pairs)


class Paper:
    """One stream to write on, in colour if it is a terminal that wants it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.colours = self.is_terminal and not (
            os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        )
        self._at_line_start = True

    def raw(self, text: str) -> None:
        """Write text from a cell: as it is into a file or pipe, made safe for a terminal."""
        self._write(safe_colours(text) if self.is_terminal else text)

    def dim(self, text: str) -> None:
        """Write a piece of text in grey."""
        self._write(self._styled(safe(text), "2"))

    def line(self, text: str, style: str = "") -> None:
        """Write whole lines, beginning on a line of their own."""
        self.fresh()
        self._write(self._styled(safe(text), style) + "\n")

    def columns(self, *cells: tuple[str, str]) -> None:
        """Write one line of cells, each a text and its style; blanks at its end are left out."""
        self.fresh()
        texts = [safe(text) for text, _ in cells]
        texts[-1] = texts[-1].rstrip()
        styled = (self._styled(t, cell[1]) for t, cell in zip(texts, cells, strict=True))
        self._write("".join(styled).rstrip() + "\n")

    def fresh(self) -> None:
        """End the current line unless nothing is on it."""
        if not self._at_line_start:
            self._write("\n")

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colours and style and text else text

    def _write(self, text: str) -> None:
        if not text:
            return
        self.stream.write(text)
        self.stream.flush()
        self._at_line_start = _COLOURS.sub("", text).endswith(("\n", "\r"))


class CellView:
    """Shows cells as they run: their stdout and results on one stream, the rest on another.

    Args:
        out: For stdout and results.
        err: For everything else.
        keep: Puts the picture of a cell into a file and returns its name, or None.
    """

    def __init__(self, out: Paper, err: Paper, keep: Keep | None = None) -> None:
        self.out = out
        self.err = err
        self._keep = keep

    def show(self, event: Event) -> None:
        """Render one event of a cell; others are left out."""
        if isinstance(event, CellText):
            paper = self.out if event.stream == "stdout" else self.err
            paper.raw(event.text)
        elif isinstance(event, CellDisplay):
            self._display(event)
        elif isinstance(event, CellFinished):
            self._finished(event.execution)

    def _display(self, event: CellDisplay) -> None:
        pictures = describe_pictures(event.data)
        file = self._keep(event.index, event.data) if self._keep and pictures else None
        for line in pictures:
            self.err.line(f"{line} {file}" if file else line, "2")
        text = event.data.get("text/plain")
        if isinstance(text, str) and not pictures:
            self.out.fresh()
            self.out.raw(text + "\n")

    def _finished(self, execution: Execution) -> None:
        self.out.fresh()
        for line in (*_traceback(execution), *complaints(execution)):
            self.err.line(line, "31")


class RunView:
    """Shows a run: the answer on stdout, everything else on stderr."""

    def __init__(self, out: Paper, err: Paper) -> None:
        self.out = out
        self.err = err
        self._cells = CellView(err, err)
        self._spoken = ""
        self._held: CellDisplay | None = None

    def show(self, event: Event) -> None:
        """Render one event."""
        if isinstance(event, ModelText):
            self._release(event.text)
            self._speak(event.text)
        elif isinstance(event, RunFinished):
            self._release(event.result.answer)
            self._finished(event.result)
        elif isinstance(event, CellStarted):
            self._release()
            self._spoken = ""
            self.err.line(_indented(event.code), "2")
        elif line := _remark(event):
            self.err.line(line, "2")
        elif isinstance(event, CellFinished):
            self._cell_finished(event.execution)
        elif isinstance(event, CellDisplay) and event.is_result:
            self._release()
            self._held = event
        else:
            self._cells.show(event)

    def _release(self, answer: str = "") -> None:
        """Show the last result, unless the answer is about to."""
        held, self._held = self._held, None
        if held is not None and beyond(answer, held) == answer:
            self._cells.show(_abridged(held))

    def _speak(self, text: str) -> None:
        self._spoken += text
        if self.err.is_terminal:  # elsewhere nobody watches, and the answer follows on stdout
            self.err.dim(text)

    def _cell_finished(self, execution: Execution) -> None:
        """An error in one line: the code is the agent's, and so is the mending."""
        self.err.fresh()
        if execution.error:
            message = execution.error.message.strip().partition("\n")[0]
            self.err.line(f"{execution.error.name}: {message}", "31")
        for line in complaints(execution):
            self.err.line(line, "31")

    def _finished(self, result: Result) -> None:
        self.err.fresh()
        if result.answer and not self._seen(result.answer):
            self.out.raw(result.answer + "\n")
        if result.questions:
            self.err.line(unanswered(result.questions))
        for line in _footer(result):
            self.err.line(line, "2")

    def _seen(self, answer: str) -> bool:
        """Whether the person has the answer before their eyes already, as it was streamed."""
        watching = self.out.is_terminal and self.err.is_terminal
        return watching and self._spoken.strip() == answer.strip()


def describe_pictures(data: Mapping[str, Any]) -> list[str]:
    """A line for each image of a MIME bundle: a terminal can only name them."""
    return [
        f"[{kind}, {_size(kind, content):.0f} kB]"
        for kind, content in data.items()
        if kind.startswith("image/")
    ]


def beyond(answer: str, result: CellDisplay) -> str:
    """What an answer says besides the result of a cell with which it begins."""
    shown = str(result.data.get("text/plain", "")).strip("\n")
    for text in (shown, shown.strip("'\"")):
        if text and f"{answer}\n".startswith(f"{text}\n"):
            return answer[len(text) :].strip("\n")
    return answer


def complaints(execution: Execution) -> list[str]:
    """What a person must know of a cell that did not end ok, in lines."""
    if execution.ok:
        return []
    lines = [_verdict(execution)]
    if execution.lost:
        lines.append(f"lost: {', '.join(execution.lost)}")
    return lines


def cost_line(cost: Cost) -> str:
    """Tokens and money of a run in one line; empty if it used none."""
    if not (cost.input_tokens or cost.output_tokens):
        return ""
    money = "price unknown" if cost.usd is None else f"${cost.usd:.4f}"
    cached = f" ({cost.cache_read_tokens} cached)" if cost.cache_read_tokens else ""
    return f"{cost.input_tokens} tokens in{cached}, {cost.output_tokens} out, {money}"


def _remark(event: Event) -> str:
    if isinstance(event, RunStarted):
        return f"model: {event.model}"
    if isinstance(event, AttemptStarted | AttemptJudged | TestsCorrected):
        return _of_attempt(event)
    if isinstance(event, SkillSaved):
        return f"saved the skill {event.name} in {event.file}"
    if isinstance(event, HostCalled):
        return f"{event.name}({event.arguments}) on the host: {event.outcome}"
    if isinstance(event, HostChannelClosed):
        return f"the kernel can't call the host any more: {event.reason}"
    if isinstance(event, ToolReturned) and event.outcome in ("failed", "denied"):
        return f"{event.tool}: {event.outcome}: {event.content.strip().partition(chr(10))[0]}"
    return ""


def _of_attempt(event: AttemptStarted | AttemptJudged | TestsCorrected) -> str:
    match event:
        case AttemptStarted():
            text = _APPROACHES[event.approach]
        case AttemptJudged(accepted=True):
            text = f"accepted after {event.seconds:.1f} s"
        case AttemptJudged():
            text = "; ".join(event.failures)
        case TestsCorrected():
            text = f"tests were wrong: {'; '.join(event.changes)}"
    return f"attempt {event.number}: {text}"


def _abridged(event: CellDisplay) -> CellDisplay:
    """A result in a few lines: the answer is about to tell the rest."""
    text = event.data.get("text/plain")
    lines = text.splitlines() if isinstance(text, str) else []
    if len(lines) <= _RESULT_LINES:
        return event
    left_out = f"… {len(lines) - _RESULT_LINES} lines left out …"
    short = "\n".join([*lines[:_RESULT_LINES], left_out])
    return replace(event, data={**event.data, "text/plain": short})


def _footer(result: Result) -> list[str]:
    status = "" if result.status == "done" else f"status: {result.status.replace('_', ' ')}"
    used = f"skills used: {', '.join(result.skills_used)}" if result.skills_used else ""
    return [line for line in (status, used, cost_line(result.cost)) if line]


def _indented(code: str) -> str:
    return "\n".join(f"  {line}" for line in lines_of(code.strip("\n")))


def _size(kind: str, content: object) -> float:
    length = len(str(content))
    return (length if kind == "image/svg+xml" else length * 3 / 4) / 1000


def _traceback(execution: Execution) -> list[str]:
    if execution.error is None:
        return []
    lines = execution.error.traceback.rstrip().splitlines()
    if len(lines) > _TRACEBACK_LINES:
        left_out = len(lines) - _TRACEBACK_LINES
        lines = [*lines[:2], f"… {left_out} lines left out …", *lines[2 - _TRACEBACK_LINES :]]
    return lines


def _verdict(execution: Execution) -> str:
    parts = [f"cell {execution.index}: {execution.status} after {execution.duration_s:.1f} s"]
    if execution.limits_hit:
        parts.append(f"limits hit: {', '.join(execution.limits_hit)}")
    if execution.restored:
        parts.append(f"the state came back from: {execution.restored}")
    return "; ".join(parts)

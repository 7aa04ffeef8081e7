"""A conversation that grew long, made short again without asking a model.

The end stays as it is. Of what was before, a summary remains: each request, and of each step the
call, the names it set and the result, a line each. Calls and their results are never parted. It
is done seldom, and to well below the budget, for each time costs what the provider has cached.
Tokens are estimated as characters / 4.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from subagents.data import data, one_line, tokens

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolReturnPart

_TITLE = "Earlier in this conversation, shortened. The person asked:"
_THEN = "What was done about it, as data:"
_PRESENT = "The request that is being worked on:\n"
_LEFT_OUT = re.compile(r"\((\d+) earlier lines are left out\)")
_REQUEST, _CALL, _RESULT, _SAID = 400, 160, 200, 240
"""Most characters of each in a summary."""

_NAMES = 12

_TAIL, _SUMMARY = 2, 4
"""Which part of the budget they may take: a half, a quarter."""

_SHORTEST = 200  # characters that are left of a result


def compress(budget: int) -> Callable[[list[ModelMessage]], list[ModelMessage]]:
    """What a run does with its history before each request.

    Args:
        budget: Most tokens of history that are sent.
    """
    return lambda messages: compressed(messages, budget)


def compressed(messages: Sequence[ModelMessage], budget: int) -> list[ModelMessage]:
    """The same conversation in at most so many tokens.

    The request that is being worked on is kept whole, however long it is.
    """
    if size(messages) <= budget:
        return list(messages)
    units = list(_units(messages))
    first = _first_kept(units, budget // _TAIL)
    tail = [message for unit in units[first:] for message in unit]
    if size(tail) > budget // _TAIL:
        tail = _clipped(tail, budget // _TAIL)
    before = [message for unit in units[:first] for message in unit]
    return _joined(_summary(before, tail, budget // _SUMMARY), tail) if before else tail


def size(messages: Sequence[ModelMessage]) -> int:
    """An estimate of the tokens that they take."""
    return sum(tokens(text) for message in messages for text in _texts(message))


def _texts(message: ModelMessage) -> Iterator[str]:
    for part in message.parts:
        for value in (getattr(part, "args", None), getattr(part, "content", None)):
            if value is not None:
                yield value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _units(messages: Sequence[ModelMessage]) -> Iterator[list[ModelMessage]]:
    """Pieces that may be parted: a request, or a response with what answers its calls."""
    unit: list[ModelMessage] = []
    for message in messages:
        if unit and (message.kind == "response" or _is_fresh(message)):
            yield unit
            unit = []
        unit.append(message)
    if unit:
        yield unit


def _is_fresh(message: ModelMessage) -> bool:
    """Whether it answers no call."""
    return all(not hasattr(part, "tool_call_id") for part in message.parts)


def _first_kept(units: Sequence[Sequence[ModelMessage]], budget: int) -> int:
    """The first of the last pieces that fit; the last one is always kept."""
    first, used = len(units) - 1, size(units[-1])
    while first and (used := used + size(units[first - 1])) <= budget:
        first -= 1
    return first


def _clipped(messages: Sequence[ModelMessage], budget: int) -> list[ModelMessage]:
    """The messages with long results cut, all to the same length."""
    returns = [part for message in messages for part in _returns(message)]
    rest = size(messages) - sum(tokens(_content(part)) for part in returns)
    limit = max(_SHORTEST, 4 * (budget - rest) // max(1, len(returns)))
    return [_with_short_returns(message, limit) for message in messages]


def _returns(message: ModelMessage) -> Iterator[ToolReturnPart]:
    from pydantic_ai.messages import ToolReturnPart

    yield from (part for part in message.parts if isinstance(part, ToolReturnPart))


def _content(part: ToolReturnPart) -> str:
    return part.content if isinstance(part.content, str) else _json(part.content)


def _with_short_returns(message: ModelMessage, limit: int) -> ModelMessage:
    if message.kind == "response" or not any(_returns(message)):
        return message
    return replace(message, parts=[_short(part, limit) for part in message.parts])


def _short(part: Any, limit: int) -> Any:
    if part.part_kind != "tool-return" or len(_content(part)) <= limit:
        return part
    return replace(part, content=f"{_content(part)[: limit - 20]}… (cut)")


@dataclass(kw_only=True)
class _Lines:
    """The lines of a summary, and how many were left out before them."""

    asked: list[str]
    done: list[str]
    left_out: int = 0

    def text(self) -> str:
        parts = [_TITLE, *self.asked]
        if self.left_out:
            parts.append(f"({self.left_out} earlier lines are left out)")
        return "\n".join([*parts, _THEN, data("history", "\n".join(self.done))])

    def shorten(self, budget: int) -> None:
        """Leave out the oldest lines: steps first, then requests."""
        for lines in (self.done, self.asked):
            while len(lines) > 1 and tokens(self.text()) > budget:
                del lines[0]
                self.left_out += 1


def _summary(before: Sequence[ModelMessage], tail: Sequence[ModelMessage], budget: int) -> str:
    lines = _Lines(asked=[], done=[])
    for message in before:
        for part in message.parts:
            _note(part, lines)
    lines.shorten(budget)
    present = _last_request(before)
    if present and not _last_request(tail):
        return f"{lines.text()}\n\n{_PRESENT}{present}"
    return lines.text()


def _note(part: Any, lines: _Lines) -> None:
    """Add what a part says to the lines."""
    match part.part_kind:
        case "user-prompt":
            _note_request(_prompt(part), lines)
        case "text" if part.content.strip():
            lines.done.append(f"- said: {one_line(part.content, _SAID)}")
        case "tool-call":
            lines.done.append(f"- {_told(part.tool_name, part.args_as_dict())}")
        case "tool-return":
            lines.done.append(f"  → {one_line(_content(part), _RESULT)}")
        case "retry-prompt" | "retry-feedback":
            lines.done.append(f"  → refused: {one_line(str(part.content), _RESULT)}")


def _note_request(text: str, lines: _Lines) -> None:
    """A request, or a summary that was made before: its lines are taken over."""
    if not text.startswith(_TITLE):
        lines.asked.append(f"- {one_line(text, _REQUEST)}")
        return
    said, _, block = text.partition(_THEN)
    said, block = said.removeprefix(_TITLE), block.partition("</data>")[0]
    lines.asked += [line for line in said.splitlines() if line.startswith("- ")]
    lines.done += block.strip().splitlines()[1:]
    lines.left_out += sum(int(found) for found in _LEFT_OUT.findall(said))


def _told(tool: str, arguments: dict[str, Any]) -> str:
    """A call on one line, with the names that its code sets."""
    shown = ", ".join(f"{key}={one_line(str(value), _CALL)}" for key, value in arguments.items())
    names = _names_set(str(arguments.get("code", "")))
    sets = f" sets {', '.join(names)}" if names else ""
    return f"{tool}({one_line(shown, _CALL)}){sets}"


def _names_set(code: str) -> list[str]:
    """What a cell leaves behind in the kernel."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError):  # a magic, or nothing that can be read
        return []
    found: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[statement.name] = None
        else:
            found |= dict.fromkeys(_bound(statement))
    return list(found)[:_NAMES]


def _bound(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _prompt(part: Any) -> str:
    return part.content if isinstance(part.content, str) else _json(part.content)


def _last_request(messages: Sequence[ModelMessage]) -> str:
    """The last thing that the person said, whole."""
    prompts = [p for m in messages for p in m.parts if p.part_kind == "user-prompt"]
    text = _prompt(prompts[-1]) if prompts else ""
    return text.partition(_PRESENT)[2] if text.startswith(_TITLE) else text


def _joined(summary: str, tail: Sequence[ModelMessage]) -> list[ModelMessage]:
    """The summary in the first request of what is kept, or before it."""
    from pydantic_ai.messages import ModelRequest, UserPromptPart

    told = UserPromptPart(content=summary)
    first: ModelRequest | ModelResponse = tail[0]
    if isinstance(first, ModelRequest):
        return [replace(first, parts=[told, *first.parts]), *tail[1:]]
    return [ModelRequest(parts=[told]), *tail]

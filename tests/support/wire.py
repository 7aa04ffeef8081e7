"""How three model interfaces put an answer on the wire: whole, as a stream, or as an error."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer of a scripted model.

    Attributes:
        text: What it says.
        calls: The tools it calls, as (name, arguments).
        tokens: Tokens in and out, as the provider would bill them.
        piece: Characters in one piece of the stream.
        break_after: Frames after which the stream ends in an error of the provider.
    """

    text: str = ""
    calls: tuple[tuple[str, Json], ...] = ()
    tokens: tuple[int, int] = (20, 5)
    piece: int = 6
    break_after: int | None = None

    def pieces(self, text: str) -> list[str]:
        return [text[i : i + self.piece] for i in range(0, len(text), self.piece)]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An HTTP error of a scripted provider."""

    status: int
    kind: str = "api_error"
    message: str = "scripted fault"
    headers: dict[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """One wire format."""

    def whole(self, reply: Reply, model: str) -> Json: ...

    def frames(self, reply: Reply, body: Json) -> Iterator[str]: ...

    def broken(self) -> str: ...

    def error(self, fault: Fault) -> Json: ...

    def unanswered(self, body: Json) -> set[str]:
        """Ids of tool calls in the history without a result, which providers refuse."""


class Anthropic:
    """Messages."""

    def whole(self, reply: Reply, model: str) -> Json:
        content: list[Json] = [{"type": "text", "text": reply.text}] if reply.text else []
        for name, arguments in reply.calls:
            block = {"type": "tool_use", "id": _id("toolu"), "name": name, "input": arguments}
            content.append(block)
        return {
            "id": _id("msg"),
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": "tool_use" if reply.calls else "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": reply.tokens[0],
                "output_tokens": reply.tokens[1],
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
            },
        }

    def frames(self, reply: Reply, body: Json) -> Iterator[str]:
        message = self.whole(reply, body["model"])
        yield _event("message_start", message={**message, "content": [], "stop_reason": None})
        for index, block in enumerate(message["content"]):
            yield from self._block(reply, index, block)
        yield _event(
            "message_delta",
            delta={"stop_reason": message["stop_reason"], "stop_sequence": None},
            usage={"output_tokens": reply.tokens[1]},
        )
        yield _event("message_stop")

    def broken(self) -> str:
        return _event("error", error={"type": "overloaded_error", "message": "Overloaded"})

    def error(self, fault: Fault) -> Json:
        error = {"type": fault.kind, "message": fault.message}
        return {"type": "error", "error": error, "request_id": _id("req")}

    def unanswered(self, body: Json) -> set[str]:
        open_calls: set[str] = set()
        for message in body["messages"]:
            blocks = [b for b in message["content"] if isinstance(b, dict)]
            results = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
            if open_calls - results:
                return open_calls - results
            open_calls = {b["id"] for b in blocks if b["type"] == "tool_use"}
        return open_calls

    def _block(self, reply: Reply, index: int, block: Json) -> Iterator[str]:
        if block["type"] == "text":
            empty, whole = {**block, "text": ""}, block["text"]
            kind, name = "text_delta", "text"
        else:
            empty, whole = {**block, "input": {}}, json.dumps(block["input"])
            kind, name = "input_json_delta", "partial_json"
        yield _event("content_block_start", index=index, content_block=empty)
        for piece in reply.pieces(whole):
            yield _event("content_block_delta", index=index, delta={"type": kind, name: piece})
        yield _event("content_block_stop", index=index)


class Chat:
    """OpenAI chat completions, which many others speak too."""

    def whole(self, reply: Reply, model: str) -> Json:
        message: Json = {"role": "assistant", "content": reply.text or None}
        if reply.calls:
            message["tool_calls"] = [
                {"id": _id("call"), "type": "function", "function": _function(name, arguments)}
                for name, arguments in reply.calls
            ]
        choice = {"index": 0, "message": message, "finish_reason": _finish(reply)}
        usage = _chat_usage(reply)
        return {**_chat_head(model, "chat.completion"), "choices": [choice], "usage": usage}

    def frames(self, reply: Reply, body: Json) -> Iterator[str]:
        head = _chat_head(body["model"], "chat.completion.chunk")
        deltas: list[Json] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": piece} for piece in reply.pieces(reply.text)]
        for index, (name, arguments) in enumerate(reply.calls):
            call = {"index": index, "id": _id("call"), "type": "function"}
            deltas.append({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
            for piece in reply.pieces(json.dumps(arguments)):
                part = {"index": index, "function": {"arguments": piece}}
                deltas.append({"tool_calls": [part]})
        for delta in deltas:
            yield _data({**head, "choices": [{"index": 0, "delta": delta}]})
        end = {"index": 0, "delta": {}, "finish_reason": _finish(reply)}
        yield _data({**head, "choices": [end]})
        if (body.get("stream_options") or {}).get("include_usage"):
            yield _data({**head, "choices": [], "usage": _chat_usage(reply)})
        yield "data: [DONE]\n\n"

    def broken(self) -> str:
        return _data({"error": {"type": "server_error", "code": "overloaded", "message": "busy"}})

    def error(self, fault: Fault) -> Json:
        return {"error": {"type": fault.kind, "message": fault.message, "code": None}}

    def unanswered(self, body: Json) -> set[str]:
        messages = body["messages"]
        calls = {call["id"] for m in messages for call in m.get("tool_calls") or ()}
        return calls - {m["tool_call_id"] for m in messages if m["role"] == "tool"}


class Responses:
    """OpenAI responses."""

    def whole(self, reply: Reply, model: str) -> Json:
        output = [self._message(reply)] if reply.text else []
        output += [self._call(name, arguments) for name, arguments in reply.calls]
        given, made = reply.tokens
        return {
            "id": _id("resp"),
            "object": "response",
            "created_at": 1_790_000_000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "model": model,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": given,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": made,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": given + made,
            },
        }

    def frames(self, reply: Reply, body: Json) -> Iterator[str]:
        numbers = itertools.count()
        for kind, data in self._events(reply, self.whole(reply, body["model"])):
            yield _event(kind, sequence_number=next(numbers), **data)

    def broken(self) -> str:
        return _event("error", sequence_number=99, code="server_error", message="busy", param=None)

    def error(self, fault: Fault) -> Json:
        return Chat().error(fault)

    def unanswered(self, body: Json) -> set[str]:
        items = body["input"] if isinstance(body["input"], list) else []
        calls = {i["call_id"] for i in items if i.get("type") == "function_call"}
        return calls - {i["call_id"] for i in items if i.get("type") == "function_call_output"}

    def _events(self, reply: Reply, whole: Json) -> Iterator[tuple[str, Json]]:
        begun = {**whole, "status": "in_progress", "output": [], "usage": None}
        yield "response.created", {"response": begun}
        for index, item in enumerate(whole["output"]):
            place = {"output_index": index, "item_id": item["id"]}
            inner: Json = {"content": []} if item["type"] == "message" else {"arguments": ""}
            started = {**item, **inner, "status": "in_progress"}
            yield "response.output_item.added", {"output_index": index, "item": started}
            if item["type"] == "message":
                part = {"type": "output_text", "text": "", "annotations": []}
                yield "response.content_part.added", {**place, "content_index": 0, "part": part}
                for piece in reply.pieces(reply.text):
                    delta = {**place, "content_index": 0, "delta": piece, "logprobs": []}
                    yield "response.output_text.delta", delta
            else:
                for piece in reply.pieces(item["arguments"]):
                    yield "response.function_call_arguments.delta", {**place, "delta": piece}
            yield "response.output_item.done", {"output_index": index, "item": item}
        yield "response.completed", {"response": whole}

    def _message(self, reply: Reply) -> Json:
        content = {"type": "output_text", "text": reply.text, "annotations": []}
        return {
            "type": "message",
            "id": _id("msg"),
            "role": "assistant",
            "status": "completed",
            "content": [content],
        }

    def _call(self, name: str, arguments: Json) -> Json:
        return {
            "type": "function_call",
            "id": _id("fc"),
            "call_id": _id("call"),
            "status": "completed",
            **_function(name, arguments),
        }


def dialect_of(path: str) -> Dialect:
    """The format that a request to this path speaks."""
    if path.endswith("/messages"):
        return Anthropic()
    return Responses() if path.endswith("/responses") else Chat()


def _chat_head(model: str, kind: str) -> Json:
    return {"id": _id("chat"), "object": kind, "created": 1_790_000_000, "model": model}


def _chat_usage(reply: Reply) -> Json:
    given, made = reply.tokens
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.calls else "stop"


def _function(name: str, arguments: Json) -> Json:
    return {"name": name, "arguments": json.dumps(arguments)}


def _event(kind: str, **data: Any) -> str:
    return f"event: {kind}\n" + _data({"type": kind, **data})


def _data(data: Json) -> str:
    return f"data: {json.dumps(data)}\n\n"


def _id(prefix: str) -> str:
    return f"{prefix}_{next(_numbers):06d}"

"""What a server returned, as plain data for the kernel."""

from __future__ import annotations

from binascii import a2b_base64
from typing import TYPE_CHECKING, Any

from tools_registry.mcp.errors import McpError
from tools_registry.mcp.text import clean, one_line

if TYPE_CHECKING:
    from mcp.types import CallToolResult

    from tools_registry.mcp.definition import Definition

_LONGEST_ERROR = 1_500  # characters
_NO_WORDS = "the tool failed, and the server does not say why"


def plain(result: CallToolResult, tool: Definition) -> dict[str, Any]:
    """An answer as one of three: `value` for data, `content` for what is not text, or `error`.

    Structured data is taken before text, which says the same for readers; text that is one block
    is a text, several are a list. Bytes are in base64.

    Raises:
        McpError: If bytes are in nothing of the kind.
    """
    blocks = [_block(block) for block in result.content]
    texts = [block for block in blocks if isinstance(block, str)]
    if result.is_error:
        return {"error": clean("\n".join(texts), _LONGEST_ERROR) or _NO_WORDS}
    media = len(texts) < len(blocks)
    data = result.structured_content
    if data is not None and not media:
        wrapped = tool.wraps and list(data) == ["result"]
        return {"value": data["result"] if wrapped else data}
    if media:
        return {"content": [data, *blocks] if data is not None else blocks}
    return {"value": texts[0] if len(texts) == 1 else texts or None}


def _block(block: Any) -> Any:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return {"type": block.type, "mime": _mime(block), "base64": _checked(block.data)}
        case "resource":
            return _resource(block.resource)
        case _:
            return {"type": "link", "uri": str(block.uri)[:2000], "name": one_line(block.name, 200)}


def _resource(resource: Any) -> Any:
    told = {"type": "resource", "uri": str(resource.uri)[:2000], "mime": _mime(resource)}
    if (text := getattr(resource, "text", None)) is not None:
        return {**told, "text": text}
    return {**told, "base64": _checked(resource.blob)}


def _checked(base64: str) -> str:
    try:
        a2b_base64(base64)  # as the kernel will
    except ValueError:
        msg = "the server's answer has bytes that are no base64"
        raise McpError(msg) from None
    return base64


def _mime(block: Any) -> str:
    return one_line(block.mime_type or "application/octet-stream", 100)

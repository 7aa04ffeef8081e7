"""Our own functions as MCP servers describe them: JSON schemas from Python signatures."""

from __future__ import annotations

import ast
from typing import Any

from tools_registry.tool import Parameter, Tool

_PLAIN: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "dict": {"type": "object"},
}
_LISTS = {"list", "tuple", "set", "frozenset", "Sequence", "Iterable", "Collection"}
_DICTS = {"dict", "Mapping"}


def arguments_schema(tool: Tool) -> dict[str, Any]:
    """What a tool takes, by name; types that JSON has no form for may be anything."""
    return {
        "type": "object",
        "properties": {p.name: _property(p) for p in tool.parameters},
        "required": [p.name for p in tool.parameters if p.required],
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    schema = dict(type_schema(parameter.annotation))
    if parameter.doc:
        schema["description"] = parameter.doc
    if parameter.default is not None:
        schema |= _default(parameter.default)
    return schema


def _default(source: str) -> dict[str, Any]:
    try:
        value = ast.literal_eval(source)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return {}
    return {"default": value} if isinstance(value, str | int | float | bool | None) else {}


def type_schema(annotation: str) -> dict[str, Any]:
    """The schema of a type as written; `{}` where there is none."""
    try:
        return _schema(ast.parse(annotation, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _schema(node: ast.expr) -> dict[str, Any]:
    match node:
        case ast.Constant(value=None):
            return _PLAIN["None"]
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {"type": "array"} if name in _LISTS else _PLAIN.get(name, {})
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either([left, right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
    return {}


def _generic(name: str, inner: list[ast.expr]) -> dict[str, Any]:
    if name == "Literal":
        choices = [choice.value for choice in inner if isinstance(choice, ast.Constant)]
        return {"enum": choices} if len(choices) == len(inner) else {}
    if name == "Optional":
        return _either([*inner, ast.Constant(None)])
    if name == "Union":
        return _either(inner)
    if name in _DICTS:
        return {"type": "object", "additionalProperties": _schema(inner[-1])}
    if name == "tuple" and len(inner) > 1 and ast.unparse(inner[-1]) != "...":
        return {"type": "array", "minItems": len(inner), "maxItems": len(inner)}
    return {"type": "array", "items": _schema(inner[0])} if name in _LISTS else {}


def _either(nodes: list[ast.expr]) -> dict[str, Any]:
    schemas = [_schema(node) for node in nodes]
    return {"anyOf": schemas} if all(schemas) else {}

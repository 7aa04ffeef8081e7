"""JSON schemas of strangers: cut down to what is bounded and harmless, and read as Python types.

What is kept can be checked in little time whatever the value: no patterns, which can take for ever,
and no references, which may lead anywhere, or in a circle.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from typing import Any

from tools_registry.mcp.text import one_line

MOST_BYTES = 64 << 10
"""Of one schema as JSON."""

_DEEPEST = 12
_MOST_PARTS = 1_000
_MOST_PROPERTIES = 100
_MOST_CHOICES = 100
_LONGEST_TEXT = 500  # characters of a description
_LONGEST_NAME = 200
_LONGEST_CHOICE = 200

_NUMBERS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems"),
)
_TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
_ALTERNATIVES = {"anyOf": "anyOf", "oneOf": "anyOf", "allOf": "allOf"}
"""What becomes of them: of choices without their patterns, more than one may fit."""

_PYTHON = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_ANY = "Any"
_SHOWN_DEPTH = 3
_SHOWN_CHOICES = 12
_SHOWN_CHOICE = 40


class SchemaError(ValueError):
    """A schema that is not even cut down."""


def bounded(schema: Any) -> dict[str, Any]:
    """The harmless part of a schema; where it goes on without end, anything is allowed.

    Raises:
        SchemaError: If it is no object, or too large.
    """
    if not isinstance(schema, Mapping):
        msg = "its schema is no object"
        raise SchemaError(msg)
    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        msg = "its schema is not plain JSON"
        raise SchemaError(msg) from None
    if size > MOST_BYTES:
        msg = f"its schema takes {size} bytes, and {MOST_BYTES} is the most"
        raise SchemaError(msg)
    return _Cutter(schema).cut(schema, _DEEPEST)


class _Cutter:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._parts = 0

    def cut(self, schema: Any, depth: int) -> dict[str, Any]:
        self._parts += 1
        if not isinstance(schema, Mapping) or not depth or self._parts > _MOST_PARTS:
            return {}
        if isinstance(target := schema.get("$ref"), str):
            return self.cut(self._found(target), depth - 1)
        kept = {**_types(schema), **_texts(schema), **_numbers(schema), **_choices(schema)}
        return {**kept, **self._inner(schema, depth - 1)}

    def _inner(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, becomes in _ALTERNATIVES.items():
            options = schema.get(name)
            if isinstance(options, list) and 0 < len(options) <= _MOST_CHOICES:
                kept[becomes] = [self.cut(option, depth) for option in options]
        if isinstance(schema.get("items"), Mapping):
            kept["items"] = self.cut(schema["items"], depth)
        if isinstance(properties := schema.get("properties"), Mapping):
            kept |= self._properties(schema, properties, depth)
        whole = ("properties" in kept) == ("properties" in schema)
        if whole and "patternProperties" not in schema:
            kept |= self._more(schema.get("additionalProperties"), depth)
        return kept

    def _more(self, schema: Any, depth: int) -> dict[str, Any]:
        if isinstance(schema, bool):
            return {"additionalProperties": schema}
        found = isinstance(schema, Mapping)
        return {"additionalProperties": self.cut(schema, depth)} if found else {}

    def _properties(
        self, schema: Mapping[str, Any], properties: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        if len(properties) > _MOST_PROPERTIES or any(len(n) > _LONGEST_NAME for n in properties):
            return {}
        required = schema.get("required")
        names = [n for n in required if n in properties] if isinstance(required, list) else []
        inner = {name: self.cut(value, depth) for name, value in properties.items()}
        return {"properties": inner, "required": names}

    def _found(self, target: str) -> Any:
        """What a reference within the document points to; None if it is another one."""
        place: Any = self._root
        if not target.startswith("#"):
            return None
        for step in target[1:].split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, Mapping) or step not in place:
                return None
            place = place[step]
        return place


def _types(schema: Mapping[str, Any]) -> dict[str, Any]:
    match schema.get("type"):
        case str(name) if name in _TYPES:
            return {"type": name}
        case list(names) if names and all(isinstance(n, str) and n in _TYPES for n in names):
            return {"type": list(dict.fromkeys(names))}
    return {}


def _texts(schema: Mapping[str, Any]) -> dict[str, Any]:
    text = schema.get("description")
    return {"description": one_line(text, _LONGEST_TEXT)} if isinstance(text, str) else {}


def _numbers(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema[name] for name in _NUMBERS if _is_number(schema.get(name))}


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _choices(schema: Mapping[str, Any]) -> dict[str, Any]:
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(choices, list) or not 0 < len(choices) <= _MOST_CHOICES:
        return {}
    return {"enum": choices} if all(map(_is_scalar, choices)) else {}


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_CHOICE
    return value is None or isinstance(value, bool | int | float)


def problem(schema: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with a value by a schema that was cut down; None if nothing is."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path))
    return one_line(f"{where}: {error.message}" if where else error.message, _LONGEST_TEXT)


def annotation(schema: Mapping[str, Any], depth: int = _SHOWN_DEPTH) -> str:
    """The Python type that comes nearest to a schema, as source; `Any` if nothing does."""
    if choices := schema.get("enum"):
        return _literal(choices)
    if options := schema.get("anyOf"):
        return _union([annotation(option, depth) for option in options])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return _union([_of_kind(kind, schema, depth) for kind in kinds]) if kinds else _ANY


def _of_kind(kind: str, schema: Mapping[str, Any], depth: int) -> str:
    if kind == "array":
        return f"list[{_below(schema.get('items'), depth)}]"
    if kind == "object":
        return f"dict[str, {_below(schema.get('additionalProperties'), depth)}]"
    return _PYTHON[kind]


def _below(schema: Any, depth: int) -> str:
    return annotation(schema, depth - 1) if isinstance(schema, Mapping) and depth else _ANY


def _union(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return _ANY if _ANY in unique or len(unique) > 6 else " | ".join(unique)


def _literal(choices: list[Any]) -> str:
    few = len(choices) <= _SHOWN_CHOICES
    plain = [c for c in choices if not isinstance(c, float) and len(str(c)) <= _SHOWN_CHOICE]
    if few and plain == choices:
        elements: list[ast.expr] = [ast.Constant(choice) for choice in choices]
        inner = elements[0] if len(elements) == 1 else ast.Tuple(elts=elements, ctx=ast.Load())
        return f"Literal[{ast.unparse(inner).removeprefix('(').removesuffix(')')}]"
    kinds = {type(choice).__name__ for choice in choices}
    return _union(sorted("None" if kind == "NoneType" else kind for kind in kinds))

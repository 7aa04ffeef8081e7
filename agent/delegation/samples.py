"""Values that fit a type, and arguments for a function: what a scripted model gives."""

from __future__ import annotations

import ast
from typing import Any, get_args, get_origin

from sessions.errors import UsageError
from subagents.plain_types import plain_type
from tools_registry.skills.doc_examples import doc_examples

_SIMPLE: dict[Any, Any] = {str: "text", int: 3, float: 1.5, bool: True}
_OF_SCHEMA: dict[str, Any] = {"string": "text", "integer": 3, "number": 1.5, "boolean": True}


def sample(kind: Any) -> Any:
    """A value of a type of plain data."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    inner = sample(get_args(kind)[-1])
    return [inner, inner] if get_origin(kind) is list else {"key": inner}


def sample_of(schema: dict[str, Any]) -> Any:
    """A value that fits a JSON schema of simple fields."""
    if "anyOf" in schema:
        return sample_of(schema["anyOf"][0])
    kind = schema.get("type", "string")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample_of(properties[name]) for name in schema.get("required", ())}
    if kind == "array":
        return [sample_of(schema.get("items", {}))]
    return _OF_SCHEMA.get(kind)


def arguments_for(function: ast.FunctionDef, source: str) -> dict[str, Any]:
    """Named arguments that a function should be able to take.

    Those of the first example in its docstring that has plain ones, else a value for each parameter
    that must be given.

    Args:
        function: Whose parameters have types of plain data.
        source: The code in which it stands.
    """
    for example in _examples(source, function.name):
        found = _given(example, function)
        if found is not None:
            return found
    return {
        arg.arg: sample(plain_type(ast.unparse(arg.annotation) if arg.annotation else ""))
        for arg in _required(function)
    }


def _required(function: ast.FunctionDef) -> list[ast.arg]:
    arguments = function.args
    positional = arguments.args[: len(arguments.args) - len(arguments.defaults)]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [*positional, *(arg for arg, default in pairs if default is None)]


def _examples(source: str, name: str) -> list[str]:
    try:
        return [example.source for example in doc_examples(source, name)]
    except UsageError:
        return []


def _given(example: str, function: ast.FunctionDef) -> dict[str, Any] | None:
    """The arguments of a call in an example; None if it is no call with plain ones."""
    match ast.parse(example).body:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call)] if name == function.name:
            pass
        case _:
            return None
    names = [arg.arg for arg in function.args.args]
    try:
        positional = [ast.literal_eval(argument) for argument in call.args]
        named = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords if k.arg}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return dict(zip(names, positional, strict=False)) | named

"""Our signatures as JSON schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools_registry.mcp.export import arguments_schema, type_schema
from tools_registry.source import Origin, parse_tools

STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", STRING),
        ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Optional[str]", {"anyOf": [STRING, {"type": "null"}]}),
        ("list[str]", {"type": "array", "items": STRING}),
        ("Sequence[list[str]]", {"type": "array", "items": {"type": "array", "items": STRING}}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("tuple[int, str]", {"type": "array", "minItems": 2, "maxItems": 2}),
        ("tuple[str, ...]", {"type": "array", "items": STRING}),
        ("Literal['a', 2]", {"enum": ["a", 2]}),
        ("typing.Mapping[str, str]", {"type": "object", "additionalProperties": STRING}),
        ("pd.DataFrame", {}),
        ("pd.DataFrame | str", {}),
        ("", {}),
        ("((", {}),
    ],
)
def test_a_type(annotation: str, schema: dict[str, Any]) -> None:
    assert type_schema(annotation) == schema


def test_a_function() -> None:
    source = '''def f(x: int, *, word: str = "a", other: list = []) -> int:
    """Do.

    Args:
        x: The number.
    """
'''
    (tool,) = parse_tools(source, Origin(kind="skill", module="m", category="c", file=Path()))
    assert arguments_schema(tool) == {
        "type": "object",
        "properties": {
            "x": {"type": "integer", "description": "The number."},
            "word": {"type": "string", "default": "a"},
            "other": {"type": "array"},
        },
        "required": ["x"],
        "additionalProperties": False,
    }

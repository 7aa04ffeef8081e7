"""Schemas of strangers: what is left can be checked in no time, and refuses nothing good."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.mcp.schema import MOST_BYTES, SchemaError, annotation, bounded, problem

KEYS = [
    *("type", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf", "required"),
    *("$ref", "additionalProperties", "minimum", "pattern", "a", "#", "description"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)
MANY: dict[str, Any] = {str(number): {} for number in range(101)}


@pytest.mark.parametrize(
    ("schema", "python"),
    [
        ({"type": "string"}, "str"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"type": "array", "items": {"type": "number"}}, "list[float]"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "dict[str, bool]"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"enum": ["a", "b"]}, "Literal['a', 'b']"),
        ({"const": "a"}, "Literal['a']"),
        ({"enum": ["x" * 100]}, "str"),
        ({"enum": ["'] + evil() + ['"]}, "Literal[\"'] + evil() + ['\"]"),
        ({"enum": [1.5, None]}, "None | float"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "str | int"),
        ({"anyOf": [{"type": "string"}, {}]}, "Any"),
        ({}, "Any"),
    ],
)
def test_a_type(schema: dict[str, Any], python: str) -> None:
    assert annotation(bounded(schema)) == python


@given(JSON)
def test_any_schema_is_cut_down_or_refused(schema: Any) -> None:
    try:
        kept = bounded(schema)
    except SchemaError:
        assert not isinstance(schema, dict)
        return
    ast.parse(annotation(kept), mode="eval")
    assert len(json.dumps(kept)) < 4 * MOST_BYTES
    problem(kept, {"a": 1})
    assert "pattern" not in json.dumps([key for key in kept if key != "description"])


def test_references_within_are_followed_and_others_are_not() -> None:
    point = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    schema = {"properties": {"p": {"$ref": "#/$defs/P"}}, "$defs": {"P": point}}
    assert problem(bounded(schema), {"p": {}}) is not None
    assert problem(bounded(schema), {"p": {"x": 1}}) is None
    away = {"properties": {"p": {"$ref": "http://127.0.0.1:1/schema.json"}}}
    assert problem(bounded(away), {"p": object}) is None


def test_a_circle_ends() -> None:
    schema = {"properties": {name: {"$ref": "#"} for name in "abcdefgh"}}
    value: Any = {}
    for _ in range(50):
        value = {"a": value}
    assert problem(bounded(schema), value) is None


def test_a_pattern_that_takes_for_ever_is_not_tried() -> None:
    schema = {"properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
    assert problem(bounded(schema), {"x": "a" * 50 + "!"}) is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"patternProperties": {"^x": {}}, "additionalProperties": False}, {"x": 1}),
        ({"oneOf": [{"pattern": "^a"}, {"pattern": "^b"}]}, "b"),
        ({"properties": MANY, "additionalProperties": False}, {"1": 1}),
        ({"properties": {"a": {}}, "required": ["b"]}, {}),
    ],
)
def test_what_is_left_out_refuses_nothing(schema: dict[str, Any], value: Any) -> None:
    assert problem(bounded(schema), value) is None


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"properties": {"x": {"type": "integer"}}}, {"x": "1"}, "x: '1' is not of type 'integer'"),
        ({"properties": {"x": {}}, "required": ["x"]}, {}, "'x' is a required property"),
        ({"properties": {}, "additionalProperties": False}, {"y": 1}, "'y' was unexpected"),
        ({"properties": {"x": {"enum": [1, 2]}}}, {"x": 3}, "x: 3 is not one of [1, 2]"),
        ({"properties": {"x": {"maximum": 5}}}, {"x": 6}, "x: 6 is greater than the maximum of 5"),
    ],
)
def test_what_does_not_fit_is_told(schema: dict[str, Any], value: Any, told: str) -> None:
    assert told in str(problem(bounded(schema), value))


@pytest.mark.parametrize("schema", [[], "x", None, {"description": "x" * MOST_BYTES}, {"a": 1e999}])
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaError):
        bounded(schema)

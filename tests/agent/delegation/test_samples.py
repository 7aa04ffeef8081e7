"""Values and arguments that a scripted model gives fit what was asked for."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agent.delegation.samples import arguments_for, sample, sample_of
from subagents.plain_types import plain_type

simple = st.sampled_from(["str", "int", "float", "bool"])
kinds = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda kind: f"list[{kind}]"), inner.map(lambda kind: f"dict[str, {kind}]")
    ),
    max_leaves=3,
)


@given(kinds)
def test_a_sample_fits_its_type(kind: str) -> None:
    adapter = TypeAdapter(plain_type(kind))
    assert adapter.validate_python(sample(plain_type(kind)), strict=True) is not None


@given(kinds)
def test_a_sample_fits_its_schema(kind: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(plain_type(kind))
    assert adapter.validate_python(sample_of(adapter.json_schema())) is not None


def test_what_may_be_left_out_is() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"anyOf": [{"type": "integer"}]}},
        "required": ["a"],
    }
    assert sample_of(schema) == {"a": "text"}
    assert sample_of(schema["properties"]["b"]) == 3  # type: ignore[index]  # known above


@pytest.mark.parametrize(
    ("examples", "given_"),
    [
        ("", {"x": 3, "z": ["text", "text"]}),
        (">>> f(1, 2, z=['a'])", {"x": 1, "y": 2, "z": ["a"]}),
        (">>> f(x=1, z=[])", {"x": 1, "z": []}),
        (">>> g(5)\n    1\n    >>> f(2, z=[])", {"x": 2, "z": []}),
        (">>> f(open('x'), z=[])", {"x": 3, "z": ["text", "text"]}),
        (">>> y = f(1, z=[])", {"x": 3, "z": ["text", "text"]}),
        (">>> f(", {"x": 3, "z": ["text", "text"]}),
    ],
)
def test_arguments_are_those_of_the_first_plain_example(
    examples: str, given_: dict[str, Any]
) -> None:
    head = "def f(x: int, y: int = 1, *, z: list[str]) -> int:"
    source = f'{head}\n    """F.\n\n    {examples}\n    """\n'
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert arguments_for(function, source) == given_

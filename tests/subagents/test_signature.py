"""A signature has no room for code."""

from __future__ import annotations

import ast

import pytest

from sessions.errors import UsageError
from subagents import Signature


@pytest.mark.parametrize(
    ("text", "name", "canonical"),
    [
        ("f(x: int) -> int", "f", "f(x: int) -> int"),
        ("def f( x ):", "f", "f(x)"),
        ("async def g(*a: int, k=None, **r) -> 'T': ...", "g", "g(*a: int, k=None, **r) -> 'T'"),
        ("h(x: list[int], /, y: float=-1.5, *, z=(1, 'a'))", "h", None),
    ],
)
def test_a_signature_is_read_in_every_form(text: str, name: str, canonical: str | None) -> None:
    found = Signature(text)
    assert found.name == name
    assert found == Signature(found.text)
    if canonical:
        assert found.text == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "f",
        "f(x",
        "f(x): return x",
        "f(x):\n    return x",
        "f(x): ...\ng = 1",
        "f(x): pass",
        "f(x): 1",
        "f(x): 'return 2 * x' #",
        "f(x): return 2 * x #",
        "class A",
        "f(x) -> int: ...; import os",
        "f(" + "x" * 3000 + ")",
    ],
)
def test_what_is_more_or_less_than_a_signature_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no signature"):
        Signature(text)


@pytest.mark.parametrize(
    "text",
    [
        "f(x=lambda y: y + 1)",
        "f(x=[n for n in range(3)])",
        "f(x=g())",
        "f(x='def f(x):\\n    return 1')",
        "f(x: g(1)) -> int",
        "f(x=f'{1 + 1}')",
    ],
)
def test_code_in_defaults_and_annotations_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="holds code"):
        Signature(text)


def test_of_a_function_its_body_stays_behind() -> None:
    function = ast.parse("def f(x: int = 1) -> int:\n    return SECRET").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert Signature.of(function).text == "f(x: int=1) -> int"


@pytest.mark.parametrize(
    ("wanted", "other", "fits"),
    [
        ("f(x)", "f(x: int) -> int", True),
        ("f(x: int)", "f(x: int) -> str", True),
        ("f(x: int)", "f(x: str)", False),
        ("f(x)", "f(y)", False),
        ("f(x)", "f(x, y)", False),
        ("f(x)", "f(x=1)", False),
        ("f(x, *, k)", "f(x: int, *, k: str)", True),
        ("f(x) -> int", "f(x)", False),
        ("f(x)", "g(x)", False),
    ],
)
def test_types_may_be_added_and_nothing_else(wanted: str, other: str, fits: bool) -> None:
    assert Signature(wanted).fits(Signature(other)) is fits

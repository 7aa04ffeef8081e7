"""Every component's source computes what the search believes it computes."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest

from agent.offline.synthesis.component import Component, OutOfRangeError
from agent.offline.synthesis.evaluation import NAMES
from agent.offline.synthesis.lambdas import Form
from agent.offline.synthesis.search import COMPONENTS
from agent.offline.synthesis.shapes import classes_of, shape_of
from agent.validation.comparison import same

SAMPLES: tuple[Any, ...] = (
    *(0, 1, 2, 7, -3, 12),
    *(2.5, -0.5, 100.0),
    *("", " ", "a", "Hello World", "b,c", "12", "x-1"),
    *(True, False),
    *([3, 1, 2], [], ["b", "a", "b"], [True, False], [[1, 2], [3, 4]], [("a", 1), ("b", 2)]),
    *((1, 2, 3), ("p", "q")),
    *({1, 2}, {2, 3}),
    *({"a": 1, "b": 2}, {"b": 5}),
)
PATTERNS = (r"\((.*?)\)", "^(.*?) ", "l(.)")


def samples_of(kind: str) -> list[Any]:
    if kind == "capture":
        return list(PATTERNS)
    return [value for value in SAMPLES if kind in classes_of(shape_of(value))]


def outcomes(component: Component) -> list[tuple[Any, Any]]:
    """Pairs of what the operation and what the source give, wherever the operation is defined."""
    pairs: list[tuple[Any, Any]] = []
    for arguments in itertools.product(*map(samples_of, component.takes)):
        names = [f"v{i}" for i in range(len(arguments))]
        try:
            value = component.apply(*copy.deepcopy(arguments))
        except Exception:
            continue
        space = {**NAMES, **dict(zip(names, copy.deepcopy(arguments), strict=True))}
        pairs.append((value, eval(component.template.format(*names), space)))
    return pairs


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.name)
def test_source_and_operation_agree(component: Component) -> None:
    pairs = outcomes(component)
    assert pairs
    assert all(same(value, shown) for value, shown in pairs)


def test_names_are_unique() -> None:
    assert len({c.name for c in COMPONENTS}) == len(COMPONENTS)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("power", (10, 10**6)),
        ("factorial", (10**6,)),
        ("multiply", (10**12, 10**12)),
        ("repeat_text", ("ab", 10**9)),
        ("range", (10**9,)),
        ("pad", ("1", 10**9)),
        ("divisors", (10**9,)),
    ],
)
def test_what_would_explode_is_refused(name: str, arguments: tuple[Any, ...]) -> None:
    component = next(c for c in COMPONENTS if c.name == name)
    with pytest.raises(OutOfRangeError):
        component.apply(*arguments)


def test_forms_are_data() -> None:
    form = Form(template="[{1} for x in {0}]", cost=1, build=lambda items, body: list(body))
    assert form.template.format("a", "x") == "[x for x in a]"

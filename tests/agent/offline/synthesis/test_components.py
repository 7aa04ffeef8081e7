"""Every component does what its source says, on plain values, and leaves them alone."""

from __future__ import annotations

import copy
import itertools
import time
from typing import Any

import pytest

from agent.offline.synthesis.component import Component, OutOfRangeError
from agent.offline.synthesis.evaluation import NAMES
from agent.offline.synthesis.inventory import COMPONENTS
from agent.offline.synthesis.shapes import CAPTURE, PATTERN, PI, classes_of, shape_of
from agent.offline.synthesis.words import phrases
from agent.validation.comparison import same

SAMPLES: tuple[Any, ...] = (
    *(0, 1, 2, 7, -3, 12, 10**12),
    *(2.5, -0.5, 100.0),
    *("", " ", "a", "Hello World", "b,c", "12", "x-1", "name", "{}"),
    *(True, False),
    *([3, 1, 2], [], ["b", "a", "b"], [True, False], [[1, 2], [3, 4]], [("a", 1), ("b", 2)]),
    *([0.5, 1.5], ["1", "2"], [["p"], ["q", "r"]], [{"name": 1}, {"name": 0}]),
    *((1, 2, 3), ("p", "q"), (1, 1), ([1], [2, 3])),
    *({1, 2}, {2, 3}, {"a"}),
    *({"a": 1, "b": 2}, {"b": 5}, {"a": [1, 2], "c": [3]}, {0: "x"}),
)
GIVEN: dict[str, tuple[Any, ...]] = {
    CAPTURE: (r"\((.*?)\)", "^(.*?) ", "l(.)"),
    PATTERN: (r"\d+", "ab*", "^[a-z]+$"),
    PI: (3.14, 3),
}
MOST = 3000


def samples_of(kind: str) -> list[Any]:
    if kind in GIVEN:
        return list(GIVEN[kind])
    return [value for value in SAMPLES if kind in classes_of(shape_of([value]))]


def calls(component: Component) -> list[tuple[Any, ...]]:
    combinations = itertools.product(*map(samples_of, component.takes))
    return list(itertools.islice(combinations, MOST))


def outcome(component: Component, arguments: tuple[Any, ...]) -> list[Any]:
    try:
        return [component.apply(*arguments)]
    except Exception:  # the search passes over these
        return []


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.name)
def test_it_applies_to_something_and_agrees_with_its_source(component: Component) -> None:
    names = [f"v{i}" for i in range(len(component.takes))]
    code = compile(component.template.format(*names), component.name, "eval")
    applied = 0
    for arguments in calls(component):
        for value in outcome(component, copy.deepcopy(arguments)):
            applied += 1
            if applied <= 100:
                space = {**NAMES, **dict(zip(names, copy.deepcopy(arguments), strict=True))}
                assert same(value, eval(code, space))
    assert applied


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.name)
def test_it_never_changes_its_arguments(component: Component) -> None:
    for arguments in calls(component)[:300]:
        given = copy.deepcopy(arguments)
        outcome(component, arguments)
        assert same(list(arguments), list(given))


HUGE: tuple[Any, ...] = (
    *(10**9, 10**15, -(10**9), 1e300),
    *("ab" * 2000, list(range(1500)), tuple(range(1500)), [[1] * 200] * 200),
    *({n: n for n in range(1500)}, set(range(1500)), ["ab"] * 1500),
)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.name)
def test_what_would_explode_is_refused(component: Component) -> None:
    def huge(kind: str) -> list[Any]:
        if kind in GIVEN:
            return list(GIVEN[kind])
        return [value for value in HUGE if kind in classes_of(shape_of([value]))]

    started = time.process_time()
    arguments = list(itertools.product(*map(huge, component.takes)))[:60]
    for one in arguments:
        outcome(component, one)
    assert time.process_time() - started < 0.15 * len(arguments) + 0.5


def test_names_are_unique() -> None:
    assert len({c.name for c in COMPONENTS}) == len(COMPONENTS)


def test_every_component_is_described() -> None:
    assert [c.name for c in COMPONENTS if not all(phrases(c.about)) or not c.about] == []


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
        ("permutations", (list(range(12)),)),
    ],
)
def test_refusals_say_so(name: str, arguments: tuple[Any, ...]) -> None:
    component = next(c for c in COMPONENTS if c.name == name)
    with pytest.raises(OutOfRangeError):
        component.apply(*arguments)

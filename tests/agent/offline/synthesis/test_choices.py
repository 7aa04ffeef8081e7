"""Two labels, or two terms that meet different examples, are joined by a truth value."""

from __future__ import annotations

from typing import Any

import pytest

from agent.offline.synthesis.evaluation import compiled
from agent.offline.synthesis.problem import Problem
from agent.offline.synthesis.search import solve
from agent.validation.examples import Example


def best(description: str, outputs: dict[Any, Any]) -> Any:
    examples = tuple(Example(arguments=(n,), expected=value) for n, value in outputs.items())
    problem = Problem(description=description, name="f", parameters=("n",), examples=examples)
    return compiled(solve(problem)[0].expression, ("n",))


def test_labels_are_chosen_by_a_test() -> None:
    function = best("even or odd", {3: "Odd", 4: "Even", 10: "Even"})
    assert [function(n) for n in (8, 9)] == ["Even", "Odd"]


def test_labels_with_braces_are_kept() -> None:
    function = best("even or odd", {3: "{o}", 4: "{e}", 10: "{e}"})
    assert function(7) == "{o}"


@pytest.mark.parametrize("n", [8, 9])
def test_partial_solutions_are_joined(n: int) -> None:
    outputs = {2: 4, 3: 30, 5: 50, 6: 36, 7: 70, 10: 100}
    function = best("square of even numbers, odd numbers times ten", outputs)
    assert function(n) == (n * n if n % 2 == 0 else n * 10)

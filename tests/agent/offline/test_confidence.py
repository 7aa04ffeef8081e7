"""Doubt goes by what a function costs and what it explains, and never against common sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.offline.confidence import Signs, bits_of, dissent, doubt
from agent.validation.examples import Example
from agent.validation.running.table import Table

AMOUNTS = st.floats(0, 100)
SIGNS = st.builds(
    Signs,
    cost=AMOUNTS,
    bits=st.floats(1, 200),
    dissent=st.floats(0, 1),
    foretold=st.integers(0, 3),
)


def giving(*results: Any) -> list[Example]:
    return [Example(arguments=(i,), expected=result) for i, result in enumerate(results)]


@given(SIGNS, st.floats(0.5, 50))
def test_more_evidence_never_makes_more_doubtful(signs: Signs, more: float) -> None:
    assert doubt(replace(signs, bits=signs.bits + more)) <= doubt(signs)
    assert doubt(replace(signs, foretold=signs.foretold + 1)) <= doubt(signs)
    assert doubt(replace(signs, cost=signs.cost + more)) >= doubt(signs)
    assert doubt(replace(signs, dissent=signs.dissent / 2)) <= doubt(signs)
    assert doubt(signs) > 0


@given(st.lists(st.integers() | st.booleans() | st.lists(st.text()), min_size=1))
def test_another_example_tells_something(results: list[Any]) -> None:
    assert bits_of(giving(*results)) < bits_of(giving(*results, *results[:1]))


def test_long_results_tell_more_than_truth_values_and_repeated_ones_little() -> None:
    assert bits_of(giving(True, False)) < bits_of(giving(1, 2)) < bits_of(giving("ab", "cd"))
    assert bits_of(giving("ab", "ab")) == bits_of(giving("ab")) + 1
    assert bits_of(giving([[1, 2], [3]])) > bits_of(giving([1]))


def test_rivals_count_by_their_plausibility_until_an_answer_refutes_them() -> None:
    table = Table(
        inputs=((1,), (2,), (3,), (4,)),
        known=1,
        programs=("best", "near", "far", "mutant"),
        rows=((0, 1, 1, 1), (0, 1, 2, 2), (0, 2, 1, 1), (0, 9, 9, 9)),
        outcomes=(None,) * 10,
    )
    near = dissent(table, {"best": 1.0, "near": 1.0})
    assert near == 0.25  # half of the weight, half of the inputs
    assert 0 < dissent(table, {"best": 1.0, "far": 9.0}) < 0.01
    assert dissent(table, {"best": 1.0, "near": 1.0}, answered=[2]) == 0
    assert dissent(table, {"best": 1.0}) == 0

"""Questions as people read them, and answers as people give them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.offline.lesson import LearnQuestion, are_varied
from agent.validation.comparison import same
from agent.validation.examples import Example
from sessions.errors import UsageError

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.lists(st.integers() | st.text(), max_size=3)
)


def question(*kinds: type, options: tuple[str, ...] = ("1", "2")) -> LearnQuestion:
    return LearnQuestion(name="f", arguments=("a b",), options=options, kinds=frozenset(kinds))


def test_a_question_is_a_sentence_with_the_choice() -> None:
    asked = question(str, options=("'JP'", "'JLP'"))
    assert asked.text == "What should `f(\"a b\")` be: 'JP' or 'JLP'?"


@pytest.mark.parametrize(
    ("kinds", "answer", "value"),
    [
        ((str,), "JP", "JP"),
        ((str,), "'JP'", "JP"),
        ((str,), " 12 ", "12"),
        ((str, int), "12", 12),
        ((int,), "12", 12),
        ((int,), "3.0", 3),
        ((float,), "3", 3.0),
        ((int,), "None", None),
        ((bool,), "yes", True),
        ((bool,), "false", False),
        ((bool,), "0", False),
        ((list,), "[1, 'a']", [1, "a"]),
    ],
)
def test_answers_are_read_as_people_mean_them(
    kinds: tuple[type, ...], answer: str, value: Any
) -> None:
    example = question(*kinds).example(answer)
    assert same(example.expected, value)
    assert example.arguments == ("a b",)


@given(VALUES)
def test_the_source_of_a_value_of_the_right_type_is_that_value(value: Any) -> None:
    assert same(question(type(value)).example(repr(value)).expected, value)


@given(st.text(max_size=40), st.sampled_from([int, str, bool, list]))
def test_any_answer_is_an_example_or_one_line(text: str, kind: type) -> None:
    said = "an example"
    try:
        question(kind).example(text)
    except UsageError as error:
        said = str(error)
    assert len(said.splitlines()) == 1


def test_an_answer_may_be_an_example_with_other_arguments() -> None:
    asked = question(int)
    example = asked.example("f('c') == 3")
    assert example == Example(arguments=("c",), expected=3)
    assert not asked.is_about(example)
    assert asked.is_about(asked.example("3"))


@pytest.mark.parametrize("answer", ["the last", "1e999", "1j", "f(x) == 3"])
def test_what_is_no_answer_is_said(answer: str) -> None:
    with pytest.raises(UsageError):
        question(int).example(answer)


def test_many_examples_with_different_results_are_varied() -> None:
    def giving(*results: Any) -> list[Example]:
        return [Example(arguments=(i,), expected=result) for i, result in enumerate(results)]

    assert are_varied(giving(1, 2, 3, 3))
    assert not are_varied(giving(1, 2, 3))
    assert not are_varied(giving(1, 2, 2, 2))
    assert are_varied(giving(True, True, False, False))
    assert not are_varied(giving(True, True, True, False))

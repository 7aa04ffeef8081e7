"""Examples that teach nothing are refused, each with one line that says why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.offline.examples import contradiction, read_example, telling_examples
from agent.offline.faults import fault_of_value
from agent.validation.comparison import same
from agent.validation.examples import Example
from sessions.errors import UsageError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


def test_the_same_example_twice_counts_once() -> None:
    examples = telling_examples(["f(1) == 2", "f(1) == 2", "f(2) == 3"], "f")
    assert [e.arguments for e in examples] == [(1,), (2,)]


def test_an_assertion_is_an_example() -> None:
    assert read_example("assert f(1) == 2 ", "f", "it") == Example(arguments=(1,), expected=2)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "no examples"),
        (["f(1) == 2"], "one example"),
        (["f(1) == 2", "f(1) == 2"], "one example"),
        (["f(1) == 2", "f(0) == 2", "f(1) == 3"], "examples 1 and 3 contradict"),
        (["f(1) == 2", "f(1) == 2.0"], "contradict"),
        (["f(1) == 2", "f(1, 2) == 3"], "example 1 has 1, example 2 has 2"),
        (["f() == 2", "f() == 2"], "without arguments"),
        ([f"f({'1, ' * 9}) == 2", f"f({'2, ' * 9}) == 3"], "9 arguments are too many"),
        (["f(1) == 2", "f(2) == 2"], "every example gives 2"),
        (["f(1) == 2"] * 51, "51 examples are too many"),
    ],
)
def test_examples_that_do_not_fit_together(texts: list[str], message: str) -> None:
    refused(texts, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "can't be read, '': it is empty"),
        ("nonsense", "is not a call and its result"),
        ("f(1 == 2", "a missing quote or bracket"),
        ("f('a) == 2", "a missing quote or bracket"),
        ("g(2) == 3", "calls 'g', not 'f'"),
        ("os.f(2) == 3", "calls 'os.f', not 'f'"),
        ("f(2)", "does not say what comes out"),
        ("not f(2)", "does not say what comes out"),
        ("f(2) > 3", "compares by >"),
        ("f(2) != 3", "compares by !="),
        ("1 < f(2) < 3", "compares more than once"),
        ("3 == f(2)", "does not begin with a call of f"),
        ("f(x=2) == 3", r"names an argument \(x=…\)"),
        ("f(**{'x': 2}) == 3", r"spreads arguments out \(\*\*\)"),
        ("f(*[2]) == 3", r"spreads arguments out \(\*\)"),
        ("f(f(2)) == 3", "calls f inside"),
        ("f(open('x')) == 3", "calls open inside"),
        ("f(2) == len('ab')", "calls len inside"),
        ("f(__import__('os').getcwd()) == 3", "calls __import__"),
        ("f(os.sep) == 3", "needs os.sep"),
        ("f(ab) == 3", "uses the name 'ab'"),
        ("f(lambda x: x) == 3", "has code"),
        ("f([x for x in 'ab']) == 3", "has code"),
        ("f(f'{1}') == 3", "has an f-string"),
        ("f(2 ** 8) == 3", "calculates 2 \\*\\* 8"),
        ("f(1/0) == 3", "calculates 1 / 0"),
        ("f(2) raises ValueError", "an error is raised"),
        ("f(2) == ValueError", "an error is raised"),
        ("f(2) == 1j", "a value of type complex"),
        ("f(...) == 1", "a value of type ellipsis"),
        ("f(2) == 1e999", "too large"),
        (f"f(0x{'f' * 1200}) == 3", "too large"),
        ("f(2) == " + "9" * 5000, "5008 characters, at most 4000"),
        ("f(" + "[" * 300 + "]" * 300 + ") == 3", "nested|bracket"),
        ("f(" + "[" * 30 + "]" * 30 + ") == 3", "nested"),
        ("f(2) == 3; import os", "bracket|not a call"),
    ],
)
def test_a_text_that_is_no_example_is_named_with_its_fault(text: str, message: str) -> None:
    refused(["f(1) == 2", text], message, "example 2")


def refused(texts: list[str], message: str, label: str = "") -> None:
    with pytest.raises(UsageError, match=message) as caught:
        telling_examples(texts, "f")
    said = str(caught.value)
    assert said.startswith(label)
    assert "\n" not in said
    assert len(said) < 250


@given(st.text(max_size=60))
@example("f(1)\n==\n\n2")
@example("f(\x00) == 1")
def test_whatever_is_typed_is_an_example_or_one_line(text: str) -> None:
    said = "an example"
    try:
        read_example(text, "f", "example 1")
    except UsageError as error:
        said = str(error)
    assert len(said.splitlines()) == 1


@given(st.lists(PLAIN, min_size=1, max_size=3), PLAIN)
def test_plain_values_are_read_as_they_are_shown(arguments: list[Any], expected: Any) -> None:
    if fault_of_value([*arguments, expected]):
        return
    shown = f"f({', '.join(map(repr, arguments))}) == {expected!r}"
    if len(shown) <= 4000:
        read = read_example(shown, "f", "it")
        assert same(read.arguments, tuple(arguments))
        assert same(read.expected, expected)


def test_only_another_result_contradicts() -> None:
    known = [Example(arguments=(1,), expected=2)]
    assert contradiction(known, Example(arguments=(1,), expected=2)) is None
    assert contradiction(known, Example(arguments=(2,), expected=3)) is None
    assert contradiction(known, Example(arguments=(1,), expected=3)) == known[0]

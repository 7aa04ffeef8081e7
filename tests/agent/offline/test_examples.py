"""Examples that teach nothing are refused, each with one line that says why."""

from __future__ import annotations

import pytest

from agent.offline.examples import telling_examples
from sessions.errors import UsageError


def test_the_same_example_twice_counts_once() -> None:
    examples = telling_examples(["f(1) == 2", "f(1) == 2", "f(2) == 3"], "f")
    assert [e.arguments for e in examples] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "one example"),
        (["f(1) == 2"], "one example"),
        (["f(1) == 2", "f(1) == 2"], "one example"),
        (["f(1) == 2", "f(1) == 3"], "contradict"),
        (["f(1) == 2", "f(1) == 2.0"], "contradict"),
        (["f(1) == 2", "f(1, 2) == 3"], "number of arguments"),
        (["f() == 2", "f() == 2"], "one example"),
        (["f(1) == 2", "f(2) == 2"], "every example gives 2"),
        (["f(1) == 2", "g(2) == 3"], "calls 'g', not 'f'"),
        (["f(1) == 2", "f(open('x')) == 3"], "can't be read"),
        (["f(1) == 2", "nonsense"], "can't be read"),
        (["f(1) == 2", "f(2) == " + "9" * 5000], "too long"),
    ],
)
def test_refusals(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        telling_examples(texts, "f")
    assert "\n" not in str(caught.value)

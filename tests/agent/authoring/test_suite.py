"""The tests in hand: what a tester wrote, what the person said, what a referee changed."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.authoring.suite import Suite, claim_of, stated
from agent.authoring.test_module import TestModule, assertion_of
from agent.validation.examples import read_examples
from subagents.outputs import Case, TestSuite

HEAD = "from learned_skills.double import double\n"
WRITTEN = f'''"""Tests."""
from __future__ import annotations
{HEAD}

def helper() -> int:
    return 4


def test_two() -> None:
    """Two."""
    assert double(2) == 4
    assert double(3) == 6


def test_none() -> None:
    assert double(0) == 0
'''


def written(source: str = WRITTEN, *cases: tuple[str, str]) -> TestSuite:
    return TestSuite(
        source=source,
        cases=tuple(Case(call=call, expected=value, reason="it says so") for call, value in cases),
        properties=("double(x) == x + x", "double(x) > 0"),
    )


def made(source: str = WRITTEN, *cases: tuple[str, str], examples: tuple[str, ...] = ()) -> Suite:
    return Suite.of("double", written(source, *cases), examples)


def assertions(suite: Suite) -> list[str]:
    return TestModule("double", suite.source).assertions


def test_what_was_written_stays() -> None:
    suite = made()
    assert ast.unparse(ast.parse(suite.source)) == ast.unparse(ast.parse(WRITTEN))
    assert (suite.written, suite.struck, suite.notes) == (3, 0, ())
    assert suite.properties == ("double(x) == x + x", "double(x) > 0")


def test_cases_that_no_test_holds_become_one() -> None:
    suite = made(WRITTEN, ("double(2)", "4"), ("double(5)", "10"))
    assert assertions(suite) == [
        "double(5) == 10",
        "double(2) == 4",
        "double(3) == 6",
        "double(0) == 0",
    ]
    names = {
        node.name for node in ast.parse(suite.source).body if isinstance(node, ast.FunctionDef)
    }
    assert names == {"helper", "test_two", "test_none", "test_cases"}


@pytest.mark.parametrize("source", ["", "def (", "import pytest\n"])
def test_the_function_is_imported_whatever_was_written(source: str) -> None:
    assert HEAD in made(source, ("double(1)", "2")).source


def test_imports_come_after_what_must_be_first() -> None:
    body = ast.parse(made().source).body
    assert ast.unparse(body[1]) == "from __future__ import annotations"
    assert ast.unparse(body[2]) == HEAD.strip()


def test_what_contradicts_the_person_goes() -> None:
    suite = made(examples=("double(3) == 7", "double(0) == 0"))
    assert assertions(suite) == ["double(2) == 4", "double(0) == 0"]
    assert suite.notes == ("double(3) == 6 went: the person said otherwise",)
    assert suite.written == 2


def test_what_the_person_said_is_a_test_once() -> None:
    said = ("double(2) == 4", "double(9) == 18", "double(0.1) == 0.2", "double(None) == None")
    source = made().saying(said)
    assert "test_examples" in source
    texts = TestModule("double", source).assertions[:3]
    assert texts == [
        "double(9) == 18",
        "math.isclose(double(0.1), 0.2, rel_tol=1e-09, abs_tol=1e-12)",
        "double(None) is None",
    ]
    assert "import math" in source
    assert made().saying(()) == made().source


@pytest.mark.parametrize("example", ["double(1) == [0.1]", "double(1) == {'a': (0.5,)}"])
def test_rounding_in_the_depths_is_left_to_the_gate_for_examples(example: str) -> None:
    [read] = read_examples([example], "double")
    assert assertion_of("double", read) is None


def test_a_correction_takes_the_place_of_what_was_wrong() -> None:
    suite = made().changed({("test_two", "double(3) == 6"): "double(3) == 7"}, ["so"])
    assert assertions(suite) == ["double(2) == 4", "double(3) == 7", "double(0) == 0"]
    assert (suite.struck, suite.notes, suite.is_thin) == (0, ("so",), False)


def test_what_is_struck_leaves_the_rest() -> None:
    suite = made().changed({("test_none", "double(0) == 0"): ""}, [])
    assert assertions(suite) == ["double(2) == 4", "double(3) == 6"]
    assert "test_none" not in suite.source
    assert (suite.struck, suite.is_thin) == (1, False)


def test_a_suite_is_thin_when_more_went_than_is_left() -> None:
    places = [("test_none", "double(0) == 0"), ("test_two", "double(2) == 4")]
    suite = made().changed(dict.fromkeys(places, ""), [])
    assert (suite.struck, suite.is_thin) == (2, True)


def test_a_whole_test_may_be_replaced() -> None:
    source = f"{HEAD}\n\ndef test_it() -> None:\n    for n in [1]:\n        assert double(n) == 3\n"
    suite = made(source).changed({("test_it", ""): "double(1) == 2"}, [])
    assert assertions(suite) == ["double(1) == 2"]


def test_suites_can_be_joined() -> None:
    source = f"import math\n{HEAD}\n\ndef test_two() -> None:\n    assert double(8) == 16\n"
    both = made().joined(made(source))
    assert assertions(both) == [*assertions(made()), "double(8) == 16"]
    assert "def test_two_()" in both.source
    assert both.source.count(HEAD) == 1
    assert "import math" in both.source
    assert both.written == 4


def test_a_property_goes_and_no_test_with_it() -> None:
    suite = made().changed({("", "double(x) > 0"): ""}, [])
    assert suite.properties == ("double(x) == x + x",)
    assert (suite.struck, len(assertions(suite))) == (0, 3)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("double(2) == 4", True),
        ("double(2) < 4", False),
        ("double(2) + 1 == 5", True),
        ("double(3) == 6", None),
        ("double(x=2) == 4", None),
        ("double(2) + double(3) == 10", None),
    ],
)
def test_examples_decide_what_they_speak_of(text: str, verdict: bool | None) -> None:
    claim = claim_of(text, "double")
    assert claim is not None
    assert stated(claim, ["double(2) == 4"]) is verdict


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(values, values)
def test_every_plain_example_becomes_a_claim_that_it_decides(
    argument: object, value: object
) -> None:
    text = f"double({argument!r}) == {value!r}"
    [example] = read_examples([text], "double")
    assertion = assertion_of("double", example)
    assert assertion is not None
    claim = claim_of(assertion, "double")
    assert claim is not None
    assert stated(claim, [text]) is True

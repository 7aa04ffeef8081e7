"""A rendered skill is typed, documented, formatted and says what it does."""

from __future__ import annotations

import doctest
import subprocess
import sys
import types

import pytest

from agent.offline import rendering
from agent.offline.annotations import annotation_of
from agent.offline.rendering import function_source, parameter_names
from agent.validation.examples import Example, read_examples

INITIALS = read_examples(["f('Ada L') == 'AL'", "f('b \\\\ c') == 'BC'"], "f")
EXPRESSION = '"".join(re.findall(r"\\b\\w", text)).upper()'


def rendered() -> str:
    return function_source("f", 'initials of a "name"', ("text",), EXPRESSION, INITIALS)


def test_its_doctests_run() -> None:
    module = types.ModuleType("f")
    exec(rendered(), module.__dict__)
    tests = doctest.DocTestFinder().find(module, "f")
    results = [doctest.DocTestRunner(verbose=False).run(test) for test in tests]
    assert sum(r.attempted for r in results) == 2
    assert sum(r.failed for r in results) == 0


@pytest.mark.parametrize("source", [rendered(), rendering.tests_source("f", INITIALS)])
def test_formatter_and_linter_have_nothing_to_change(source: str) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    checks = ["check", "--isolated", "--select", "E,F,I,D,UP,B", "--ignore", "D100,D103"]
    google = ["--config", "lint.pydocstyle.convention = 'google'"]
    subprocess.run([*ruff, *checks, *google, "-"], input=source, text=True, check=True)
    formatted = subprocess.run(
        [*ruff, "format", "--isolated", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    assert formatted.stdout == source


def test_the_description_cannot_break_out() -> None:
    evil = 'x"""\nimport os\n"""'
    source = function_source("f", evil, ("text",), "text", INITIALS)
    assert "import os\n" not in source
    compile(source, "f", "exec")


@pytest.mark.parametrize(
    ("values", "annotation"),
    [
        ([1, 2], "int"),
        ([1, 2.5], "float"),
        (["a", None], "str | None"),
        ([[1], []], "list[int]"),
        ([(1, "a")], "tuple[int, str]"),
        ([(1,), (1, 2)], "tuple[int, ...]"),
        ([{"a": [1.5]}], "dict[str, list[float]]"),
        ([True, 1], "bool | int"),
        ([[]], "list[object]"),
        ([{1}], "set[int]"),
    ],
)
def test_annotations(values: list[object], annotation: str) -> None:
    assert annotation_of(values) == annotation


def test_parameter_names_by_type_and_never_the_function_itself() -> None:
    def names(*arguments: object, taken: str = "f") -> tuple[str, ...]:
        return parameter_names([Example(arguments=arguments, expected=0)], taken)

    assert names("x") == ("text",)
    assert names("x", "y") == ("text", "text2")
    assert names(1, 2.5) == ("a", "b")
    assert names(1, 2, taken="a") == ("a_", "b")
    assert names([1], 2) == ("items", "n")
    assert names("x", taken="text") == ("text_",)


def test_tests_compare_floats_with_tolerance_and_truth_by_identity() -> None:
    assert "math.isclose(f(1), 0.3)" in rendering.tests_source(
        "f", read_examples(["f(1) == 0.3"], "f")
    )
    assert "assert f(1) is True" in rendering.tests_source(
        "f", read_examples(["f(1) == True"], "f")
    )


def test_a_tuple_that_is_returned_may_have_any_length() -> None:
    examples = read_examples(["f([1]) == (1, 2)"], "f")
    source = function_source("f", "", ("items",), "tuple(items)", examples)
    assert "-> tuple[int, ...]:" in source


def test_what_is_computed_twice_is_assigned_first() -> None:
    examples = read_examples(["f('a b') == 'ab'"], "f")
    expression = "text.split()[0] + text.split()[-1]"
    source = function_source("f", "", ("text",), expression, examples)
    assert source.endswith("    words = text.split()\n    return words[0] + words[-1]\n")

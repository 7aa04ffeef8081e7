"""Functions on tables are judged on this side of the wall, by what leaves the kernel as Arrow."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agent.validation import Candidate, validate
from agent.validation.assertions import NotSimpleError, claims_of
from agent.validation.comparison import same
from agent.validation.plain import NotPlainError, decoded
from agent.validation.running.bench import Bench
from agent.validation.running.inputs import like
from agent.validation.running.values import outcomes
from agent.validation.tables import Made, NotATableError, made
from sessions.kernel.transfer import Outbox
from sessions.session import Session

SOURCE = '''
import pandas as pd

def doubled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the column a doubled.

    Args:
        table: Has a column a.

    Returns:
        Another table.
    """
    return table.assign(a=table["a"] * 2)
'''
HEAD = """
import numpy as np
import pandas as pd
from learned_skills.doubled import doubled

"""
TESTS = (
    HEAD
    + """
def test_frame() -> None:
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    result = doubled(table)
    pd.testing.assert_frame_equal(result, pd.DataFrame({"a": [2, 4], "b": ["x", "y"]}))
    assert result.shape == (2, 2)
    assert list(result.columns) == ["a", "b"]
    assert result["a"].tolist() == [2, 4]
    assert (result["a"] > 1).all()
    assert result["a"].sum() == 6
    assert isinstance(result, pd.DataFrame)
    assert result.equals(pd.DataFrame({"a": [2, 4], "b": ["x", "y"]}))
    assert result.iloc[0]["b"] == "x"
"""
)
IDENTITY = SOURCE.replace(" * 2)", ")")


def candidate(source: str = SOURCE, tests: str = TESTS) -> Candidate:
    return Candidate(name="doubled", source=source, tests=tests)


async def test_a_function_on_tables_is_judged_from_outside(session: Session) -> None:
    verdict = await validate(candidate(), session)
    (tests,) = [finding for finding in verdict.findings if finding.signal == "tests"]
    assert verdict.accepted, verdict.reason
    assert not tests.weaker


@pytest.mark.parametrize(
    "claim",
    [
        'pd.testing.assert_frame_equal(doubled(t), pd.DataFrame({"a": [2, 4]}))',
        'assert doubled(t).shape == (2, 1) and doubled(t)["a"].sum() == 6',
        'assert doubled(t).to_dict("list") == {"a": [2, 4]}',
        'np.testing.assert_array_equal(doubled(t)["a"].values, np.array([2, 4]))',
    ],
)
async def test_a_wrong_table_is_refused(session: Session, claim: str) -> None:
    tests = HEAD + f'def test_it() -> None:\n    t = pd.DataFrame({{"a": [1, 2]}})\n    {claim}\n'
    right = await validate(candidate(tests=tests), session)
    wrong = await validate(candidate(IDENTITY, tests), session)
    assert right.accepted, right.reason
    (finding,) = [finding for finding in wrong.findings if finding.signal == "tests"]
    assert (wrong.accepted, finding.weaker) == (False, False)
    assert "does not hold" in finding.problems[0]


async def test_a_table_that_lies_does_not_get_across(session: Session) -> None:
    liar = '''
import pandas as pd

class Liar(pd.DataFrame):
    def equals(self, other: object) -> bool:
        return True

def doubled(table: pd.DataFrame) -> pd.DataFrame:
    """Lies."""
    return Liar(table)
'''
    tests = HEAD + (
        'def test_it() -> None:\n    t = pd.DataFrame({"a": [1]})\n'
        '    assert doubled(t).equals(pd.DataFrame({"a": [2]}))\n'
    )
    assert not (await validate(candidate(liar, tests), session)).accepted


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("pd.DataFrame({'a': [1, None], 'b': ['x', 'é']})", None),
        ("pd.Series([1.5, 2.5], name='n', index=['p', 'q'])", None),
        ("np.array([[1, 2], [3, 4]])", None),
        ("[pd.Series([1]), {'k': np.array([True])}]", None),
        ("np.int64(3)", 3),
        ("np.float64(0.5)", 0.5),
    ],
)
async def test_what_leaves_is_what_was_there(bench: Bench, expression: str, expected: Any) -> None:
    source = f"import numpy as np\nimport pandas as pd\ndef f(n):\n    return {expression}\n"
    (value,) = await outcomes(Candidate(name="f", source=source), bench, [((1,), ())])
    wanted = eval(expression, {"pd": pd, "np": np}) if expected is None else expected
    assert same(value, wanted)


@pytest.mark.parametrize(
    "told",
    [
        ["x", ["frame", [b"{}", b"ARROW1"]]],
        ["x", ["pickle", [b"cos\nsystem\n"]]],
        ["x", ["array", [b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False}"]]],
        ["x", ["array", []]],
        ["x", [[], []]],
        ["x", 3],
    ],
)
def test_what_nobodys_code_writes_is_no_table(told: Any) -> None:
    with pytest.raises(NotPlainError):
        decoded(told)


def written(value: Any) -> Any:
    """A value as a kernel tells it."""
    outbox = Outbox()
    told = outbox.put("value", {"value": value})
    parts = [bytes(outbox.piece(i, 0, size)) for i, size in enumerate(told["sizes"])]
    return ["x", [told["format"], parts]]


@pytest.mark.parametrize(
    "value",
    [
        np.empty((2**40, 0)),
        pd.DataFrame(index=pd.RangeIndex(2**27)),
        pd.DataFrame(columns=pd.RangeIndex(2)),
    ],
)
def test_what_would_fill_the_memory_is_no_table(value: Any) -> None:
    if len(value) == 0:
        assert same(decoded(written(value)), value)
    else:
        with pytest.raises(NotPlainError):
            decoded(written(value))


def test_tables_differ_by_type_index_and_values() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    assert same(frame, pd.DataFrame({"a": [1.0, 2.0 + 1e-12]}))
    assert not same(frame, pd.DataFrame({"a": [1, 2]}))
    assert not same(frame, frame.iloc[::-1])
    assert not same(frame["a"], frame)
    assert same(np.array([1, 2]), [1, 2])
    assert same(np.array([0.1]), np.array([0.1 + 1e-13]))
    assert not same(np.array([1, 2]), np.array([1, 3]))


@pytest.mark.parametrize(
    "text",
    [
        "pd.read_pickle('x')",
        "pd.DataFrame(open('/etc/passwd'))",
        "np.array(['a'], dtype='U999999999')",
        "pd.DataFrame({'a': [1]}, copy=True)",
        "pd.DataFrame(f())",
        "print(1)",
        "pd.DataFrame()",
    ],
)
def test_only_literals_make_tables(text: str) -> None:
    with pytest.raises(NotATableError):
        made(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "claim",
    [
        "f(1).to_csv('/tmp/x')",
        "f(1).query('a > 1')",
        "f(1).eval('a')",
        "f(1).apply(print)",
        "f(1).__class__",
        "f(1).values.dump('x')",
        "pd.eval('1')",
        "np.load('x')",
        "f(1).astype('U999999999').all()",
    ],
)
def test_claims_calculate_and_do_nothing_else(claim: str) -> None:
    (function,) = ast.parse(f"def test_it() -> None:\n    assert {claim}\n").body
    assert isinstance(function, ast.FunctionDef)
    for found in claims_of(function, "f") or []:
        with pytest.raises(NotSimpleError):
            found.holds(dict.fromkeys(found.calls, pd.DataFrame({"a": [1]})))


def test_what_a_call_left_behind_is_not_judged_from_outside() -> None:
    lines = ("x = [1]", "y = f(x)", "assert y == [2]", "assert x == [1]")
    text = "\n    ".join(["def test_it() -> None:", *lines])
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    assert claims_of(function, "f") is None


def test_tables_like_a_table() -> None:
    first = Made("pandas.DataFrame", {"a": [1, 2, 3], "b": ["x", "y", "z"]})
    found = [repr(arguments[0]) for arguments in like([(first,)], 20)]
    assert "pandas.DataFrame({'a': [1, 2], 'b': ['x', 'y']})" in found
    assert len(found) == len(set(found)) == 20


async def test_mutants_of_a_function_on_tables_are_noticed(session: Session) -> None:
    verdict = await validate(candidate(), session)
    (mutation,) = [finding for finding in verdict.findings if finding.signal == "mutation"]
    assert "broken variants noticed" in (mutation.success or mutation.problems[0])


@pytest.mark.parametrize(
    ("example", "holds"),
    [
        ('doubled(pd.DataFrame({"a": [1]})) == pd.DataFrame({"a": [2]})', True),
        ('doubled(pd.DataFrame({"a": [1]})) == pd.DataFrame({"a": [1]})', False),
        ('doubled(pd.DataFrame({"a": [1]})) == 2', False),
        ('doubled(pd.DataFrame({"a": [1]})) == pd.DataFrame({"a": [1]}, index=[1, 2])', False),
        ('doubled(pd.read_csv("x")) == 2', False),
        ('other(pd.DataFrame({"a": [1]})) == 2', False),
    ],
)
async def test_examples_may_be_tables(session: Session, example: str, holds: bool) -> None:
    told = Candidate(name="doubled", source=SOURCE, examples=(example,))
    verdict = await validate(told, session)
    assert verdict.accepted is holds, verdict.reason

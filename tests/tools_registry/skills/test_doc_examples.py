"""Examples of a docstring become tests that hold exactly when `doctest` says so."""

from __future__ import annotations

import doctest
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import UsageError
from tools_registry.skills.doc_examples import as_call, as_test, doc_examples


def source(doc: str) -> str:
    lines = "\n".join(f"    {line}" if line else "" for line in doc.splitlines())
    return f'def f(x=None):\n    r"""Text.\n\n{lines}\n    """\n    return BODY(x)\n'


def holds(doc: str, body: object) -> bool:
    """Run the test here: in the tests of a test, the code is ours."""
    module = types.ModuleType("learned_skills.f")
    module.__dict__["BODY"] = body
    exec(source(doc), module.__dict__)
    package = types.ModuleType("learned_skills")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "learned_skills", package)
        patch.setitem(sys.modules, "learned_skills.f", module)
        space: dict[str, object] = {}
        exec(as_test(doc_examples(source(doc), "f"), "f"), space)
        try:
            space["test_docstring_examples"]()  # type: ignore[operator]  # from exec
        except AssertionError:
            return False
        return True


def say(x: object) -> object:
    print("said", x)
    return None


def fail(x: object) -> object:
    msg = f"no {x}"
    raise ValueError(msg)


@pytest.mark.parametrize(
    ("doc", "body", "expected"),
    [
        (">>> f(1)\n1", lambda x: x, True),
        (">>> f(1)\n2", lambda x: x, False),
        (">>> f(1)\nTrue", lambda x: x, False),
        (">>> f('a')\n'a'", lambda x: x, True),
        (">>> f(1)", lambda x: None, True),
        (">>> f(1)", lambda x: x, False),
        (">>> f(1)\n1", fail, False),
        (">>> f(1)\nsaid 1", say, True),
        (">>> f(1)\nsaid 2", say, False),
        (">>> y = f(2)\n>>> y + 1\n3", lambda x: x, True),
        (">>> for i in range(2):\n...     print(f(i))\n0\n1", lambda x: x, True),
        (">>> f(1)\nTraceback (most recent call last):\n    ...\nValueError: no 1", fail, True),
        (">>> f(1)\nTraceback (most recent call last):\n    ...\nValueError: no 2", fail, False),
        (
            ">>> f(1)\nTraceback (most recent call last):\n    ...\nValueError: no 1",
            lambda x: x,
            False,
        ),
        (">>> f('''a\n... b''')\n'a\\nb'", lambda x: x, True),
        (">>> f(1)  # doctest: +SKIP\n2\n>>> f(1)\n1", lambda x: x, True),
        (">>> f(range(9))  # doctest: +ELLIPSIS\n[0, ..., 8]", list, True),
        (">>> f(range(9))\n[0, ..., 8]", list, False),
        (">>> print(f(1))\n<BLANKLINE>\n1", lambda x: f"\n{x}", True),
    ],
)
def test_they_hold_when_doctest_says_so(doc: str, body: object, expected: bool) -> None:
    assert holds(doc, body) is expected


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_plain_value(value: object) -> None:
    doc = f">>> f({value!r})\n{value!r}" if value is not None else ">>> f(None)"
    if "\n" not in repr(value) and "<BLANKLINE>" not in repr(value):
        assert holds(doc, lambda x: x)


def test_no_examples_are_no_test() -> None:
    assert doc_examples("def f(): ...\n", "f") == ()
    assert as_test((), "f") == ""


@pytest.mark.parametrize("doc", [">>> f(\n1", ">>>f(1)\n1", ">>> f(1)\n... )\n1"])
def test_examples_that_can_not_be_read_are_told(doc: str) -> None:
    with pytest.raises(UsageError, match="the examples in the docstring of f can't be read"):
        doc_examples(source(doc), "f")


def test_a_call_with_its_result_is_told_as_such() -> None:
    parse = doctest.DocTestParser().get_examples
    calls = [as_call(e) for e in parse(">>> f( 1 )\n2\n>>> f(2)\n>>> f(3)\n'x'\n")]
    assert calls == ["f( 1 ) == 2", "", "f(3) == 'x'"]

"""Docstrings are read for their parts, whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st

from tools_registry.docstrings import split

DOC = """Count the words of a text,
however they are spaced.

Longer explanation: it has a colon.

Args:
    text: What to count in; lines
        may go on.
    *more (str): Further texts.
    lower_case: Whether case matters.

Returns:
    other: not an argument.

Examples:
    >>> count("a b")
    2
    >>> import math
    >>> count(
    ...     "a"
    ... )
    1

    >>> shout()
    line one
    line two
"""


def test_summary_is_the_first_paragraph_on_one_line() -> None:
    assert split(DOC).summary == "Count the words of a text, however they are spaced."


def test_args_are_those_of_the_section_alone() -> None:
    assert split(DOC).args == {
        "text": "What to count in; lines may go on.",
        "more": "Further texts.",
        "lower_case": "Whether case matters.",
    }


def test_examples_are_those_that_print_something() -> None:
    assert split(DOC).examples == (
        ('count("a b")', "2"),
        ('count(\n    "a"\n)', "1"),
        ("shout()", "line one\nline two"),
    )


@given(st.text() | st.lists(st.sampled_from([*DOC.splitlines(), ">>> ", "... "])).map("\n".join))
def test_any_text_is_accepted(text: str) -> None:
    doc = split(text)

    assert doc.text == text
    assert "\n" not in doc.summary

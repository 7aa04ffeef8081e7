"""What a text asks for."""

from __future__ import annotations

import pytest
from pydantic_ai import messages as told

from agent.authoring import Commission
from agent.authoring.ordering import ordered, said_by_person
from sessions.errors import UsageError

DOUBLE = "double(x: int) -> int"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Write a function that doubles.", ""),
        ("Write a function double(x) that doubles.", "double"),
        ("a function called `double`, please", "double"),
        ("a function called on import", ""),
        ("def double(x: int) -> int: twice a number", "double"),
        ("so that double(1) == 2 and double(2) == 4", "double"),
        ("so that double(1) == 2 and half(2) == 1", ""),
        ("function double(x) or function half(x)", ""),
    ],
)
def test_a_name_is_read_from_the_text(text: str, name: str) -> None:
    assert Commission.of(text).name == name


def test_a_signature_is_read_from_the_text() -> None:
    signature = Commission.of("Please:\ndef double(x: int) -> int:\n    ...").signature
    assert signature is not None
    assert signature.text == DOUBLE
    assert Commission.of("def a(): or def b():").signature is None
    assert Commission.of("def a(x) -> int: and def b(): there", name="b").name == "b"
    assert Commission.of("def double(x=open('f')): no").signature is None


def test_examples_are_read_from_the_text_and_said_once() -> None:
    wanted = Commission.of("double(1) -> 2, double(2) gives 4", examples=["double( 1 ) = 2"])
    assert wanted.examples == ("double(1) == 2", "double(2) == 4")
    assert wanted.with_examples(["double(2) == 4"]).examples == wanted.examples


@pytest.mark.parametrize(
    ("task", "name", "examples", "says"),
    [
        (" ", "", [], "the request is empty"),
        ("twice", "Double", [], "can't be the name of a skill"),
        ("twice", "double", ["double(x) == 2"], "can't be read"),
        ("twice", "double", ["half(1) == 2"], "calls 'half', not 'double'"),
        ("twice", "double", ["double(1) == 2", "double(1) == 3"], "contradict each other"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    task: str, name: str, examples: list[str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        Commission.of(task, name, examples)


def test_who_takes_a_word_back_has_meant_the_second() -> None:
    assert Commission.of("double(1) == 3, no, double(1) == 2").examples == ("double(1) == 2",)


def test_only_what_the_person_said_is_stated() -> None:
    said = ["Good day.", "a function double(x): double(2) == 4"]
    wanted = ordered("doubles x", "double", ["double(2) == 4", "double(3) == 7"], said)
    assert wanted.examples == ("double(2) == 4",)
    assert wanted.name == "double"
    assert wanted.task.startswith("doubles x\n\n")
    assert "In the person's own words, which outrank the above: a function double(x)" in wanted.task
    assert "Examples that the person did not state: double(3) == 7" in wanted.task


def test_the_persons_own_words_are_not_repeated() -> None:
    assert ordered("doubles x", "", [], ["Write what doubles x."]).task == "doubles x"


def test_the_person_says_requests_and_answers() -> None:
    history: list[told.ModelMessage] = [
        told.ModelRequest(parts=[told.UserPromptPart(content="one"), told.SystemPromptPart("no")]),
        told.ModelResponse(parts=[told.TextPart(content="f(1) == 2")]),
        told.ModelRequest(
            parts=[
                told.ToolReturnPart(tool_name="ask_user", content="two", tool_call_id="a"),
                told.ToolReturnPart(tool_name="run_code", content="f(2) == 3", tool_call_id="b"),
                told.UserPromptPart(content=["three"]),
            ]
        ),
    ]
    assert said_by_person(history) == ["one", "two", "three"]

"""Questions to the person: before the code, and on what tells it from functions like it."""

from __future__ import annotations

import asyncio

import pytest

from agent.authoring import Authored, Commission, Workshop
from agent.authoring.asker import Asker, Nobody
from agent.authoring.interview import answer_of
from agent.events import Question
from agent.validation.questions import Answer
from tests.agent.authoring.conftest import (
    RIGHT,
    TASK,
    Cast,
    Stage,
    Visitor,
    code,
    review,
    suite,
)

WANTED = Commission.of(TASK)
UNSURE = code("", questions=["Does zero count as even?"])


async def written(workshop: Workshop, visitor: Visitor, wanted: Commission = WANTED) -> Authored:
    from agent.authoring import Author

    return await Author(workshop, visitor).write(wanted)


class Oracle(Visitor):
    """Answers as the right function would, or another one."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self._function = function

    async def ask(self, question: Question) -> str | None:
        self.questions.append(question)
        call = question.question.partition("even_squares(")[2].partition("])")[0] + "]"
        return repr(self._function(eval(call)))  # type: ignore[operator]  # a function


def even_squares(numbers: list[int]) -> int:
    return sum(number * number for number in numbers if number % 2 == 0)


async def test_answers_that_agree_become_examples(stage: Stage) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    visitor = Oracle(even_squares)
    done = await written(stage(cast), visitor)
    assert done.outcome == "accepted"
    assert 1 <= len(visitor.questions) <= 3
    assert done.best is not None
    signals = {item.signal: item for item in done.best.evidence}
    assert signals["questions"].passed
    assert signals["review"].passed  # what was said before the questions still counts
    assert f"{len(visitor.questions)} of" in signals["examples"].detail
    assert "def test_examples" in done.best.tests
    assert cast.counts["reviewer"] == 1


async def test_an_answer_that_disagrees_goes_to_the_next_attempt(stage: Stage) -> None:
    positive = RIGHT.replace("number % 2 == 0)", "number % 2 == 0 and number > 0)")
    tests = suite(("even_squares([2, 3, 4])", "20"), ("even_squares([])", "0"))
    cast = Cast(
        code_generator=[code(positive), code()],
        test_generator=[tests],
        reviewer=[review(), review()],
    )
    visitor = Oracle(lambda numbers: -1)
    done = await written(stage(cast), visitor)
    assert done.tried[0].accepted is False
    assert done.tried[0].failures[0].startswith("questions: ")
    assert "-1" in cast.told("code_generator", 1)
    assert "# What must hold" in cast.told("code_generator", 1)


async def test_unattended_it_is_asked_once_and_goes_on(stage: Stage) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    visitor = Visitor()
    done = await written(stage(cast), visitor)
    assert (done.outcome, len(visitor.questions)) == ("accepted", 1)
    assert done.questions == ()


async def test_a_question_that_stands_before_all_code_needs_an_answer(stage: Stage) -> None:
    cast = Cast(code_generator=[UNSURE])
    done = await written(stage(cast), Visitor())
    assert done.outcome == "needs_input"
    assert [question.question for question in done.questions] == ["Does zero count as even?"]
    assert "Does zero count as even?" in done.account
    assert cast.counts == {"code_generator": 1}


async def test_an_answer_goes_to_all_who_work_at_it(stage: Stage) -> None:
    cast = Cast(code_generator=[UNSURE, code()], test_generator=[suite()], reviewer=[review()])
    done = await written(stage(cast), Visitor("It does."))
    assert (done.outcome, len(done.tried)) == ("accepted", 1)
    for role in ("code_generator", "test_generator", "reviewer"):
        assert "Does zero count as even? → It does." in cast.told(role)


async def test_the_reviewer_knows_what_the_person_stated(stage: Stage) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    wanted = WANTED.with_examples(["even_squares([2]) == 4"])
    await written(stage(cast), Visitor(), wanted)
    held = cast.told("reviewer").partition("# What must hold")[2].partition("# Code")[0]
    assert "even_squares([2]) == 4" in held


async def test_what_is_left_open_is_told(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code(questions=["What of floats?"], assumptions=["All are whole."])],
        test_generator=[suite(questions=["even_squares(None)?"])],
        reviewer=[review()],
    )
    done = await written(stage(cast), Visitor())
    for part in ("- What of floats?", "- even_squares(None)?", "It assumes:\n- All are whole."):
        assert part in done.account


@pytest.mark.parametrize(
    ("reply", "options", "answer"),
    [
        ("3", (1, 2), Answer(3)),
        (" [1, 2] ", ([1],), Answer([1, 2])),
        ("abc", ("x",), Answer("abc")),
        ("'abc'", ("x",), Answer("abc")),
        ("5", ("x",), Answer("5")),
        ("I don't know", (1, 2), None),
        ("", (1,), None),
    ],
)
def test_a_reply_is_a_value_or_none(
    reply: str, options: tuple[object, ...], answer: Answer | None
) -> None:
    assert answer_of(reply, options) == answer


class Slow(Nobody):
    """A person who thinks for longer than an attempt may take."""

    async def ask(self, question: Question) -> str | None:
        await asyncio.sleep(0.3)
        return " yes "


async def test_the_clock_stops_while_the_person_thinks() -> None:
    asker = Asker(Slow())
    async with asker.within(0.2):
        assert await asker.ask(Question(question="Well?")) == "yes"
    with pytest.raises(TimeoutError):
        async with asker.within(0.05):
            await asyncio.sleep(5)


async def test_where_nobody_answered_nobody_is_asked_again() -> None:
    visitor = Visitor()
    asker = Asker(visitor)
    assert [await asker.ask(Question(question=text)) for text in ("a", "b")] == [None, None]
    assert [question.question for question in visitor.questions] == ["a"]
    assert not asker.attended

"""Who is wrong, by the person's words alone."""

from __future__ import annotations

import pytest

from subagents import Dispute, Disputed, Referee, Runner
from tests.subagents.conftest import Serve, anthropic, deliver, openai_chat, told
from tests.support.wire import Json

TASK = "Sum the squares of the even numbers"
DISPUTE = Dispute(
    task=TASK,
    name="even_squares",
    tests=(
        Disputed(test="even_squares([2, 3]) == 13", gave="even_squares([2, 3]) gave 4"),
        Disputed(test="even_squares([]) == None", gave="even_squares([]) gave 0"),
    ),
    examples=("even_squares([4]) == 16",),
    answers=(("What of zero?", "Zero is even."),),
)
WRONG: Json = {
    "number": 1,
    "wrong": "test",
    "why": "3 is odd.",
    "quote": "even numbers",
    "correct": "even_squares([2, 3]) == 4",
}
OPEN: Json = {"number": 2, "wrong": "open", "why": "Nothing is said of no numbers."}
GOOD: Json = {"decisions": [WRONG, OPEN]}


def ruling(**changes: object) -> Json:
    return {"decisions": [{**WRONG, **changes}, OPEN]}


async def test_it_is_told_what_both_sides_say_and_no_code(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(**GOOD))
    output = await Referee(openai_chat(server), runner=runner).run(DISPUTE)
    assert [decision.wrong for decision in output.decisions] == ["test", "open"]
    said = told(server)
    for part in (TASK, "1. the test demands: even_squares([2, 3]) == 13", "gave 4", "Zero is even"):
        assert part in said
    assert "even_squares([4]) == 16" in said


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"decisions": [WRONG]}, "decide each of the 2 tests in dispute once"),
        ({"decisions": [WRONG, WRONG]}, "decide each of the 2 tests in dispute once"),
        ({"decisions": [WRONG, {**OPEN, "number": 3}]}, "decide each of the 2"),
        (ruling(quote="all the numbers"), "is not in the person's words"),
        (ruling(quote=""), "is not in the person's words"),
        (ruling(wrong="code", quote="x"), "is not in the person's words"),
        (ruling(correct="True"), "must compare what even_squares gives"),
        (ruling(correct="even_squares([2, 3]) == even_squares([2, 3])"), "a value that is written"),
        (ruling(correct="4 == 4"), "a value that is written out"),
        (ruling(correct="even_squares([2]) == 4"), "the call in dispute, and of no other"),
        (ruling(correct="even_squares([2, 3]) == 13"), "is the test itself"),
        (ruling(correct="x = 1"), "is not one expression"),
    ],
)
async def test_a_ruling_that_does_not_hold_goes_back(
    serve: Serve, runner: Runner, bad: Json, says: str
) -> None:
    server = serve(deliver(**bad), deliver(**GOOD))
    await Referee(anthropic(server), runner=runner).run(DISPUTE)
    assert len(server.bodies) == 2
    assert says in told(server)


@pytest.mark.parametrize(
    "good", [ruling(quote=" EVEN\nnumbers "), ruling(quote="Zero is even"), ruling(correct="")]
)
async def test_quotes_go_by_words_and_some_tests_can_only_go(
    serve: Serve, runner: Runner, good: Json
) -> None:
    server = serve(deliver(**good))
    await Referee(anthropic(server), runner=runner).run(DISPUTE)
    assert len(server.bodies) == 1

"""Where code and tests disagree: wrong tests are put right, the person is never overruled."""

from __future__ import annotations

import dataclasses

from agent.authoring import Authored, Commission
from agent.events import TestsCorrected
from tests.agent.authoring.conftest import (
    CASES,
    TASK,
    WRONG,
    Cast,
    Stage,
    Visitor,
    author,
    code,
    decision,
    review,
    ruling,
    suite,
)
from tests.support.runs import of_type

WANTED = Commission.of(TASK)
MISTAKE = ("even_squares([2, 5])", "29")
CORRECTED = "even_squares([2, 5]) == 4"


async def written(
    stage: Stage, cast: Cast, wanted: Commission = WANTED
) -> tuple[Authored, Visitor]:
    writer, visitor = author(stage(cast))
    return await writer.write(wanted), visitor


def referee_says(done: Authored) -> str:
    assert done.best is not None
    return "".join(item.detail for item in done.best.evidence if item.signal == "referee")


async def test_a_wrong_test_is_corrected_and_the_evidence_says_so(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(*CASES, MISTAKE)],
        referee=[ruling(decision(wrong="test", why="Five is odd.", correct=CORRECTED))],
        reviewer=[review()],
    )
    done, visitor = await written(stage, cast)
    assert (done.outcome, len(done.tried)) == ("accepted", 1)
    assert done.best is not None
    assert CORRECTED in done.best.tests
    assert "29" not in done.best.tests
    note = "`even_squares([2, 5]) == 29` became `even_squares([2, 5]) == 4`: Five is odd."
    assert note in referee_says(done)
    assert '("squares of the even numbers")' in referee_says(done)
    assert note in done.account
    [event] = of_type(visitor.events, TestsCorrected)
    assert CORRECTED in event.source
    told = cast.told("referee")
    assert "1. the test demands: even_squares([2, 5]) == 29" in told
    assert "the code: even_squares([2, 5]) gave 4" in told
    assert "return sum" not in told


async def test_what_the_request_does_not_decide_is_no_test_but_an_open_point(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(*CASES, MISTAKE)],
        referee=[ruling(decision(wrong="open", why="Nobody spoke of five."))],
        reviewer=[review()],
    )
    done, _ = await written(stage, cast)
    assert done.outcome == "accepted"
    assert "The request does not say:\n- even_squares([2, 5]) == 29: Nobody spoke" in done.account
    assert done.best is not None
    assert "29" not in done.best.tests


async def test_who_is_blamed_once_is_not_judged_again_for_the_same(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code(WRONG), code(WRONG), code()],
        test_generator=[suite()],
        referee=[ruling(*[decision(n) for n in (1, 2, 3, 4)])],
        reviewer=[review()],
    )
    done, _ = await written(stage, cast)
    assert done.outcome == "accepted"
    assert cast.counts["referee"] == 1


async def test_what_the_person_stated_never_comes_before_the_referee(stage: Stage) -> None:
    """The code fails an example; that a test says the same gives nobody a say in it."""
    cast = Cast(
        code_generator=[code(WRONG), code()],
        test_generator=[suite()],
        referee=[ruling(decision(wrong="test", correct="even_squares([2]) == 0"))],
        reviewer=[review()],
    )
    wanted = WANTED.with_examples(["even_squares([2]) == 4"])
    done, _ = await written(stage, cast, wanted)
    assert (done.outcome, len(done.tried)) == ("accepted", 2)
    assert "referee" not in cast.counts
    assert done.tried[0].failures == ("even_squares([2]) gave 0, not 4",)
    assert done.best is not None
    assert "assert even_squares([2]) == 4" in done.best.tests


async def test_even_if_examples_were_advice_the_referee_cannot_touch_them(stage: Stage) -> None:
    tested = ("even_squares([2])", "4")
    cast = Cast(
        code_generator=[code(WRONG)],
        test_generator=[suite(tested, ("even_squares([])", "0"))],
    )
    workshop = dataclasses.replace(stage(cast), attempts=1)
    lenient = workshop.validator.rules.blocking - {"examples"}
    rules = dataclasses.replace(workshop.validator.rules, blocking=lenient)
    validator = dataclasses.replace(workshop.validator, rules=rules)
    writer, _ = author(dataclasses.replace(workshop, validator=validator))
    done = await writer.write(WANTED.with_examples(["even_squares([2]) == 4"]))
    assert done.outcome == "partial"
    assert "referee" not in cast.counts
    assert "even_squares([2]) gave 0; demanded is even_squares([2]) == 4" in done.account


async def test_a_test_that_contradicts_the_person_goes_without_being_asked_for(
    stage: Stage,
) -> None:
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(*CASES, ("even_squares([2])", "5"))],
        reviewer=[review()],
    )
    done, _ = await written(stage, cast, WANTED.with_examples(["even_squares([2]) == 4"]))
    assert done.outcome == "accepted"
    assert "referee" not in cast.counts
    assert "even_squares([2]) == 5 went: the person said otherwise" in referee_says(done)


async def test_a_correction_that_contradicts_the_person_is_void(stage: Stage) -> None:
    source = (
        "from learned_skills.even_squares import even_squares\n\n\n"
        "def test_both():\n    assert even_squares([2]) + even_squares([4]) == 99\n"
    )
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(*CASES, source=source)],
        referee=[ruling(decision(wrong="test", correct="even_squares([2]) == 5"))],
    )
    writer, visitor = author(dataclasses.replace(stage(cast), attempts=1))
    done = await writer.write(WANTED.with_examples(["even_squares([2]) == 4"]))
    assert done.outcome == "partial"
    assert done.best is not None
    assert "== 5" not in done.best.tests
    assert "== 99" in done.best.tests
    assert of_type(visitor.events, TestsCorrected) == []


async def test_a_referee_that_drops_every_test_gets_new_ones_instead(stage: Stage) -> None:
    drop_all = ruling(*[decision(n, wrong="open") for n in (1, 2, 3, 4)])
    cast = Cast(
        code_generator=[code(WRONG)] * 2,
        test_generator=[suite(), suite()],
        referee=[drop_all] * 4,
    )
    writer, _ = author(dataclasses.replace(stage(cast), attempts=2))
    done = await writer.write(WANTED)
    assert done.outcome == "partial"
    assert cast.counts["test_generator"] == 2
    assert "all were written anew" in referee_says(done)
    assert done.best is not None
    assert "assert even_squares([-2]) == 4" in done.best.tests  # of the new ones none could go


async def test_what_is_left_after_a_ruling_must_still_tell_right_from_wrong(stage: Stage) -> None:
    """Two weak tests are left of three: mutation blocks, and the tests are written anew."""
    weak = [("even_squares([])", "0"), ("even_squares([0])", "0")]
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(*weak, MISTAKE), suite()],
        referee=[ruling(decision(wrong="open"))],
        reviewer=[review(), review()],
    )
    done, _ = await written(stage, cast)
    assert (done.outcome, cast.counts["test_generator"]) == ("accepted", 2)
    assert done.best is not None
    assert "assert even_squares([-2]) == 4" in done.best.tests


async def test_a_property_of_the_testers_may_be_wrong_too(stage: Stage) -> None:
    wrong = "even_squares(numbers) > 0"
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(properties=[wrong])],
        referee=[ruling(decision(wrong="test", why="No numbers give zero."))],
        reviewer=[review()],
    )
    done, _ = await written(stage, cast)
    assert done.outcome == "accepted"
    assert f"`{wrong}` went: No numbers give zero." in referee_says(done)


async def test_a_test_that_only_the_kernel_can_judge_may_be_wrong_too(stage: Stage) -> None:
    source = (
        "import pytest\nfrom learned_skills.even_squares import even_squares\n\n\n"
        "def test_refuses():\n    with pytest.raises(ValueError):\n        even_squares([7])\n"
    )
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(source=source)],
        referee=[ruling(decision(wrong="test", correct="even_squares([7]) == 0"))],
        reviewer=[review()],
    )
    done, _ = await written(stage, cast)
    assert done.outcome == "accepted"
    assert done.best is not None
    assert "pytest.raises" not in done.best.tests
    assert "assert even_squares([7]) == 0" in done.best.tests
    assert "with pytest.raises" in cast.told("referee")

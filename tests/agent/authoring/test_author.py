"""The loop from a request to a function that has earned its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from agent.authoring import Commission
from agent.build import new_keeper
from agent.events import AttemptJudged
from agent.settings import Settings
from sessions.errors import KernelError, UsageError
from sessions.session import Session
from tests.agent.authoring.conftest import (
    CLIENTS,
    RIGHT,
    TASK,
    UNSAFE,
    WORSE,
    WRONG,
    Cast,
    Client,
    Stage,
    approaches,
    blame_code,
    code,
    deliver,
    kept,
    review,
    saved,
    suite,
    written,
)
from tests.support.runs import of_type
from tests.support.wire import Json
from tools_registry.skills.skill import Provenance


@pytest.mark.parametrize("client", CLIENTS)
async def test_success_at_the_first_attempt(stage: Stage, workspace: Path, client: Client) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    workshop = stage(cast, client)
    done, visitor = await written(workshop)
    assert (done.outcome, len(done.tried), approaches(visitor)) == ("accepted", 1, ["generate"])
    assert cast.counts == {"code_generator": 1, "test_generator": 1, "reviewer": 1}
    assert set(workshop.runner.tally.by_role) == set(cast.counts)
    draft = done.draft(Provenance(model="m"), "provisional")
    assert (draft.name, draft.source, draft.status) == ("even_squares", RIGHT, "provisional")
    assert "assert even_squares([-2]) == 4" in draft.tests
    passed = {item.signal for item in draft.evidence if item.passed}
    assert {"syntax", "security", "tests", "types", "mutation", "review"} <= passed
    assert "accepted at attempt 1" in done.account
    [event] = of_type(visitor.events, AttemptJudged)
    assert (event.accepted, event.source) == (True, RIGHT)
    [line] = kept(workspace)
    assert (line["source"], line["task"], line["accepted"]) == (RIGHT, TASK, True)


async def test_success_at_the_third_attempt(stage: Stage, workspace: Path) -> None:
    cast = Cast(
        code_generator=[code(WRONG), code(WORSE), code()],
        test_generator=[suite()],
        referee=[blame_code(4), blame_code(1)],
        reviewer=[review()],
    )
    done, visitor = await written(stage(cast))
    assert (done.outcome, approaches(visitor)) == ("accepted", ["generate", "mend", "mend"])
    assert cast.counts["test_generator"] == 1
    told = cast.told("code_generator", 1)
    assert "# Mend this draft" in told
    assert WRONG.splitlines()[-1] in told
    smallest = "even_squares([-2]) gave 0; demanded is even_squares([-2]) == 4 · Minus two is even."
    assert smallest in told
    assert "[1, 3, 5, 10, 12]" not in told  # one example, not all of them
    assert "· 3 more like this" in told
    assert [line["accepted"] for line in kept(workspace)] == [False, False, True]
    assert kept(workspace)[0]["failures"] == list(done.tried[0].failures)


async def test_success_at_the_fifth_attempt_by_another_approach(stage: Stage) -> None:
    first = code(WRONG, explanation="It takes the odd ones.\nAt length.")
    cast = Cast(
        code_generator=[first, first, first, code(WORSE, explanation="It adds."), code()],
        test_generator=[suite()],
        referee=[blame_code(4), blame_code(2)],
        reviewer=[review()],
    )
    done, visitor = await written(stage(cast))
    assert done.outcome == "accepted"
    assert approaches(visitor) == ["generate", "mend", "mend", "afresh", "afresh"]
    fourth, fifth = cast.told("code_generator", 3), cast.told("code_generator", 4)
    for told in (fourth, fifth):
        assert "# Mend this draft" not in told
        assert "gave" not in told
        assert "It takes the odd ones." in told
        assert "At length" not in told
    assert "It adds." in fifth


async def test_five_attempts_that_fail_end_in_a_plain_account(
    stage: Stage, workspace: Path
) -> None:
    cast = Cast(
        code_generator=[code(UNSAFE), *[code(WRONG)] * 4],
        test_generator=[suite()],
        referee=[blame_code(4)],
    )
    done, visitor = await written(stage(cast))
    assert (done.outcome, len(done.tried)) == ("partial", 5)
    for part in (
        "even_squares is not finished and not saved: 5 attempts did not pass every check",
        "It passes: syntax,",
        "It fails: tests",
        "even_squares([-2]) gave 0; demanded is even_squares([-2]) == 4",
        "What to try: say what should come out for this input",
        WRONG.rstrip(),
    ):
        assert part in done.account
    assert "even_squares([-2]) gave 0" in visitor.questions[0].context
    assert done.questions == tuple(visitor.questions)
    assert len(kept(workspace)) == 5
    assert saved(workspace) == []
    with pytest.raises(UsageError, match="nothing was accepted"):
        done.draft(Provenance(), "provisional")


async def test_the_person_is_asked_after_five_attempts_and_heard(stage: Stage) -> None:
    cast = Cast(
        code_generator=[*[code(WRONG)] * 5, code()],
        test_generator=[suite()],
        referee=[blame_code(4), blame_code(4)],
        reviewer=[review()],
    )
    done, visitor = await written(stage(cast), "Minus two is even, of course.")
    assert (done.outcome, approaches(visitor)[-1]) == ("accepted", "mend")
    assert "Minus two is even, of course." in cast.told("code_generator")


async def test_fewer_attempts_may_be_wanted(stage: Stage) -> None:
    cast = Cast(code_generator=[code(WRONG)] * 2, test_generator=[suite()], referee=[blame_code(4)])
    done, _ = await written(dataclasses.replace(stage(cast), attempts=2))
    assert (done.outcome, len(done.tried)) == ("partial", 2)


async def test_review_blocks_then_passes(stage: Stage) -> None:
    remark = {
        "severity": "major",
        "line": 7,
        "what": "zero is left out",
        "why": "even_squares([0])",
        "fix": "keep it",
    }
    minor = {**remark, "severity": "minor", "what": "a longer name would do"}
    cast = Cast(
        code_generator=[code(), code()],
        test_generator=[suite()],
        reviewer=[review(remark, minor), review()],
    )
    done, visitor = await written(stage(cast))
    assert (done.outcome, approaches(visitor)) == ("accepted", ["generate", "mend"])
    told = cast.told("code_generator", 1)
    assert "review: line 7: zero is left out (even_squares([0])); keep it" in told
    assert "a longer name" not in told
    assert "number * number" in cast.told("reviewer", 0)


def remark(**changes: object) -> Json:
    usual = {"severity": "major", "line": 0, "what": "zero", "why": "[0]", "fix": "test it"}
    return {**usual, "about": "tests", **changes}


async def test_if_the_tests_alone_are_wanting_more_are_written(stage: Stage) -> None:
    """The code can't mend its tests, and their author still doesn't see it."""
    more = suite(("even_squares([2])", "4"), ("even_squares([8])", "64"))
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite(), more],
        reviewer=[review(remark()), review(remark(what="still zero"))],
    )
    done, _ = await written(stage(cast))
    assert (done.outcome, len(done.tried)) == ("accepted", 1)
    assert cast.counts == {"code_generator": 1, "test_generator": 2, "reviewer": 2}
    told = cast.told("test_generator")
    assert "# Tested already, look for what is not" in told
    assert "even_squares([-2]) == 4" in told
    assert "zero" not in told
    assert "number * number" not in told
    assert done.best is not None
    for wanted in ("even_squares([8]) == 64", "even_squares([-2]) == 4"):
        assert wanted in done.best.tests
    reviewed = next(item for item in done.best.evidence if item.signal == "review")
    assert "advice: still zero" in reviewed.detail


@pytest.mark.parametrize(
    ("verdict", "findings"),
    [
        ("change", [remark(), remark(about="code")]),
        ("change", [remark(severity="minor", about="code")]),
        ("reject", [remark(what="it spies")]),
    ],
)
async def test_what_else_a_reviewer_finds_blocks_the_code(
    stage: Stage, verdict: str, findings: list[Json]
) -> None:
    cast = Cast(
        code_generator=[code()],
        test_generator=[suite()],
        reviewer=[deliver(verdict=verdict, findings=findings, summary="No.")],
    )
    done, _ = await written(dataclasses.replace(stage(cast), attempts=1))
    assert done.outcome == "partial"
    assert "It fails: review." in done.account
    assert cast.counts["test_generator"] == 1


async def test_each_judgement_has_a_kernel_of_its_own(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code(WRONG), code()],
        test_generator=[suite()],
        referee=[blame_code(4)],
        reviewer=[review()],
    )
    workshop = stage(cast)
    opened: list[Session] = []

    def opening() -> Session:
        opened.append(workshop.validator.fresh_session())
        return opened[-1]

    counted = dataclasses.replace(workshop.validator, fresh_session=opening)
    await written(dataclasses.replace(workshop, validator=counted))
    assert len({session.id for session in opened}) == 2


async def test_without_a_kernel_nothing_counts_as_validated(stage: Stage) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    workshop = stage(cast)

    def broken() -> Session:
        msg = "the kernel does not start"
        raise KernelError(msg)

    crippled = dataclasses.replace(workshop.validator, fresh_session=broken)
    done, _ = await written(dataclasses.replace(workshop, validator=crippled))
    assert (done.outcome, len(done.tried)) == ("partial", 1)
    assert "the kernel does not start" in done.account
    assert "reviewer" not in cast.counts


async def test_a_name_that_is_taken_costs_nothing(stage: Stage, workspace: Path) -> None:
    (workspace / "learned_skills").mkdir()
    (workspace / "learned_skills" / "even_squares.py").write_text(RIGHT)
    cast = Cast()
    with pytest.raises(UsageError, match="can't be called 'even_squares': a skill has that name"):
        await written(stage(cast))
    assert cast.counts == {}


async def test_a_name_that_cannot_be_is_chosen_anew(stage: Stage) -> None:
    named = code(
        RIGHT.replace("even_squares", "statistics"),
        name="statistics",
        signature="statistics(numbers: list[int]) -> int",
    )
    cast = Cast(
        code_generator=[named, code()],
        test_generator=[suite()],
        reviewer=[review()],
    )
    done, _ = await written(stage(cast), wanted=Commission(task="squares of the even numbers"))
    assert (done.outcome, len(done.tried)) == ("accepted", 1)
    assert "it is a module of the standard library" in cast.told("code_generator")


async def test_what_was_rejected_before_is_not_written_again(
    stage: Stage, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast(code_generator=[code(WRONG), code()], test_generator=[suite()], reviewer=[review()])
    workshop = stage(cast)
    keeper = new_keeper(workspace, Settings())

    def check(source: str) -> None:
        if source == WRONG:
            msg = "this was rejected before: too odd"
            raise UsageError(msg)

    monkeypatch.setattr(type(keeper), "check", lambda self, source: check(source))
    done, _ = await written(workshop)
    assert done.tried[0].failures == ("library: this was rejected before: too odd",)
    assert done.outcome == "accepted"

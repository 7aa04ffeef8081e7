"""The loop from a request to a function that has earned its place."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.authoring import AttemptLog, Author, Authored, Commission, Workshop
from agent.build import new_keeper
from agent.events import AttemptJudged, AttemptStarted
from agent.settings import Settings
from sessions.errors import BudgetError, KernelError, ModelError, UsageError
from sessions.session import Session
from tests.agent.authoring.conftest import (
    CLIENTS,
    RIGHT,
    TASK,
    UNSAFE,
    WRONG,
    Cast,
    Client,
    Stage,
    Visitor,
    author,
    code,
    decision,
    deliver,
    review,
    ruling,
    suite,
)
from tests.support.model_server import Hang
from tests.support.runs import of_type
from tests.support.wire import Fault, Json, Reply
from tools_registry.skills.skill import Provenance

WANTED = Commission.of(TASK)
WORSE = RIGHT.replace("number * number", "number")
CODE_IS_WRONG = decision(wrong="code", why="Minus two is even.")


async def written(
    workshop: Workshop, *replies: str, wanted: Commission = WANTED
) -> tuple[Authored, Visitor]:
    writer, visitor = author(workshop, *replies)
    return await writer.write(wanted), visitor


def blame_code(count: int) -> Reply:
    return ruling(*({**CODE_IS_WRONG, "number": n} for n in range(1, count + 1)))


def approaches(visitor: Visitor) -> list[str]:
    return [event.approach for event in of_type(visitor.events, AttemptStarted)]


def kept(workspace: Path) -> list[Json]:
    return AttemptLog(workspace, "s").read()


def saved(workspace: Path) -> list[Path]:
    return list((workspace / "learned_skills").glob("*"))


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


DOWN = [Fault(status=500)] * 3


async def test_a_provider_that_fails_in_the_middle_leaves_the_best_so_far(
    stage: Stage, workspace: Path
) -> None:
    cast = Cast(
        code_generator=[code(WRONG), *DOWN], test_generator=[suite()], referee=[blame_code(4)]
    )
    done, _ = await written(stage(cast))
    assert (done.outcome, len(done.tried)) == ("partial", 2)
    assert "code_generator got nothing from" in done.account
    assert "HTTP 500" in done.account
    assert WRONG.rstrip() in done.account
    assert done.best is not None
    assert done.best.number == 1
    assert done.tried[1].source == ""
    assert saved(workspace) == []


@pytest.mark.parametrize(
    ("role", "script"),
    [
        ("reviewer", {"code_generator": [code()], "test_generator": [suite()]}),
        ("referee", {"code_generator": [code(WRONG)], "test_generator": [suite()]}),
    ],
)
async def test_a_judge_that_cannot_be_had_keeps_what_was_judged(
    stage: Stage, role: str, script: dict[str, list[Reply]]
) -> None:
    cast = Cast(**script, **{role: DOWN})  # type: ignore[arg-type]  # a list of either kind
    done, _ = await written(stage(cast))
    assert (done.outcome, len(done.tried)) == ("partial", 1)
    assert f"{role} got nothing from" in done.account
    assert "syntax" in done.account.partition("It passes:")[2]
    assert cast.counts["code_generator"] == 1


async def test_a_provider_that_fails_at_once_leaves_nothing(stage: Stage, workspace: Path) -> None:
    cast = Cast(code_generator=list(DOWN), test_generator=[suite()])
    with pytest.raises(ModelError, match="code_generator got nothing"):
        await written(stage(cast))
    assert [line["source"] for line in kept(workspace)] == [""]


async def begun(stage: Stage) -> tuple[Author, asyncio.Task[Authored], Visitor, Cast]:
    """An author whose second attempt hangs."""
    cast = Cast(
        code_generator=[code(WRONG), Hang()], test_generator=[suite()], referee=[blame_code(4)]
    )
    writer, visitor = author(stage(cast))
    task = asyncio.create_task(writer.write(WANTED))
    while not await asyncio.to_thread(cast.has_asked, "code_generator", 2):
        assert not task.done()
    return writer, task, visitor, cast


async def test_cancelling_keeps_the_attempts_and_saves_nothing(
    stage: Stage, workspace: Path
) -> None:
    _, task, visitor, _ = await begun(stage)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [line["source"] for line in kept(workspace)] == [WRONG, ""]
    assert kept(workspace)[1]["failures"] == ["it was cancelled"]
    assert len(of_type(visitor.events, AttemptJudged)) == 2
    assert saved(workspace) == []


async def test_who_stops_it_gets_the_best_so_far(stage: Stage) -> None:
    writer, task, _, _ = await begun(stage)
    writer.stop()
    done = await task
    assert done.outcome == "partial"
    assert "even_squares is not finished and not saved: it was stopped" in done.account
    assert WRONG.rstrip() in done.account


async def test_a_budget_that_is_reached_in_the_middle_leaves_the_best_so_far(stage: Stage) -> None:
    dear = dataclasses.replace(code(WRONG), tokens=(60_000, 1_000))
    cast = Cast(code_generator=[dear, dear], test_generator=[suite()], referee=[blame_code(4)])
    workshop = stage(cast)
    workshop = dataclasses.replace(workshop, runner=workshop.runner.within(0.27))
    done, _ = await written(workshop)
    assert (done.outcome, len(done.tried)) == ("partial", 2)
    assert re.search(
        r"code_generator was stopped after 0.26\d* USD, 0.00\d* were left", done.account
    )
    assert WRONG.rstrip() in done.account
    assert workshop.runner.tally.of("code_generator").input_tokens == 120_000


async def test_a_budget_that_is_reached_at_once_is_an_error(stage: Stage) -> None:
    workshop = stage(Cast(code_generator=[code()]))
    workshop = dataclasses.replace(workshop, runner=workshop.runner.within(0.0))
    with pytest.raises(BudgetError, match="is spent"):
        await written(workshop)


async def test_an_attempt_has_its_time(stage: Stage) -> None:
    cast = Cast(code_generator=[Hang(), code()], test_generator=[suite()], reviewer=[review()])
    workshop = dataclasses.replace(stage(cast), seconds=2.0, attempts=1)
    with_time = dataclasses.replace(workshop, seconds=60.0)
    done, _ = await written(workshop)
    assert done.tried[0].failures == ("it took longer than 2 s",)
    assert done.outcome == "partial"
    assert (await written(with_time))[0].outcome == "accepted"


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


TAMPERING: Sequence[tuple[str, str]] = (
    ("writes a conftest", "open('conftest.py', 'w').write('')"),
    ("leaves with a good word", "print('5 passed'); import sys; sys.exit(0)"),
    ("looks whether it is tested", "import sys\n    if 'pytest' in sys.modules: return 20"),
    ("replaces the runner", "import pytest; pytest.raises = lambda *a: None"),
    ("reaches for the caller", "import inspect; inspect.stack()[1].frame.f_locals.clear()"),
)


@pytest.mark.parametrize("trick", [t for _, t in TAMPERING], ids=[name for name, _ in TAMPERING])
async def test_code_that_tampers_with_its_judges_is_caught(stage: Stage, trick: str) -> None:
    source = WRONG.replace("    return sum", f"    {trick}\n    return sum")
    cast = Cast(
        code_generator=[code(source), code()],
        test_generator=[suite()],
        referee=[blame_code(n) for n in (4,)],
        reviewer=[review()],
    )
    done, _ = await written(stage(cast))
    assert [tried.accepted for tried in done.tried] == [False, True]
    assert cast.counts["reviewer"] == 1  # it never came so far


LIAR = '''class Same(int):
    """A number."""

    def __eq__(self, other: object) -> bool:
        """Be the same."""
        return True


def even_squares(numbers: list[int]) -> int:
    """The sum of the squares of the even numbers."""
    return Same(7)
'''


async def test_a_value_that_claims_to_equal_everything_is_caught(stage: Stage) -> None:
    cast = Cast(
        code_generator=[code(LIAR), code()],
        test_generator=[suite()],
        referee=[blame_code(5), blame_code(5)],
        reviewer=[review()],
    )
    done, _ = await written(stage(cast))
    assert [tried.accepted for tried in done.tried] == [False, True]


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

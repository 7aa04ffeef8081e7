"""What remains when it can't go on: a fault, a stop, a budget, or the end of the time."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from pathlib import Path

import pytest

from agent.authoring import Author, Authored, Commission
from agent.authoring.asker import Asker, Nobody
from agent.authoring.drafting import Drafting
from agent.authoring.work import Work
from agent.events import AttemptJudged
from sessions.errors import BudgetError, ModelError
from subagents.context import Context
from tests.agent.authoring.conftest import (
    RIGHT,
    WANTED,
    WRONG,
    Cast,
    Stage,
    Visitor,
    author,
    blame_code,
    code,
    kept,
    review,
    saved,
    suite,
    written,
)
from tests.support.model_server import Hang
from tests.support.runs import of_type
from tests.support.wire import Fault, Reply

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


SIGNED = Commission.of(
    "Sum the squares of the even ones: def even_squares(numbers: list[int]) -> int:"
)


@pytest.mark.parametrize("wanted", [WANTED, SIGNED], ids=["one by one", "at once"])
async def test_code_whose_tests_cannot_be_had_is_kept(
    stage: Stage, workspace: Path, wanted: Commission
) -> None:
    cast = Cast(code_generator=[code()], test_generator=list(DOWN))
    done, _ = await written(stage(cast), wanted=wanted)
    assert (done.outcome, [tried.source for tried in done.tried]) == ("partial", [RIGHT])
    assert "test_generator got nothing from" in done.account
    passes, fails = done.account.split("It passes: ")[1].split("\n")[:2]
    assert {"syntax", "policy", "security"} <= set(passes.rstrip(".").split(", "))
    assert fails == "It fails: tests."
    assert "What to try: ask again, or choose another model." in done.account
    assert RIGHT.rstrip() in done.account
    [line] = kept(workspace)
    assert (line["source"], line["accepted"]) == (RIGHT, False)
    assert "test_generator got nothing from" in line["failures"][0]
    assert saved(workspace) == []


async def test_code_whose_tests_cannot_be_had_is_held_to_the_examples(stage: Stage) -> None:
    cast = Cast(code_generator=[code(WRONG)], test_generator=list(DOWN))
    wanted = WANTED.with_examples(["even_squares([2]) == 4"])
    done, _ = await written(stage(cast), wanted=wanted)
    assert "It fails: examples.\nIt fails: tests.\n" in done.account


async def test_code_whose_tests_did_not_come_waits_for_them(stage: Stage) -> None:
    cast = Cast(code_generator=[code()], test_generator=[*DOWN, suite()])
    work = Work(commission=WANTED, context=Context(), objection=lambda _: "")
    drafting = Drafting(stage(cast), Asker(Nobody()))
    work.begin("generate")
    with pytest.raises(ModelError):
        await drafting.draft(work)
    work.begin("mend")
    draft = await drafting.draft(work)
    assert (draft.source, work.is_written, cast.counts["code_generator"]) == (RIGHT, True, 1)
    assert work.suite is not None
    assert "assert even_squares([-2]) == 4" in work.suite.source


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
    writer, task, visitor, _ = await begun(stage)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [line["source"] for line in kept(workspace)] == [WRONG, ""]
    assert kept(workspace)[1]["failures"] == ["it was cancelled"]
    assert len(of_type(visitor.events, AttemptJudged)) == 2
    reached = writer.reached("it was interrupted")
    assert reached is not None
    assert "even_squares is not finished and not saved: it was interrupted" in reached.account
    assert WRONG.rstrip() in reached.account
    assert saved(workspace) == []


async def test_who_cancels_before_anything_is_written_has_reached_nothing(stage: Stage) -> None:
    cast = Cast(code_generator=[Hang()])
    writer, _ = author(stage(cast))
    assert writer.reached("it was interrupted") is None
    task = asyncio.create_task(writer.write(WANTED))
    while not await asyncio.to_thread(cast.has_asked, "code_generator", 1):
        assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert writer.reached("it was interrupted") is None


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

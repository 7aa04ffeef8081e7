"""The loop from a request to a function that has earned its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from agent.authoring import AttemptLog, Commission
from agent.events import AttemptJudged, AttemptStarted
from tests.agent.authoring.conftest import (
    CLIENTS,
    RIGHT,
    TASK,
    WRONG,
    Cast,
    Stage,
    author,
    code,
    review,
    ruling,
    suite,
)
from tests.support.runs import of_type

WANTED = Commission.of(TASK)
CODE_IS_WRONG = {
    "number": 1,
    "wrong": "code",
    "why": "Two is even.",
    "quote": "squares of the even numbers",
}


def blame_code(count: int = 5) -> object:
    return ruling(*({**CODE_IS_WRONG, "number": n} for n in range(1, count + 1)))


@pytest.mark.parametrize("client", CLIENTS)
async def test_success_at_the_first_attempt(stage: Stage, workspace: Path, client: object) -> None:
    cast = Cast(code_generator=[code()], test_generator=[suite()], reviewer=[review()])
    workshop = stage(cast, client)
    writer, visitor = author(workshop)
    done = await writer.write(WANTED)
    assert (done.outcome, len(done.tried)) == ("accepted", 1), done.account

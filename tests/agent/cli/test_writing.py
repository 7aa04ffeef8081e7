"""`agent run "write me a function that …"` as a command of its own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from tests.agent.authoring.conftest import TASK, WRONG, Cast, code, decision, review, ruling, suite
from tests.agent.cli.conftest import Call, objects
from tests.agent.cli.test_interrupt import Running
from tests.agent.conftest import KEY, MODELS
from tests.support.model_server import Hang
from tests.support.runs import call as calls
from tests.support.wire import Reply

LUNA = ("--model", MODELS[2])  # its library loads fastest
ASKED = calls("write_skill", request=TASK)
BLAMED = ruling(*[decision(number) for number in (1, 2, 3, 4)])


def play(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{cast.server.url}/v1")
    return cast


def test_json_tells_every_attempt_and_counts_them(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast(
        coordinator=[ASKED, Reply(text="Done.")],
        code_generator=[code(WRONG), code()],
        test_generator=[suite()],
        referee=[BLAMED],
        reviewer=[review()],
    )
    with cast.server:
        play(cast, monkeypatch)
        done = call("run", TASK, *LUNA, "--approval", "automatic", "--json")
    events = objects(done)
    assert (done.returncode, done.stderr) == (0, "")
    judged = [event for event in events if event["type"] == "attempt_judged"]
    assert [(event["number"], event["accepted"]) for event in judged] == [(1, False), (2, True)]
    assert judged[0]["source"] == WRONG
    assert {"signal", "passed", "detail"} == judged[1]["evidence"][0].keys()
    result = events[-1]
    assert (result["status"], result["attempts"]) == ("done", 2)
    assert result["skills_saved"] == ["even_squares"]
    assert result["cost_by_role"]["reviewer"]["input_tokens"] == 20


def test_the_best_that_could_be_had_is_exit_code_1(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_ATTEMPTS", "1")
    cast = Cast(
        coordinator=[ASKED],
        code_generator=[code(WRONG)],
        test_generator=[suite()],
        referee=[BLAMED],
    )
    with cast.server:
        play(cast, monkeypatch)
        done = call("run", TASK, *LUNA, "--approval", "automatic")
    assert done.returncode == 1
    assert "even_squares is not finished and not saved: one attempt did not" in done.stdout
    assert WRONG.rstrip() in done.stdout
    assert "attempt 1: write code and tests\n" in done.stderr
    assert "status: partial" in done.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_tells_what_was_reached(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    cast = Cast(
        coordinator=[ASKED],
        code_generator=[code(WRONG), Hang()],
        test_generator=[suite()],
        referee=[BLAMED],
    )
    with cast.server, tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as sockets:
        play(cast, monkeypatch)
        options = (*LUNA, "--approval", "automatic", *["--json"] * as_json)
        running = Running(workspace, Path(sockets), "run", TASK, *options)
        try:
            while not cast.has_asked("code_generator", 2):
                assert running.process.poll() is None
            running.interrupt()
            ended, told = running.end()
            assert running.process.stdout is not None
            said = running.process.stdout.read().decode()
        finally:
            running.close()
    assert ended == 130
    assert told.splitlines()[-1] == "agent: interrupted"
    if as_json:
        result = json.loads(said.splitlines()[-1])
        assert (result["type"], result["status"]) == ("result", "partial")
        assert (result["attempts"], result["skills_saved"]) == (2, [])
        said = result["answer"]
    assert "even_squares is not finished and not saved: it was interrupted" in said
    assert "It passes: syntax" in said
    assert "It fails: tests." in said
    assert "What to try: " in said
    assert WRONG.rstrip() in said

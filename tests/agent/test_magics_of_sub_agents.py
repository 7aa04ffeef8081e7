"""The magics and sub-agents: one is asked by name, and what others write can be stopped."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from agent import magics
from tests.agent.authoring.conftest import TASK, WRONG, Cast, blame_code, code, suite
from tests.agent.conftest import KEY, MODELS, Serve
from tests.agent.delegation.conftest import keep
from tests.subagents.conftest import deliver
from tests.support.model_server import Hang
from tests.support.runs import run_code
from tests.support.wire import Reply

LUNA = f"-m {MODELS[2]}"
DELIVERED = deliver(answer="It is 2.", value=2.0)


def test_who_stops_a_function_on_its_way_sees_what_was_reached(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = Cast(
        coordinator=[Reply(calls=(("write_skill", {"request": TASK}),))],
        code_generator=[code(WRONG), Hang()],
        test_generator=[suite()],
        referee=[blame_code(4)],
    )

    def interrupt() -> None:
        any(cast.has_asked("code_generator", 2) for _ in range(60))
        os.kill(os.getpid(), signal.SIGINT)

    stop = threading.Thread(target=interrupt)
    with cast.server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{cast.server.url}/v1")
        stop.start()
        with pytest.raises(magics.Interrupted):
            shell.run_line_magic("agent", f"{LUNA} --approval automatic {TASK}")
        stop.join()
    said = capsys.readouterr().out
    assert "even_squares is not finished and not saved: it was interrupted" in said
    assert "It fails: tests." in said
    assert WRONG.rstrip() in said


def test_a_sub_agent_is_asked_by_name_for_one_request(
    shell: InteractiveShell, serve: Serve, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(workspace)
    server = serve(DELIVERED, Reply(text="Hello."))
    shell.user_ns["n"] = [1, 2, 9]
    shell.run_line_magic("agent", f"{LUNA} -i n --as medians the middle of n")
    assert "It is 2." in capsys.readouterr().out
    assert "Call middle on the numbers" in str(server.bodies[0])
    shell.run_line_magic("agent", "hello")
    assert capsys.readouterr().out == "Hello.\n"
    assert "Call middle on the numbers" not in str(server.bodies[1])


def test_who_is_not_there_cannot_be_asked(shell: InteractiveShell) -> None:
    with pytest.raises(magics.RunError, match=r"medianz.*there are code, test, review"):
        shell.run_line_magic("agent", f"{LUNA} --as medianz go")


def test_what_was_undone_is_told_to_the_agent_that_remembers(
    shell: InteractiveShell, serve: Serve, workspace: Path
) -> None:
    keep(workspace)
    server = serve(run_code("x = 1"), Reply(text="Done."), DELIVERED, Reply(text="Hello."))
    shell.run_line_magic("agent", f"{LUNA} set x")
    shell.run_line_magic("agent", "--undo")
    shell.run_line_magic("agent", "--as medians go")
    shell.run_line_magic("agent", "hello")
    assert "were taken back" in str(server.bodies[-1]["messages"][-1])

"""`agent run`: one request, its answer and its exit code."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.agent.cli.conftest import COMMAND, Call, objects
from tests.agent.conftest import KEY, MODELS, Serve
from tests.support.wire import Fault, Reply

CLAUDE = ("--model", MODELS[0])
LUNA = ("--model", MODELS[2])  # its library loads fastest
SKILL = {
    "name": "double",
    "code": 'def double(x: int) -> int:\n    """Twice a number.\n\n    >>> double(2)\n    4\n'
    '    """\n    return 2 * x\n',
    "tests": "from learned_skills.double import double\n\n\ndef test_double() -> None:\n"
    "    assert double(3) == 6\n    assert double(-1) == -2\n    assert double(0) == 0\n",
    "description": "doubles a number",
    "examples": ["double(2) == 4", "double(5) == 10"],
}
ANSWERED = (
    Reply(text="Let me see.", calls=(("run_code", {"code": "x = 6 * 7\nprint('seen')\nx"}),)),
    Reply(text="It is 42."),
)
ASKED = Reply(calls=(("ask_user", {"question": "Which one?", "options": ["a", "b"]}),))
SAVES = (Reply(calls=(("save_skill", SKILL),)), Reply(text="Saved."))


def test_the_answer_is_on_stdout_and_the_rest_on_stderr(call: Call, serve: Serve) -> None:
    serve(*ANSWERED)
    done = call("run", "what is the answer to everything?", *CLAUDE)
    assert (done.returncode, done.stdout) == (0, "It is 42.\n")
    assert done.stderr.startswith("model: anthropic:claude-opus-5-5\n")
    assert "  x = 6 * 7\n  print('seen')\n  x\nseen\n42\n" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("40 tokens in, 10 out, $0.")


def test_json_is_one_object_for_each_event_and_the_result_at_the_end(
    call: Call, serve: Serve
) -> None:
    serve(*ANSWERED)
    done = call("run", "what is the answer to everything?", *LUNA, "--json")
    events = objects(done)
    assert (done.returncode, done.stderr) == (0, "")
    assert all({"type", "time"} <= event.keys() for event in events)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "run_started"
    assert {"model_text", "tool_called", "cell_started", "cell_text", "cell"} < {*kinds}
    assert kinds.index("result") == len(kinds) - 1
    result = events[-1]
    assert (result["status"], result["answer"], result["value"]) == ("done", "It is 42.", 42)
    assert result["cost"].keys() == {"input_tokens", "output_tokens", "cache_read_tokens", "usd"}
    assert {"session_id", "skills_used", "skills_saved", "questions", "attempts"} < result.keys()
    assert result["duration_s"] > 0


@pytest.mark.parametrize("as_json", [False, True])
def test_a_question_nobody_answers_is_exit_code_3(call: Call, serve: Serve, as_json: bool) -> None:
    serve(ASKED)
    done = call("run", "choose", *LUNA, *(["--json"] if as_json else []))
    assert done.returncode == 3
    if as_json:
        asked = {"question": "Which one?", "options": ["a", "b"], "context": ""}
        assert objects(done)[-1]["questions"] == [asked]
    else:
        assert "- Which one? (a / b)" in done.stderr


def test_answers_are_given_in_order(call: Call, serve: Serve) -> None:
    server = serve(ASKED, ASKED, Reply(text="Thanks."))
    done = call("run", "choose", *LUNA, "--answer", "a", "--answer", "the other")
    assert (done.returncode, done.stdout) == (0, "Thanks.\n")
    told = [json.dumps(body["messages"][-1]) for body in server.bodies[1:]]
    assert '"a"' in told[0]
    assert "the other" in told[1]


def test_a_skill_is_not_kept_without_a_yes(call: Call, serve: Serve, workspace: Path) -> None:
    serve(*SAVES)
    done = call("run", "learn to double", *LUNA)
    assert done.returncode == 3
    assert "approval is needed" in done.stdout.lower()
    assert not (workspace / "learned_skills").exists()


def test_automatic_approval_asks_nothing(call: Call, serve: Serve, workspace: Path) -> None:
    serve(*SAVES)
    done = call("run", "learn to double", *LUNA, "--approval", "automatic", "--json")
    assert (done.returncode, objects(done)[-1]["skills_saved"]) == (0, ["double"])
    assert (workspace / "learned_skills" / "double.py").exists()


OWN_TERMINAL = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {COMMAND[-1]}"


class Screen:
    """A person at a terminal: reads what the command shows, types replies."""

    def __init__(self, workspace: Path, *arguments: str) -> None:
        self._terminal, inside = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND[:-1], OWN_TERMINAL, *arguments],
            cwd=workspace,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(inside)
        self.text = ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while text not in self.text:
            assert select.select([self._terminal], [], [], end - time.monotonic())[0], self.text
            try:
                self.text += os.read(self._terminal, 65536).decode()
            except OSError:  # the command has ended
                assert text in self.text

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        code = self._process.wait(60)
        os.close(self._terminal)
        return code


def test_a_person_at_the_terminal_sees_what_is_to_be_kept_and_says_yes(
    serve: Serve, workspace: Path
) -> None:
    serve(*SAVES)
    screen = Screen(workspace, "run", "learn to double", *LUNA)
    screen.wait_for("[y]es, [n]o, [s]how: ")
    assert "save the skill double" in screen.text
    screen.type("show\n")
    screen.wait_for("return 2 * x")
    screen.type("y\n")
    screen.wait_for("saved the skill double")
    assert screen.end() == 0
    assert (workspace / "learned_skills" / "double.py").exists()


def test_a_person_at_the_terminal_says_no(serve: Serve, workspace: Path) -> None:
    server = serve(*SAVES)
    screen = Screen(workspace, "run", "learn to double", *LUNA)
    screen.wait_for("[s]how: ")
    screen.type("n\n")
    assert screen.end() == 0
    assert "The person said no" in json.dumps(server.bodies[-1])
    assert not (workspace / "learned_skills").exists()


@pytest.mark.parametrize(("typed", "code"), [("b\n", 0), ("\x04", 3), ("\x03", 130)])
def test_a_person_at_the_terminal_is_asked(
    serve: Serve, workspace: Path, typed: str, code: int
) -> None:
    serve(ASKED, Reply(text="Thanks."))
    screen = Screen(workspace, "run", "choose", *LUNA)
    screen.wait_for("> ")
    assert "Which one?" in screen.text
    screen.type(typed)
    assert screen.end() == code


BAD: list[tuple[list[str], int, str]] = [
    (["run", ""], 2, "the task is empty"),
    (["run", " \n"], 2, "the task is empty"),
    (["run", "x", "--model", "nonsense"], 2, "there is no model 'nonsense'"),
    (["run", "x", "--model", "nobody:nothing"], 2, "there is no model 'nobody:nothing'"),
    (["run", "x", "--tier", "huge"], 2, "choose one of quick, standard, heavy"),
    (["run", "x", "--approval", "never"], 2, "choose one of automatic, review"),
    (["run", "x", "--workspace", "nowhere"], 2, "the workspace 'nowhere' does not exist"),
    (["run", "x", "--workspace", "/proc/self"], 2, "can't be written"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), BAD)
def test_bad_input_is_one_line(
    call: Call, workspace: Path, arguments: list[str], code: int, said: str
) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("agent: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(workspace.iterdir())


@pytest.mark.parametrize(("arguments", "code", "said"), BAD)
def test_bad_input_is_a_result_for_programs(
    call: Call, arguments: list[str], code: int, said: str
) -> None:
    done = call(*arguments, "--json")
    (result,) = objects(done)
    assert (done.returncode, result["type"], result["status"]) == (code, "result", "failed")
    assert said in result["answer"]


def test_a_file_that_is_not_there_is_told_without_a_traceback(call: Call) -> None:
    done = call("run", "profile the file missing.csv")
    assert done.returncode == 1
    assert "missing.csv" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_key_is_one_line(call: Call, serve: Serve) -> None:
    serve(Fault(status=401, kind="authentication_error", message=f"bad key {KEY}"))
    done = call("run", "hello", *LUNA)
    assert done.returncode == 1
    assert "key" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_key_is_a_usage_error(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    done = call("run", "hello", *CLAUDE)
    assert done.returncode == 2
    assert "ANTHROPIC_API_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_workspace_can_not_loosen_the_settings_unseen(
    call: Call, serve: Serve, workspace: Path
) -> None:
    serve(Reply(text="Hello."))
    (workspace / "agent.toml").write_text('approval = "automatic"\n')
    done = call("run", "hello", *LUNA)
    assert done.returncode == 0
    assert "agent.toml: approval = 'automatic' is ignored" in done.stderr


def test_the_result_reaches_a_file_whole(call: Call, serve: Serve) -> None:
    serve(Reply(text="A — dash \x1b[31mand\x1b[0m more."))
    events: list[dict[str, Any]] = objects(call("run", "hello", *LUNA, "--json"))
    assert events[-1]["answer"] == "A — dash \x1b[31mand\x1b[0m more."

"""`agent learn`: examples in, a skill out, or a plain no."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.cli.conftest import Call, objects
from tests.agent.cli.test_run import Screen

INITIALS = (
    "first letters of the words",
    *("--name", "initials"),
    *("--example", "initials('ab cd') == 'ac'"),
    *("--example", "initials('x') == 'x'"),
)
STRANGE = ("strange", "--name", "g", "--example", "g(1) == 77", "--example", "g(2) == -3")
UNCLEAR = (  # the last, or the greatest?
    "pick",
    *("--name", "pick"),
    *("--example", "pick([1, 2, 3]) == 3"),
    *("--example", "pick([4, 5]) == 5"),
)
KEYS = {
    "name",
    "status",
    "signature",
    "summary",
    "file",
    "tests",
    "source",
    "evidence",
    "provenance",
    "outcome",
    "question",
}


def test_examples_become_a_skill(call: Call, workspace: Path) -> None:
    done = call("learn", *INITIALS)
    assert done.returncode == 0
    assert done.stdout.startswith("initials(text: str) -> str\n")
    assert "✓  tests" in done.stdout
    assert "def initials(" in done.stdout
    assert done.stderr == "agent: learned initials: 2 examples hold\n"
    assert (workspace / "learned_skills" / "initials.py").exists()


def test_a_learned_skill_is_an_object(call: Call) -> None:
    (skill,) = objects(call("learn", *INITIALS, "--json"))
    assert skill.keys() >= KEYS
    assert (skill["outcome"], skill["question"]) == ("learned", None)
    assert skill["provenance"].keys() == {"model", "session_id", "created", "commit"}
    assert all(item.keys() == {"signal", "passed", "detail"} for item in skill["evidence"])


def test_what_nothing_fits_is_not_learned(call: Call, workspace: Path) -> None:
    done = call("learn", *STRANGE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("agent: nothing was learned: ")
    (nothing,) = objects(call("learn", *STRANGE, "--json"))
    assert nothing.keys() >= KEYS
    assert (nothing["outcome"], nothing["status"]) == ("abstained", None)
    assert not (workspace / "learned_skills").exists()


def test_an_open_question_is_exit_code_3(call: Call, workspace: Path) -> None:
    done = call("learn", *UNCLEAR, "--json")
    (asked,) = objects(done)
    assert (done.returncode, asked["outcome"]) == (3, "question")
    assert asked["question"]["question"].startswith("What should pick(")
    assert len(asked["question"]["options"]) > 1
    assert not (workspace / "learned_skills").exists()
    told = call("learn", *UNCLEAR)
    assert told.stdout.startswith(asked["question"]["question"])
    assert "answer with --answer VALUE" in told.stderr


def test_answers_count_as_examples(call: Call) -> None:
    answers: list[str] = []
    for _ in range(4):
        (learned,) = objects(call("learn", *UNCLEAR, *answers, "--json"))
        if learned["outcome"] != "question":
            break
        numbers = learned["question"]["question"].partition("([")[2].partition("])")[0]
        answers += ["--answer", numbers.split(",")[-1].strip()]
    assert answers
    assert learned["outcome"] == "learned"
    assert "[-1]" in learned["source"]


def test_a_person_at_the_terminal_is_asked(workspace: Path) -> None:
    screen = Screen(workspace, "learn", *UNCLEAR)
    screen.wait_for("What should pick(")
    screen.wait_for("> ")
    screen.type("\x04")
    assert screen.end() == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", "--name", "f", "--example", "f(1) == 2"], "the description is empty"),
        (["x", "--name", " ", "--example", "f(1) == 2"], "the name is empty"),
        (["x", "--name", "f"], "missing option '--example'"),
        (["x", "--name", "f", "--example", "garbage(("], "can't be read"),
        (["x", "--name", "f", "--example", "f(1) == 2"], "one example fits almost any function"),
        ([*INITIALS, "--workspace", "nowhere"], "the workspace 'nowhere' does not exist"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    call: Call, workspace: Path, arguments: list[str], said: str
) -> None:
    done = call("learn", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(workspace.iterdir())


def test_a_skill_of_that_name_is_not_overwritten(call: Call, workspace: Path) -> None:
    assert call("learn", *INITIALS).returncode == 0
    before = (workspace / "learned_skills" / "initials.py").read_bytes()
    done = call("learn", *INITIALS)
    assert done.returncode in (2, 4)
    assert "initials.py exists" in done.stderr
    assert (workspace / "learned_skills" / "initials.py").read_bytes() == before

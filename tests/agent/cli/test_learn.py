"""`agent learn`: examples in, a skill out, or a question, or a plain no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agent.cli.conftest import Call, objects
from tests.agent.cli.test_run import Screen

WORDS = ("a", "b c", "one two three", "Some more words", "x Y z")
SWAP = (
    "swap upper and lower case",
    *("--name", "swapped"),
    *(
        part
        for word in WORDS
        for part in ("--example", f"swapped({word!r}) == {word.swapcase()!r}")
    ),
)
STRANGE = (
    *("strange", "--name", "g"),
    *("--example", "g('k') == 'qzv81'", "--example", "g('m') == '0x!pp'"),
    *("--example", "g('n') == 'wrt~4'"),
)
UNCLEAR = (  # the last, or the greatest?
    "pick",
    *("--name", "pick"),
    *("--example", "pick([1, 2, 3]) == 3"),
    *("--example", "pick([4, 5]) == 5"),
)
KEYS = {
    *("name", "status", "signature", "summary", "file", "tests", "source", "evidence"),
    *("provenance", "outcome", "question"),
}


def test_examples_become_a_skill(call: Call, workspace: Path) -> None:
    done = call("learn", *SWAP)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("swapped(text: str) -> str\n")
    assert "✓  tests" in done.stdout
    assert "def swapped(" in done.stdout
    assert done.stderr == "agent: learned swapped: 5 examples hold\n"
    assert (workspace / "learned_skills" / "swapped.py").exists()
    assert [path.name for path in workspace.iterdir()] == ["learned_skills"]


def test_a_learned_skill_is_an_object_and_is_offered_when_it_is_wanted_again(
    call: Call, workspace: Path
) -> None:
    (skill,) = objects(call("learn", *SWAP, "--json"))
    assert skill.keys() >= KEYS
    assert (skill["outcome"], skill["question"], skill["existing"]) == ("learned", None, False)
    assert skill["provenance"].keys() == {"model", "session_id", "created", "commit"}
    assert all(item.keys() == {"signal", "passed", "detail"} for item in skill["evidence"])
    assert skill["evidence"][0]["detail"].startswith("5 examples hold; build on it only after")
    file = workspace / "learned_skills" / "swapped.py"
    before = file.read_bytes()
    (again,) = objects(call("learn", *SWAP, "--json"))
    assert again.keys() >= KEYS
    assert (again["outcome"], again["existing"], again["name"]) == ("learned", True, "swapped")
    refused = call("learn", *SWAP, "--new")
    assert refused.returncode in (2, 4)
    assert "swapped.py exists" in refused.stderr
    assert file.read_bytes() == before


def test_a_core_tool_that_does_the_same_is_offered(call: Call, workspace: Path) -> None:
    examples = ("my_slug('Hello World') == 'hello-world'", "my_slug('A b') == 'a-b'")
    given = [part for example in examples for part in ("--example", example)]
    done = call("learn", "slug of a text", "--name", "my_slug", *given)
    assert done.returncode == 0
    assert "from agent_tools.text import slugify" in done.stdout
    assert "slugify gives the results of all 2 examples already" in done.stderr
    assert not (workspace / "learned_skills").exists()


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
    assert asked["question"]["question"].startswith("What should `pick(")
    assert asked["question"]["options"]
    assert "def pick(" in asked["draft"]
    assert asked["source"] is None
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
    assert learned["answered"] == len(answers) // 2


def test_a_person_at_the_terminal_is_asked_until_the_answer_is_one(workspace: Path) -> None:
    screen = Screen(workspace, "learn", *UNCLEAR)
    screen.wait_for("What should `pick(")
    screen.wait_for("> ")
    screen.type("the last\n")
    screen.wait_for("'the last' can't be the answer")
    screen.wait_for("> ")
    screen.type("\x04")
    assert screen.end() == 3


def learning(*examples: str) -> list[str]:
    return ["x", "--name", "f", *(part for text in examples for part in ("--example", text))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", *learning("f(1) == 2")[1:]], "the description is empty"),
        (["y" * 3000, *learning("f(1) == 2", "f(2) == 3")[1:]], "the description is too long"),
        (["x", "--name", " ", "--example", "f(1) == 2"], "'' can't be the name of a skill: use"),
        (["x", "--name", "class", "--example", "f(1) == 2"], "can't be the name"),
        (["x", "--name", "f"], "missing option '--example'"),
        (learning("f(1) == 2"), "one example fits almost any function"),
        (learning("f(1) == 2", "f(1) == 3"), "examples 1 and 2 contradict each other"),
        (learning("f(1) == 2", "f(2) == 2"), "every example gives 2"),
        (learning("f(1) == 2", "f(1, 2) == 3"), "example 2 has 2"),
        (learning("f(1) == 2", "f(2) raises ValueError"), "example 2 can't be read"),
        (learning("f(1) == 2", "f(1/0) == 3"), "calculates 1 / 0"),
        (learning("f(1) == 2", "garbage(("), "a missing quote or bracket"),
        (learning("f(1) == 2", "g(2) == 3"), "calls 'g', not 'f'"),
        (learning("f(1) == 2", "f(__import__('os').sep) == 3"), "nothing is imported"),
        (learning("f(1) == 2", "f(socket.AF_INET) == 3"), "nothing is imported"),
        (learning("f(1) == 2", f"f({'1' * 5000}) == 3"), "at most 4000 are read"),
        (learning(*(f"f({n}) == {n}" for n in range(51))), "51 examples are too many"),
        (learning("f(1) == 2", "f(lambda: 1) == 3"), "a plain value must be"),
        (learning("f(1) == 2", "f(n=2) == 3"), "names an argument"),
        (learning("f(1) == 2", "f(f(2)) == 3"), "calls f inside"),
        ([*learning("f(1) == 2", "f(2) == 4"), "--workspace", "nowhere"], "does not exist"),
        ([*UNCLEAR, "--answer", "pick([1, 2, 3]) == 9"], "contradicts the example"),
        ([*UNCLEAR, "--answer", "the last"], "can't be the answer"),
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


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_an_answer_that_refutes_everything_is_told(call: Call, as_json: list[Any]) -> None:
    even = [f"f({n}) == {n % 2 == 0}" for n in (2, 3, 4, 5)]
    done = call("learn", *learning(*even), "--answer", "[7, 'odd']", *as_json)
    said = objects(done)[0]["reason"] if as_json else done.stderr
    assert done.returncode == 1
    assert "an answer refutes what was found, and no short expression" in said
    assert "4 examples and 1 answer" in said

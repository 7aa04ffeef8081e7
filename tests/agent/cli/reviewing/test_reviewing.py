"""`agent skills status|diff|approve|reject|history|revert|pull|push`."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli import completion
from tests.agent.cli.conftest import Call
from tests.agent.cli.reviewing.conftest import propose
from tests.agent.cli.test_listing import Told
from tests.agent.cli.test_run import Screen
from tests.support.git import plain
from tests.tools_registry.review.conftest import draft
from tools_registry.review.keeper import Keeper

WORDS = ("a", "b c", "one two three", "Some more words", "x Y z")
SWAPPED = (
    "swap upper and lower case",
    *("--name", "swapped"),
    *(
        part
        for word in WORDS
        for part in ("--example", f"swapped({word!r}) == {word.swapcase()!r}")
    ),
)
KEYS = {
    *("name", "status", "signature", "summary", "file", "tests", "source"),
    *("evidence", "provenance"),
}


def test_a_review_from_the_first_look_to_the_last(told: Told, repository: Path) -> None:
    assert told.text("skills", "status") == "No skills yet.\n"
    propose(repository)
    propose(repository, "triple", 3)
    line = "double  provisional  agent/skills/double  tested here, waits for approval"
    assert told.text("skills", "status").startswith(line)

    diff = told.text("skills", "diff", "double")
    assert diff.startswith("double(n: int) -> int\n  nothing on main  →  learned_skills/double.py")
    for part in ("+    return 2 * n\n", "+    assert double(1) == 2\n", "✓ tests        1 of 1"):
        assert part in diff

    assert told.text("skills", "approve", "double").startswith("approved double (")
    assert told.text("skills", "reject", "triple", "--reason", "use numpy").endswith(
        "on refs/agent/rejected/triple)\n"
    )
    status = told.text("skills", "status")
    assert "double  approved  main" in status
    assert "rejected  triple: use numpy" in status
    kinds = [line.split()[4] for line in told.text("skills", "history").splitlines()]
    assert sorted(kinds) == ["approved", "proposed", "proposed", "rejected"]
    assert told.text("skills", "revert", "double").startswith("reverted double (")
    assert "double is gone" in told.err
    assert plain(repository, "status", "--porcelain") == "?? learned_skills/\n"


def test_every_json_line_is_a_skill_object(told: Told, repository: Path) -> None:
    propose(repository)
    propose(repository, "triple", 3)
    (approved,) = told.objects("skills", "approve", "double")
    assert (approved["status"], approved["branch"]) == ("approved", "main")
    (rejected,) = told.objects("skills", "reject", "triple", "--reason", "no")
    assert (rejected["status"], rejected["branch"]) == ("rejected", "refs/agent/rejected/triple")
    propose(repository, factor=3)
    (different,) = told.objects("skills", "diff", "double")
    assert "+    return 3 * n" in different["diff"]["code"]
    assert different["against"]["evidence"][0]["signal"] == "tests"
    told.objects("skills", "approve", "double")
    everything = [
        *told.objects("skills", "status"),
        *told.objects("skills", "history"),
        *told.objects("skills", "revert", "double"),
        approved,
        rejected,
        different,
    ]
    assert all(item.keys() >= KEYS for item in everything)
    assert {item["status"] for item in told.objects("skills", "status")} == {"approved", "rejected"}


def test_all_means_all_that_were_tested(told: Told, repository: Path) -> None:
    for name, factor in ("double", 2), ("triple", 3), ("stale", 4):
        propose(repository, name, factor)
    file = repository / "learned_skills" / "stale.py"
    file.write_text(file.read_text().replace("4 * n", "5 * n"))
    assert told.text("skills", "approve", "--all").count("approved ") == 2
    assert told.text("skills", "approve", "--all") == ""
    assert "nothing waits" in told.err


def test_of_several_names_each_is_decided(told: Told, repository: Path) -> None:
    propose(repository)
    assert told.text("skills", "approve", "nope", "double", code=2).startswith("approved double")
    assert "no skill named 'nope'" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["approve"], 2, "name the skills to approve, or say --all"),
        (["approve", "double", "--all"], 2, "name the skills to approve, or say --all"),
        (["reject", "nope", "--reason", "x"], 2, "no skill named 'nope'"),
        (["reject", "double"], 3, "--reason TEXT"),
        (["reject", "double", "--reason", " "], 2, "--reason TEXT"),
        (["diff", "nope"], 2, "no skill named"),
        (["revert", "double", "--to", "nothing"], 4, "not committed"),
        (["revert", "nope"], 2, "never been committed"),
        (["pull"], 2, "skill_remotes"),
        (["pull", "ext::sh"], 2, "is no shared library"),
        (["push", "http://host/x"], 2, "is no shared library"),
        (["diff", "double", "--with", "nowhere"], 2, "is no shared library"),
    ],
)
def test_what_can_not_be_is_one_line(
    told: Told, repository: Path, arguments: list[str], code: int, said: str
) -> None:
    propose(repository)
    assert told.text("skills", *arguments, code=code) == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_off_a_branch_approving_is_refused(told: Told, repository: Path) -> None:
    propose(repository)
    plain(repository, "checkout", "-q", "--detach")
    told.text("skills", "approve", "double", code=4)
    assert "check one out first" in told.err


def test_without_git_it_says_what_is_lost(told: Told, workspace: Path) -> None:
    propose(workspace)
    told.text("skills", "approve", "double")
    assert "no history, nothing to compare with and no way back" in told.err
    told.text("skills", "history", code=4)


def test_the_workspace_may_choose_how(told: Told, repository: Path) -> None:
    (repository / "agent.toml").write_text('review = "files"\n')
    propose(repository)
    assert told.objects("skills", "approve", "double")[0]["commit"] is None
    assert plain(repository, "rev-parse", "main") == plain(repository, "rev-parse", "HEAD")


def test_skills_are_pulled_and_pushed(
    told: Told, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(tmp_path, "init", "-q", "--bare", "hub.git")
    hub = tmp_path / "hub.git"
    propose(repository)
    told.text("skills", "approve", "double")
    assert told.text("skills", "push", str(hub)).startswith("pushed double to agent/shared of ")
    assert told.text("skills", "push", str(hub)).endswith("has all of it already\n")

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    propose(repository, factor=3)
    told.text("skills", "approve", "double")
    text = told.text("skills", "pull", str(hub), code=1)
    assert text.startswith("double  differs  hub  agent skills diff double --with ")
    diff = told.text("skills", "diff", "double", "--with", str(hub))
    assert "here, approved  →  hub" in diff
    assert "-    return 3 * n" in diff
    (taken,) = told.objects("skills", "pull", str(hub), "--take", "double")
    assert taken.keys() >= {*KEYS, "outcome", "remote", "ours", "note"}
    assert (taken["status"], taken["outcome"], taken["ours"]["status"]) == (
        "stale",
        "taken",
        "approved",
    )
    assert "stale" in told.text("skills", "status")


def test_the_settings_name_libraries(
    told: Told, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib = tmp_path / "team"
    lib.mkdir()
    Keeper(lib).save(draft("triple", 3))
    monkeypatch.setenv("AGENT_SKILL_REMOTES", str(lib))
    assert told.objects("skills", "pull")[0]["outcome"] == "new"
    assert told.objects("skills", "diff", "triple", "--with", "team")[0]["name"] == "triple"
    context = type("Context", (), {"params": {"workspace": str(repository)}})()
    assert completion.remotes(context, "") == [str(lib)]


def test_a_library_that_can_not_be_read_is_not_said_to_be_empty(
    told: Told, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "learned_skills").symlink_to(tmp_path)
    assert told.text("skills", "pull", str(tmp_path / "lib"), code=1) == ""
    assert "can't be read" in told.err


def test_a_workspace_names_no_library(told: Told, repository: Path, tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    Keeper(lib).save(draft())
    (repository / "agent.toml").write_text(f'skill_remotes = ["{lib}"]\n')
    told.text("skills", "pull", code=2)
    assert "a workspace may tighten, never loosen" in told.err
    assert not (repository / "learned_skills").exists()


def test_text_of_strangers_gives_no_orders(told: Told, repository: Path, tmp_path: Path) -> None:
    import dataclasses

    lib = tmp_path / "lib"
    lib.mkdir()
    evil = draft().source.replace("A number", "\\x1b[2J\\x1b]0;x\\x07 A number")
    Keeper(lib).save(dataclasses.replace(draft(), source=evil))
    for arguments in (
        ("pull", str(lib)),
        ("diff", "double"),
        ("diff", "double", "--with", str(lib)),
        ("status",),
        ("history",),
    ):
        assert "\x1b" not in told.text("skills", *arguments) + told.err


def test_every_command_has_an_example(call: Call) -> None:
    for name in ("status", "diff", "approve", "reject", "history", "revert", "pull", "push"):
        done = call("skills", name, "--help")
        assert f"Example:\n    agent skills {name}" in done.stdout


def test_at_a_terminal_the_reason_is_asked_for(repository: Path) -> None:
    propose(repository)
    screen = Screen(repository, "skills", "reject", "double")
    screen.wait_for("> ")
    screen.type("numpy has it\n")
    screen.wait_for("rejected double")
    assert screen.end() == 0
    assert "numpy has it" in (repository / "learned_skills/rejected.json").read_text()


def test_what_is_learned_is_proposed_with_the_request(call: Call, repository: Path) -> None:
    done = call("learn", *SWAPPED)
    assert done.returncode == 0
    assert "proposed on the branch agent/skills/swapped: agent skills diff swapped" in done.stderr
    message = plain(repository, "log", "-1", "--format=%B", "agent/skills/swapped")
    assert "Why:\n    swap upper and lower case\n    swapped('a') == 'A'\n" in message
    assert "    passed tests" in message
    call("skills", "reject", "swapped", "--reason", "too short")
    again = call("learn", *SWAPPED)
    assert again.returncode == 4
    assert "was rejected before, as swapped: too short" in again.stderr

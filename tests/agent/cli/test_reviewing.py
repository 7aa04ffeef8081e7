"""`agent skills status|diff|approve|reject|history|revert|pull|push`."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli import completion
from agent.cli.comparing import rows, show
from agent.render import Paper
from tests.agent.cli.conftest import Call
from tests.agent.cli.test_listing import Told
from tests.agent.cli.test_run import Screen
from tests.support.git import GIT, plain
from tests.tools_registry.review.conftest import draft
from tools_registry.review.comparing import Comparison, Version, compare
from tools_registry.review.desk import Desk
from tools_registry.review.keeper import Keeper

pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")
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


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with a name, and nothing remembered yet."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "user.gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "user.gitconfig"))


@pytest.fixture
def repository(workspace: Path) -> Path:
    """The workspace, as a repository with one commit."""
    plain(workspace, "init", "-q", "-b", "main")
    (workspace / "a.txt").write_text("one\n")
    plain(workspace, "add", "-A")
    plain(workspace, "commit", "-qm", "first")
    return workspace


@pytest.fixture
def told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(workspace, capsys)


def propose(repository: Path, name: str = "double", factor: int = 2) -> None:
    Keeper(repository, why="double my numbers").save(draft(name, factor), replace=True)


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


def test_what_is_approved_is_what_was_meant(told: Told, repository: Path) -> None:
    propose(repository)
    (shown,) = told.objects("skills", "diff", "double")
    content = shown["content"]
    assert content.removeprefix("sha256:")[:16] in told.text("skills", "diff", "double")
    propose(repository, factor=3)
    for expect in content, content[7:19]:
        told.text("skills", "approve", "double", "--expect", expect, code=4)
        assert "is not the version that was meant" in told.err
    told.text("skills", "approve", "double", "--expect", "abc", code=2)
    assert "is no hash: agent skills diff double shows it" in told.err
    propose(repository)
    told.text("skills", "approve", "double", "--expect", content[7:19])


def test_what_changed_after_it_was_shown_is_not_approved(told: Told, repository: Path) -> None:
    propose(repository)
    propose(repository, "triple", 3)
    told.text("skills", "diff", "double")
    propose(repository, factor=5)
    told.text("skills", "approve", "double", code=4)
    assert "double has changed since it was shown" in told.err
    assert told.text("skills", "approve", "--all", code=4).startswith("approved triple")
    assert "look again with agent skills diff double" in told.err
    told.text("skills", "diff", "double")
    told.text("skills", "approve", "double")
    propose(repository, factor=6)  # nobody has looked at that one
    told.text("skills", "approve", "double")


@pytest.mark.parametrize("names", [["--all"], ["double", "triple"]])
def test_a_version_is_meant_of_one_skill(told: Told, repository: Path, names: list[str]) -> None:
    propose(repository)
    told.text("skills", "approve", *names, "--expect", "0" * 16, code=2)
    assert "name that skill alone" in told.err


def test_at_a_terminal_what_nobody_has_seen_is_shown_first(repository: Path) -> None:
    propose(repository)
    for answer, code in ("no", 4), ("yes", 0):
        screen = Screen(repository, "skills", "approve", "double")
        screen.wait_for("return 2 * n")
        screen.wait_for("> ")
        screen.type(f"{answer}\n")
        screen.wait_for("approved double (" if answer == "yes" else "you did not say yes")
        assert screen.end() == code


def test_at_a_terminal_a_file_that_changes_while_it_is_read_is_refused(repository: Path) -> None:
    propose(repository)
    screen = Screen(repository, "skills", "approve", "double")
    screen.wait_for("> ")
    propose(repository, factor=7)
    screen.type("yes\n")
    screen.wait_for("is not the version that was meant")
    assert screen.end() == 4


def test_evidence_that_was_written_into_the_file_is_shown_as_a_claim(
    told: Told, repository: Path
) -> None:
    propose(repository)
    claim = "as claimed by the file; not measured on this machine"
    assert claim not in told.text("skills", "diff", "double")
    assert claim not in told.text("skills", "show", "double")
    file = repository / "learned_skills" / "double.py"
    file.write_text(file.read_text().replace("1 of 1 passed", "9999 of 9999 passed"))
    assert "provisional" in told.text("skills", "status")
    assert claim in told.text("skills", "diff", "double")
    assert f"evidence ({claim})" in told.text("skills", "show", "double")
    assert told.objects("skills", "diff", "double")[0]["evidence_measured_here"] is False


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


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(found: Comparison, width: int, *, terminal: bool = True) -> str:
    stream = Terminal() if terminal else io.StringIO()
    show(found, Paper(stream), width)
    return stream.getvalue()


@pytest.fixture
def change(repository: Path, told: Told) -> Comparison:
    propose(repository)
    told.text("skills", "approve", "double")
    propose(repository, factor=3)
    return compare(Desk.of(repository), "double")


def test_a_wide_terminal_shows_two_columns(
    change: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = shown(change, 120).splitlines()
    row = next(line for line in lines if "2 * n" in line)
    assert row.index("|") < row.index("3 * n") == row.rindex("return") + len("return ")
    assert not any(line.startswith("@@") for line in lines)
    narrow = shown(change, 80).splitlines()
    assert "-    return 2 * n" in narrow
    assert "+    return 3 * n" in narrow


def test_a_proposal_without_files_says_how_to_get_them(told: Told, repository: Path) -> None:
    propose(repository)
    plain(repository, "branch", "agent/skills/x;id", "agent/skills/double")
    for file in (repository / "learned_skills").iterdir():
        file.unlink()

    shown = told.text("skills", "status")
    told.text("skills", "approve", "double", code=2)

    how = (
        "git restore --source=agent/skills/double -- :/learned_skills/double.py "
        ":/learned_skills/test_double.py"
    )
    assert how in shown
    assert "--source='agent/skills/x;id' -- ':/learned_skills/x;id.py'" in shown
    assert f"double has no file here: {how}" in told.err
    plain(repository, *how.split()[1:])
    told.text("skills", "approve", "double")


def test_only_what_is_stale_is_to_be_tested_after_a_pull(
    told: Told, repository: Path, tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    Keeper(lib).save(draft())  # by the same person, so this machine knows it
    assert "waits for approval" in told.text("skills", "pull", str(lib))
    assert "before use" not in told.err


def test_a_comment_does_not_end_where_python_sees_no_end(
    change: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    source = change.new.source + "# a comment\u2028check(n)\n"
    odd = replace(change, new=replace(change.new, source=source))
    for width in 80, 120:
        (line,) = (row for row in shown(odd, width).splitlines() if "check(n)" in row)
        assert "# a comment\\u2028check(n)" in line


def test_colours_are_for_terminals(change: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[32m+    return 3 * n\x1b[0m" in shown(change, 80)
    assert "\x1b[" in shown(change, 120)
    assert "\x1b" not in shown(change, 120, terminal=False)


def test_a_long_line_is_not_cut(change: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    monkeypatch.setenv("NO_COLOR", "1")
    long = "x = '" + "ab" * 100 + "'; import os"
    new = dataclasses.replace(change.new, source=f"{change.old.source}{long}\n")
    text = shown(dataclasses.replace(change, new=new), 120)
    right = "".join(line[61:] for line in text.splitlines() if len(line) > 61)
    assert long in right


def test_rows_pair_what_changed() -> None:
    assert list(rows(["a", "b", "c"], ["a", "x", "c", "d"])) == [
        (" ", "a", "a"),
        ("|", "b", "x"),
        (" ", "c", "c"),
        (">", "", "d"),
    ]


def test_evidence_that_changed_says_what_it_was(change: Comparison) -> None:
    import dataclasses

    (item,) = change.new.evidence
    worse = dataclasses.replace(item, passed=False, detail="0 of 1 passed")
    new = dataclasses.replace(change.new, evidence=(worse,))
    text = shown(dataclasses.replace(change, new=new), 80)
    assert "✗ tests        0 of 1 passed  (before: ✓ 1 of 1 passed)" in text
    nothing = Version(label="theirs", source="x\n")
    assert "none on record" in shown(dataclasses.replace(change, new=nothing), 80)

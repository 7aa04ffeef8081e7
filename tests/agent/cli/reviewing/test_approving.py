"""`agent skills approve`: what is approved is what was seen, or what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.cli.reviewing.conftest import propose
from tests.agent.cli.test_listing import Told
from tests.agent.cli.test_run import Screen


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

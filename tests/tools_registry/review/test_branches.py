"""Proposals on branches that have more than the skill, and files that differ in form alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions.errors import RefusedError, UsageError
from tests.support.git import plain
from tests.tools_registry.review.conftest import Save, refs
from tools_registry.review.approving import approvable, approve
from tools_registry.review.desk import Desk
from tools_registry.review.files import Texts
from tools_registry.review.overview import look
from tools_registry.review.rejecting import reject
from tools_registry.review.reverting import revert

BRANCH = "refs/heads/agent/skills/double"
FILE = "learned_skills/double.py"


def test_code_below_what_looks_like_a_record_is_compared(save: Save, desk: Desk) -> None:
    text = save().file.read_text() + 'NOTE = """\n  # /// skill\n"""\n'
    one, other = (Texts.of([f"{text}{more}".encode(), b""]) for more in ("x = 1\n", "x = 2\n"))
    assert not one.same_code(other)
    assert one.same_code(one.marked("approved"))


def test_line_ends_of_a_checkout_are_no_change(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    for file in (repository / "learned_skills").glob("*double.py"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    (row,) = look(desk).rows
    assert (row.skill.status, row.committed) == ("approved", True)
    assert revert(desk, "double").commit


def test_a_proposal_made_on_another_branch_does_not_mark_that_as_merged(
    repository: Path, save: Save, desk: Desk
) -> None:
    plain(repository, "switch", "-q", "-c", "dev")
    plain(repository, "commit", "-q", "--allow-empty", "-m", "nothing")
    (repository / "work.txt").write_text("weeks of it\n")
    plain(repository, "add", "work.txt")
    plain(repository, "commit", "-q", "-m", "work")
    save()
    plain(repository, "switch", "-q", "main")

    done = approve(desk, "double")

    assert "so it was left and not merged" in done.note
    assert plain(repository, "rev-list", "--count", "main..dev").strip() == "2"
    assert plain(repository, "ls-tree", "-r", "--name-only", "HEAD", "learned_skills").split() == [
        FILE,
        "learned_skills/test_double.py",
    ]
    assert BRANCH in refs(repository)
    assert approvable(desk) == ()
    with pytest.raises(UsageError, match="approved already"):
        approve(desk, "double")
    plain(repository, "merge", "-q", "dev")
    assert (repository / "work.txt").exists()
    assert approvable(desk) == ("double",)
    approve(desk, "double")
    assert BRANCH not in refs(repository)


def test_a_branch_that_hides_a_merge_is_not_merged(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    plain(repository, "switch", "-q", "-c", "dev")
    (repository / "fix.txt").write_text("the fix\n")
    plain(repository, "add", "fix.txt")
    plain(repository, "commit", "-q", "-m", "fix")
    plain(repository, "switch", "-q", "main")
    tip = refs(repository)[BRANCH]
    crafted = plain(
        repository,
        "commit-tree",
        f"{tip}^{{tree}}",
        "-p",
        tip,
        "-p",
        "dev",
        "-m",
        "Add skill double",
    ).strip()
    plain(repository, "update-ref", BRANCH, crafted)

    approve(desk, "double")

    assert plain(repository, "rev-list", "--count", "main..dev").strip() == "1"


def test_kernels_that_run_see_what_was_decided(repository: Path, save: Save, desk: Desk) -> None:
    save()
    folder = desk.library.shown()["learned_skills"]
    assert (folder / "double.py").exists()
    reject(desk, "double", "no")
    assert not (folder / "double.py").exists()


@pytest.mark.parametrize("committed", [True, False])
def test_a_person_may_change_their_mind(
    repository: Path, save: Save, desk: Desk, committed: bool
) -> None:
    save()
    if committed:
        approve(desk, "double")
    reject(desk, "double", "by mistake")
    if not committed:
        source = "--source=refs/agent/rejected/double"
        plain(repository, "restore", source, "--", FILE, "learned_skills/test_double.py")
    assert desk.library.get("double").status == "rejected"
    assert approvable(desk) == ()

    assert approve(desk, "double").skill.status == "approved"

    assert look(desk).rejected == ()
    file = repository / FILE
    reject(desk, "double", "no, it is bad")
    if file.exists():
        file.write_text(file.read_text().replace("2 * n", "n * 2"))
        with pytest.raises(RefusedError, match="can't be approved"):
            approve(desk, "double")

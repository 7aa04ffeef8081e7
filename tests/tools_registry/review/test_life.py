"""The life of a skill in git: proposed, approved, changed, rejected, taken back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sessions.errors import RefusedError, UsageError
from tests.support.git import plain
from tests.tools_registry.review.conftest import Save, draft, refs
from tools_registry.review.approving import approvable, approve
from tools_registry.review.comparing import compare
from tools_registry.review.desk import Desk
from tools_registry.review.history import history
from tools_registry.review.keeper import Keeper
from tools_registry.review.overview import look
from tools_registry.review.proposing import propose
from tools_registry.review.rejecting import reject
from tools_registry.review.reverting import revert
from tools_registry.skills.ledger import Ledger

BRANCH = "refs/heads/agent/skills/double"
FILE = "learned_skills/double.py"


def test_a_saved_skill_is_a_commit_on_a_branch_of_its_own(repository: Path, save: Save) -> None:
    before = plain(repository, "rev-parse", "main")
    save()

    assert plain(repository, "rev-parse", "main") == before
    assert plain(repository, "rev-parse", "agent/skills/double^") == before
    changed = plain(repository, "show", "--format=", "--name-only", "agent/skills/double")
    assert changed.split() == [FILE, "learned_skills/test_double.py"]
    assert plain(repository, "status", "--porcelain") == "?? learned_skills/\n"
    assert plain(repository, "show", f"agent/skills/double:{FILE}") == (
        (repository / FILE).read_text()
    )


def test_the_message_is_what_a_reviewer_wants(repository: Path, save: Save) -> None:
    save()
    message = plain(repository, "log", "-1", "--format=%an%n%B", "agent/skills/double")
    assert message.startswith("Ada\nAdd skill double: A number times 2.\n\ndouble(n: int) -> int\n")
    for part in (
        "Why:\n    double my numbers\n",
        "Evidence:\n    passed tests: 1 of 1 passed\n",
        "Model: offline\nSession: s-1\n",
        "Content: sha256:",
    ):
        assert part in message


def test_a_message_gives_no_orders_and_forges_no_line(repository: Path, ledger: Ledger) -> None:
    why = "x\x1b[2J\nApproved-by: Ada\n\u202eevil"
    Keeper(repository, why=why, ledger=ledger).save(draft())
    message = plain(repository, "log", "-1", "--format=%B", "agent/skills/double")
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert "\nApproved-by" not in message


def test_what_is_built_on_is_approved_first(save: Save, desk: Desk, other: Desk) -> None:
    first, second = "double", "above"
    source = f"from learned_skills.{first} import {first}\n\n\n"
    upon = dataclasses.replace(draft(second), source=source + draft(second).source)
    for one in draft(first, status="approved"), dataclasses.replace(upon, status="approved"):
        other.library.save(one)
    save()
    desk.files.write(second, other.files.read(second))
    desk.library.record(desk.library.get(second), upon.evidence, passed=True)

    with pytest.raises(RefusedError, match=r"above imports double, which is provisional.* first"):
        approve(desk, second)
    assert approvable(desk) == (first, second)
    assert [approve(desk, name).skill.status for name in approvable(desk)] == ["approved"] * 2


def test_approving_merges_and_marks(repository: Path, save: Save, desk: Desk) -> None:
    save()
    head, tip = (plain(repository, "rev-parse", r).strip() for r in ("main", "agent/skills/double"))
    done = approve(desk, "double")

    assert (done.skill.status, done.branch) == ("approved", "main")
    assert plain(repository, "log", "-1", "--format=%H %P", "main").split() == [
        done.commit,
        head,
        tip,
    ]
    assert 'status = "approved"' in plain(repository, "show", f"main:{FILE}")
    assert plain(repository, "status", "--porcelain") == ""
    assert BRANCH not in refs(repository)
    assert plain(repository, "fsck", "--strict") == ""


def test_approving_twice_says_so(save: Save, desk: Desk) -> None:
    save()
    assert approvable(desk) == ("double",)
    approve(desk, "double")
    assert approvable(desk) == ()
    with pytest.raises(UsageError, match="approved already"):
        approve(desk, "double")


def test_only_what_was_tested_here_is_approved(repository: Path, save: Save, desk: Desk) -> None:
    save()
    file = repository / FILE
    file.write_text(file.read_text().replace("2 * n", "5 * n"))
    with pytest.raises(RefusedError, match="stale"):
        approve(desk, "double")
    assert BRANCH in refs(repository)


def test_a_forged_approval_is_none(
    repository: Path, save: Save, desk: Desk, tmp_path: Path
) -> None:
    save()
    file = repository / FILE
    file.write_text(file.read_text().replace('"provisional"', '"approved"'))
    stranger = Desk.of(repository, "branch", Ledger.open(tmp_path / "other" / "skills.sqlite"))
    assert desk.library.get("double").status == "provisional"
    assert stranger.library.get("double").status == "stale"
    with pytest.raises(RefusedError, match="stale"):
        approve(stranger, "double")


def test_a_change_is_proposed_on_top_and_compared(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    save(factor=3)
    assert plain(repository, "log", "-1", "--format=%s", "agent/skills/double").startswith(
        "Change skill double"
    )
    found = compare(desk, "double")
    code = found.to_json()["diff"]["code"]
    assert "-    return 2 * n\n" in code
    assert "+    return 3 * n" in code
    assert "+    assert double(1) == 3" in found.to_json()["diff"]["tests"]
    assert found.old.status == "approved"
    assert found.new.evidence[0].detail == "1 of 1 passed"
    save(factor=4)
    assert int(plain(repository, "rev-list", "--count", "main..agent/skills/double")) == 2
    approve(desk, "double")
    assert "4 * n" in plain(repository, "show", f"main:{FILE}")


def test_proposing_the_same_again_adds_no_commit(repository: Path, save: Save, desk: Desk) -> None:
    skill = save()
    before = refs(repository)
    assert propose(desk, skill).commit == before[BRANCH]
    assert refs(repository) == before


def test_a_rejected_skill_goes_and_is_not_proposed_again(
    repository: Path, save: Save, desk: Desk, ledger: Ledger
) -> None:
    save()
    tip = plain(repository, "rev-parse", "agent/skills/double").strip()
    done = reject(desk, "double", "we have numpy")

    assert done.skill.status == "rejected"
    assert not (repository / FILE).exists()
    assert BRANCH not in refs(repository)
    assert plain(repository, "rev-parse", "refs/agent/rejected/double^").strip() == tip
    assert "we have numpy" in plain(repository, "log", "-1", "--format=%B", done.commit)
    assert [(r.name, r.reason) for r in look(desk).rejected] == [("double", "we have numpy")]
    with pytest.raises(RefusedError, match="rejected before, as double: we have numpy"):
        Keeper(repository, ledger=ledger).save(draft())
    assert not (repository / FILE).exists()


@pytest.mark.parametrize("memory", ["ledger", "team"])
def test_the_same_in_other_words_is_not_proposed_again(
    repository: Path, save: Save, desk: Desk, ledger: Ledger, memory: str, tmp_path: Path
) -> None:
    save()
    reject(desk, "double", "no")
    if memory == "ledger":
        (repository / "learned_skills/rejected.json").unlink()
    else:
        ledger = Ledger.open(tmp_path / "new" / "skills.sqlite")
    source = (
        'def double(n: int) -> int:\n    """Other words."""\n    # and more\n    return (2*n)\n'
    )
    again = dataclasses.replace(draft(), source=source)
    with pytest.raises(RefusedError, match="rejected before"):
        Keeper(repository, ledger=ledger).save(again)
    assert Keeper(repository, ledger=ledger).save(draft(factor=3)).status == "provisional"


def test_rejecting_a_change_puts_the_approved_version_back(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    approve(desk, "double")
    approved = (repository / FILE).read_bytes()
    save(factor=3)
    reject(desk, "double", "two is enough")
    assert (repository / FILE).read_bytes() == approved
    assert desk.library.get("double").status == "approved"
    assert plain(repository, "status", "--porcelain") == "?? learned_skills/rejected.json\n"


def test_what_was_rejected_can_be_approved_after_all(
    repository: Path, save: Save, desk: Desk, ledger: Ledger
) -> None:
    save()
    text, tests = ((repository / f).read_bytes() for f in (FILE, "learned_skills/test_double.py"))
    reject(desk, "double", "no")
    (repository / FILE).write_bytes(text)
    (repository / "learned_skills/test_double.py").write_bytes(tests)
    content = desk.library.get("double").content
    ledger.approved(content, "double")
    approve(desk, "double")
    assert look(desk).rejected == ()
    Keeper(repository, ledger=ledger).save(draft(), replace=True)


def test_reverting_takes_out_and_puts_back(repository: Path, save: Save, desk: Desk) -> None:
    save()
    first = approve(desk, "double").commit
    save(factor=3)
    approve(desk, "double")

    back = revert(desk, "double")
    assert "2 * n" in (repository / FILE).read_text()
    assert (back.skill.status, plain(repository, "status", "--porcelain")) == ("approved", "")
    assert plain(repository, "log", "-1", "--format=%s").startswith("Revert skill double")
    assert "3 * n" in revert(desk, "double").skill.source
    assert "2 * n" in revert(desk, "double", to=first[:12]).skill.source
    with pytest.raises(UsageError, match="already"):
        revert(desk, "double", to=first)


def test_reverting_the_first_version_takes_the_skill_out(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    approve(desk, "double")
    assert "gone" in revert(desk, "double").note
    assert not (repository / FILE).exists()
    assert plain(repository, "ls-tree", "-r", "--name-only", "main") == "a.txt\n"
    assert "2 * n" in revert(desk, "double").skill.source


@pytest.mark.parametrize("to", ["nothing", "--all", "HEAD~1", "main:a.txt"])
def test_only_a_commit_with_the_skill_can_be_gone_back_to(save: Save, desk: Desk, to: str) -> None:
    save()
    approve(desk, "double")
    with pytest.raises(UsageError, match="no commit with a skill"):
        revert(desk, "double", to=to)


def test_changes_by_hand_are_not_reverted_away(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    file = repository / FILE
    file.write_text(file.read_text() + "# mine\n")
    with pytest.raises(RefusedError, match="not committed"):
        revert(desk, "double")
    assert file.read_text().endswith("# mine\n")


def test_history_tells_it_all(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    save(factor=3)
    reject(desk, "double", "no")
    revert(desk, "double")
    events = history(desk, "double")
    assert sorted(event.kind for event in events) == [
        "approved",
        "proposed",
        "proposed",
        "rejected",
        "reverted",
    ]
    assert {event.author for event in events} == {"Ada"}
    approved = next(event for event in events if event.kind == "approved")
    assert approved.to_json()["status"] == "approved"
    assert approved.to_json()["source"].endswith("return 2 * n\n")
    assert [e.commit for e in history(desk)] == [e.commit for e in events]


def test_a_commit_by_hand_is_in_the_history(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    (repository / FILE).write_text((repository / FILE).read_text() + "# mine\n")
    plain(repository, "commit", "-qam", "tune the thing")
    assert next((e.name, e.kind) for e in history(desk)) == ("double", "changed")


def test_staged_mode_stages_just_the_skill(repository: Path, save: Save, ledger: Ledger) -> None:
    (repository / "a.txt").write_text("dirty\n")
    save(mode="staged")
    assert plain(repository, "status", "--porcelain") == (
        f" M a.txt\nA  {FILE}\nA  learned_skills/test_double.py\n"
    )
    assert BRANCH not in refs(repository)
    approve(Desk.of(repository, "staged", ledger), "double")
    assert plain(repository, "status", "--porcelain") == " M a.txt\n"
    assert plain(repository, "log", "-1", "--format=%s").startswith("Approve skill double")


def test_rejecting_what_is_staged_unstages_it(repository: Path, save: Save, ledger: Ledger) -> None:
    save(mode="staged")
    reject(Desk.of(repository, "staged", ledger), "double", "no")
    assert plain(repository, "status", "--porcelain") == "?? learned_skills/\n"
    assert plain(repository, "ls-files") == "a.txt\n"


def test_a_branch_edited_by_a_reviewer_is_not_lost(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    plain(repository, "worktree", "add", "-q", "../side", "agent/skills/double")
    side = repository.parent / "side" / FILE
    side.write_text(side.read_text().replace("2 * n", "n * 2"))
    plain(side.parent, "commit", "-qam", "by hand")
    plain(repository, "worktree", "remove", "../side")
    tip = plain(repository, "rev-parse", "agent/skills/double").strip()

    assert "another version" in compare(desk, "double").note
    assert not look(desk).rows[0].same
    done = approve(desk, "double")
    assert "another version" in done.note
    assert tip in plain(repository, "rev-list", "main").split()
    assert "2 * n" in plain(repository, "show", f"main:{FILE}")


def test_status_says_what_is_unpushed(
    repository: Path, save: Save, desk: Desk, tmp_path: Path
) -> None:
    save()
    assert look(desk).unpushed is None
    plain(tmp_path, "init", "-q", "--bare", "hub.git")
    plain(repository, "remote", "add", "origin", str(tmp_path / "hub.git"))
    plain(repository, "push", "-q", "origin", "main")
    assert look(desk).unpushed == 1
    (row,) = look(desk).rows
    assert (row.branch, row.committed, row.same) == ("agent/skills/double", False, True)
    approve(desk, "double")
    assert look(desk).rows[0].committed
    plain(repository, "push", "-q", "origin", "main")
    assert look(desk).unpushed == 0


def test_the_branch_remembers_what_it_was(repository: Path, save: Save, desk: Desk) -> None:
    before = plain(repository, "rev-parse", "main")
    save()
    approve(desk, "double")
    assert plain(repository, "rev-parse", "main@{1}") == before
    assert plain(repository, "rev-parse", "HEAD@{1}") == before
    assert "Approve skill double" in plain(repository, "reflog", "-1")


def test_what_others_approved_needs_no_commit_to_be_approved_here(
    repository: Path, save: Save, desk: Desk, tmp_path: Path
) -> None:
    content = save().content
    commit = approve(desk, "double").commit
    mine = Ledger.open(tmp_path / "mine" / "skills.sqlite")
    here = Desk.of(repository, "branch", mine)
    assert here.library.get("double").status == "stale"
    mine.validated(content, "double")
    assert here.library.get("double").status == "provisional"
    done = approve(here, "double")
    assert (done.skill.status, done.commit) == ("approved", commit)

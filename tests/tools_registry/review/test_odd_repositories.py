"""Repositories as people have them: fresh, nested, linked, in the middle of something, or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sessions.errors import AgentError, RefusedError, UsageError
from tests.support.git import plain
from tests.tools_registry.review.conftest import Save, draft, refs
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.review.history import history
from tools_registry.review.keeper import Keeper
from tools_registry.review.overview import look
from tools_registry.review.rejecting import reject
from tools_registry.review.reverting import revert
from tools_registry.skills.ledger import Ledger

FILE = "learned_skills/double.py"


def keep(workspace: Path, ledger: Ledger, name: str = "double", factor: int = 2) -> Keeper:
    keeper = Keeper(workspace, ledger=ledger)
    keeper.save(draft(name, factor), replace=True)
    return keeper


@pytest.mark.usefixtures("git_user")
def test_a_fresh_repository_gets_its_first_commit(tmp_path: Path, ledger: Ledger) -> None:
    plain(tmp_path, "init", "-q", "-b", "trunk", "fresh")
    fresh = tmp_path / "fresh"
    (fresh / "mine.txt").write_text("staged, not committed\n")
    plain(fresh, "add", "mine.txt")
    proposed = keep(fresh, ledger).proposed["double"]
    assert proposed.branch == "agent/skills/double"
    desk = Desk.of(fresh, "branch", ledger)
    assert look(desk).rows[0].branch == "agent/skills/double"
    assert not history(desk)[0].subject.startswith("Approve")

    approve(desk, "double")
    assert plain(fresh, "ls-tree", "-r", "--name-only", "trunk").split() == [
        FILE,
        "learned_skills/test_double.py",
    ]
    assert plain(fresh, "status", "--porcelain") == "A  mine.txt\n"


def test_a_fresh_repository_can_reject(tmp_path: Path, git_user: None, ledger: Ledger) -> None:
    plain(tmp_path, "init", "-q", "fresh")
    keep(tmp_path / "fresh", ledger)
    reject(Desk.of(tmp_path / "fresh", "branch", ledger), "double", "no")
    assert list(refs(tmp_path / "fresh")) == ["refs/agent/rejected/double"]


def test_a_folder_below_the_top_keeps_to_itself(repository: Path, ledger: Ledger) -> None:
    below = repository / "deep" / "wörk"
    below.mkdir(parents=True)
    (repository / "learned_skills").mkdir()
    (repository / "learned_skills" / "other.txt").write_text("x\n")
    plain(repository, "add", "-A")
    plain(repository, "commit", "-qm", "more")
    keep(below, ledger)
    desk = Desk.of(below, "branch", ledger)
    approve(desk, "double")
    tree = plain(repository, "-c", "core.quotepath=0", "ls-tree", "-r", "--name-only", "main")
    assert tree.split() == [
        "a.txt",
        "deep/wörk/learned_skills/double.py",
        "deep/wörk/learned_skills/test_double.py",
        "learned_skills/other.txt",
    ]
    assert plain(repository, "status", "--porcelain") == ""
    assert [e.name for e in history(desk)] == ["double", "double"]
    revert(desk, "double")
    assert plain(repository, "status", "--porcelain") == ""


def test_what_keeps_the_place_of_a_repository_is_none(repository: Path, ledger: Ledger) -> None:
    (repository / "inner" / ".git").mkdir(parents=True)  # as while a session is open there
    keeper = Keeper(repository / "inner", ledger=ledger)
    skill = keeper.save(draft())
    assert keeper.proposed["double"].branch == "agent/skills/double"
    assert skill.provenance.commit == plain(repository, "rev-parse", "HEAD").strip()


def test_a_linked_worktree_gets_its_own_decision(repository: Path, ledger: Ledger) -> None:
    side = repository.parent / "side"
    plain(repository, "worktree", "add", "-q", "-b", "side", str(side))
    main = plain(repository, "rev-parse", "main")
    keep(side, ledger)
    approve(Desk.of(side, "branch", ledger), "double")
    assert plain(repository, "rev-parse", "main") == main
    assert plain(side, "status", "--porcelain") == ""
    assert plain(side, "log", "-1", "--format=%s").startswith("Approve")
    assert plain(repository, "status", "--porcelain") == ""


def test_off_any_branch_nothing_is_approved_but_all_is_proposed(
    repository: Path, save: Save, desk: Desk
) -> None:
    plain(repository, "checkout", "-q", "--detach")
    save()
    before = refs(repository)
    with pytest.raises(RefusedError, match="on no branch; check one out"):
        approve(desk, "double")
    assert refs(repository) == before
    assert desk.library.get("double").status == "provisional"
    plain(repository, "checkout", "-q", "main")
    assert approve(desk, "double").branch == "main"


@pytest.mark.parametrize(
    "state", ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"]
)
def test_in_the_middle_of_something_nothing_is_approved(
    repository: Path, save: Save, desk: Desk, state: str
) -> None:
    save()
    (repository / ".git" / state).write_text(plain(repository, "rev-parse", "HEAD"))
    before, text = refs(repository), (repository / FILE).read_bytes()
    with pytest.raises(RefusedError, match=f"unfinished {state}"):
        approve(desk, "double")
    with pytest.raises(RefusedError, match="unfinished"):
        revert(desk, "double")
    assert (refs(repository), (repository / FILE).read_bytes()) == (before, text)


def test_without_git_there_are_files_and_it_says_what_is_lost(
    tmp_path: Path, ledger: Ledger
) -> None:
    workspace = tmp_path / "plain"
    workspace.mkdir()
    keep(workspace, ledger)
    desk = Desk.of(workspace, "branch", ledger)
    assert "no way back" in look(desk).note
    done = approve(desk, "double")
    assert (done.skill.status, done.commit) == ("approved", "")
    assert "no history" in done.note
    with pytest.raises(UsageError, match="approved already"):
        approve(desk, "double")
    with pytest.raises(RefusedError, match="can't be taken back"):
        revert(desk, "double")
    with pytest.raises(RefusedError, match="no history"):
        history(desk)
    assert "kept nowhere" in reject(desk, "double", "no").note
    assert not (workspace / FILE).exists()


def test_as_files_git_is_left_alone(repository: Path, ledger: Ledger) -> None:
    before = refs(repository), (repository / ".git/index").read_bytes()
    keeper = Keeper(repository, "files", ledger=ledger)
    keeper.save(draft())
    desk = Desk.of(repository, "files", ledger)
    assert "files" in approve(desk, "double").note
    assert (refs(repository), (repository / ".git/index").read_bytes()) == before


def test_the_proposal_itself_is_no_branch_to_approve_on(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    (repository / FILE).unlink()
    (repository / "learned_skills/test_double.py").unlink()
    plain(repository, "checkout", "-q", "agent/skills/double")
    with pytest.raises(UsageError, match="git switch main"):
        approve(desk, "double")


def test_a_branch_that_is_checked_out_does_not_move_under_it(
    repository: Path, save: Save, ledger: Ledger
) -> None:
    save()
    side = repository.parent / "side"
    plain(repository, "worktree", "add", "-q", str(side), "agent/skills/double")
    tip = plain(side, "rev-parse", "HEAD")
    assert "checked out" in keep(repository, ledger, factor=3).proposed["double"].note
    assert plain(side, "rev-parse", "HEAD") == tip
    assert plain(side, "status", "--porcelain") == ""


@pytest.mark.parametrize("where", ["loose", "packed"])
def test_a_branch_in_the_way_is_named(repository: Path, ledger: Ledger, where: str) -> None:
    plain(repository, "branch", "agent")
    if where == "packed":
        plain(repository, "pack-refs", "--all")
    note = keep(repository, ledger).proposed["double"].note
    assert "there is one named agent" in note
    assert "git branch -m agent" in note
    done = approve(Desk.of(repository, "branch", ledger), "double")
    assert done.branch == "main"


def test_a_branch_below_is_named(repository: Path, ledger: Ledger) -> None:
    plain(repository, "branch", "agent/skills/double/more")
    assert "there is one named agent/skills/double/more" in (
        keep(repository, ledger).proposed["double"].note
    )


def test_packed_refs_are_refs(repository: Path, save: Save, desk: Desk) -> None:
    save()
    plain(repository, "pack-refs", "--all")
    save("triple", 3)
    approve(desk, "double")
    assert sorted(refs(repository)) == ["refs/heads/agent/skills/triple", "refs/heads/main"]
    reject(desk, "triple", "no")
    plain(repository, "pack-refs", "--all")
    save("triple", 33)
    reject(desk, "triple", "still no")
    assert plain(repository, "fsck") == ""


@pytest.mark.parametrize("place", [".gitignore", ".git/info/exclude", "learned_skills/.gitignore"])
def test_ignored_skills_are_files_and_it_says_how_to_go_on(
    repository: Path, ledger: Ledger, place: str
) -> None:
    rules = repository / place
    rules.parent.mkdir(exist_ok=True)
    rules.write_text("# mine\n*.py\n")
    note = keep(repository, ledger).proposed["double"].note
    assert f"{place}:2: *.py" in note
    assert "take that rule away" in note
    done = approve(Desk.of(repository, "branch", ledger), "double")
    assert (done.skill.status, done.commit) == ("approved", "")
    assert "not committed" in done.note


def test_a_submodule_is_said_to_be_one(repository: Path, ledger: Ledger) -> None:
    inner = repository / "learned_skills"
    inner.mkdir()
    plain(inner, "init", "-q")
    (inner / "x").write_text("x\n")
    plain(inner, "add", "-A")
    plain(inner, "commit", "-qm", "x")
    plain(repository, "add", "learned_skills")
    plain(repository, "commit", "-qm", "with submodule")
    keep(repository, ledger)
    desk = Desk.of(repository, "branch", ledger)
    assert "submodule" in look(desk).note
    assert "submodule" in approve(desk, "double").note
    assert plain(repository, "ls-files", "-s").count("160000") == 1


@pytest.mark.parametrize("kind", ["submodule", "link", "file", "case"])
def test_what_is_in_the_way_in_the_repository_stays(
    repository: Path, ledger: Ledger, kind: str
) -> None:
    """Only the commit has it; in the working tree there is a folder."""
    oid = plain(repository, "hash-object", "-w", "a.txt").strip()
    commit = plain(repository, "rev-parse", "HEAD").strip()
    entry = {
        "submodule": f"160000 {commit} 0\tlearned_skills",
        "link": f"120000 {oid} 0\tlearned_skills",
        "file": f"100644 {oid} 0\tlearned_skills",
        "case": f"100644 {oid} 0\tlearned_skills/Double.py",
    }[kind]
    plain(repository, "update-index", "--add", "--cacheinfo", _comma(entry))
    plain(repository, "commit", "-qm", "odd")
    before = refs(repository), (repository / ".git/index").read_bytes()
    note = keep(repository, ledger).proposed["double"].note
    assert "saved, but not proposed" in note
    assert ("by case alone" in note) == (kind == "case")
    with pytest.raises(RefusedError):
        approve(Desk.of(repository, "branch", ledger), "double")
    assert (refs(repository), (repository / ".git/index").read_bytes()) == before
    assert (repository / FILE).exists()


def _comma(entry: str) -> str:
    facts, _, path = entry.partition("\t")
    mode, oid, _ = facts.split()
    return f"{mode},{oid},{path}"


def test_a_library_that_is_a_link_is_refused(
    repository: Path, ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repository / "learned_skills").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        keep(repository, ledger)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_without_a_name_it_commits_as_agent_and_says_so(
    repository: Path, save: Save, desk: Desk, monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert "no name of yours" in keep(repository, ledger).proposed["double"].note
    assert "by 'agent'" in approve(desk, "double").note
    assert plain(repository, "log", "-1", "--format=%an <%ae>") == "agent <agent@localhost>\n"


def test_another_git_at_work_is_waited_for_by_the_person(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    before, text = refs(repository), (repository / FILE).read_bytes()
    (repository / ".git/index.lock").touch()
    with pytest.raises(AgentError, match=r"index\.lock"):
        approve(desk, "double")
    assert (refs(repository), (repository / FILE).read_bytes()) == (before, text)
    (repository / ".git/index.lock").unlink()
    assert approve(desk, "double").skill.status == "approved"


def test_a_split_index_is_kept(repository: Path, save: Save, desk: Desk) -> None:
    (repository / "b.txt").write_text("b\n")
    plain(repository, "add", "b.txt")
    plain(repository, "update-index", "--split-index")
    save()
    approve(desk, "double")
    assert plain(repository, "status", "--porcelain") == "A  b.txt\n"


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_flags_of_other_entries_stay(repository: Path, save: Save, desk: Desk, flag: str) -> None:
    plain(repository, "update-index", flag, "a.txt")
    before = plain(repository, "ls-files", "-v", "a.txt")
    assert before[0] != "H"
    save()
    approve(desk, "double")
    assert plain(repository, "ls-files", "-v", "a.txt") == before


def test_flags_of_its_own_entries_hide_nothing(repository: Path, save: Save, desk: Desk) -> None:
    save()
    approve(desk, "double")
    plain(repository, "update-index", "--skip-worktree", "--assume-unchanged", FILE)
    save(factor=3)
    approve(desk, "double")
    assert "3 * n" in plain(repository, "show", f":{FILE}")
    assert "3 * n" in plain(repository, "show", f"HEAD:{FILE}")


def test_line_ends_and_attributes_change_nothing_of_what_was_tested(
    repository: Path, save: Save, desk: Desk
) -> None:
    plain(repository, "config", "core.autocrlf", "true")
    (repository / ".gitattributes").write_text("*.py text eol=crlf ident\n")
    save()
    approve(desk, "double")
    assert plain(repository, "cat-file", "blob", f"HEAD:{FILE}").encode() == (
        (repository / FILE).read_bytes()
    )

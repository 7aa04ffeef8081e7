"""Repositories that lay traps for whoever reviews in them."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from sessions.errors import AgentError, RefusedError, UsageError
from tests.support.git import Trap, change, plain
from tests.tools_registry.git.test_git_traps import PLANTS
from tests.tools_registry.review.conftest import Save, draft, refs
from tools_registry.git.git import Git
from tools_registry.review.approving import approve
from tools_registry.review.comparing import compare
from tools_registry.review.desk import Desk
from tools_registry.review.history import history
from tools_registry.review.keeper import Keeper
from tools_registry.review.overview import look
from tools_registry.review.rejecting import reject
from tools_registry.review.reverting import revert
from tools_registry.skills.ledger import Ledger

FILE = "learned_skills/double.py"
ALL_AT_ONCE = ("hooks", "fsmonitor", "filter process", "text converter", "signing", "merge driver")
"""Those that a review comes near; each of the rest is a matter of the plain commands."""


@pytest.mark.parametrize("name", ALL_AT_ONCE)
def test_no_part_of_a_review_runs_what_is_planted(
    name: str, repository: Path, trap: Trap, ledger: Ledger
) -> None:
    PLANTS[name](repository, trap)
    change(repository)
    trap.reset()
    desk = Desk.of(repository, "branch", ledger)
    for step in (
        lambda: Keeper(repository, ledger=ledger).save(draft()),
        lambda: compare(desk, "double"),
        lambda: approve(desk, "double"),
        lambda: Keeper(repository, "staged", ledger=ledger).save(draft(factor=3), replace=True),
        lambda: reject(desk, "double", "no"),
        lambda: revert(desk, "double"),
        lambda: look(desk),
        lambda: history(desk),
    ):
        with contextlib.suppress(AgentError):
            step()
    assert not trap.sprung
    assert plain(repository, "log", "--format=%s", "-1", "main").startswith("Revert skill")


@pytest.mark.parametrize("link", ["agent", "agent/skills"])
def test_refs_are_not_written_through_links(
    repository: Path, ledger: Ledger, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    place = repository / ".git/refs/heads" / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside)
    keeper = Keeper(repository, ledger=ledger)
    keeper.save(draft())
    assert "is a link" in keeper.proposed["double"].note
    assert list(outside.rglob("*")) == []


def test_a_ref_that_is_a_link_is_not_written(
    repository: Path, ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("x\n")
    place = repository / ".git/refs/heads/agent/skills/double"
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "precious")
    keeper = Keeper(repository, ledger=ledger)
    keeper.save(draft())
    assert "is a link" in keeper.proposed["double"].note
    assert (tmp_path / "precious").read_text() == "x\n"


def test_an_alias_does_not_move_what_it_stands_for(
    repository: Path, save: Save, desk: Desk, ledger: Ledger
) -> None:
    plain(repository, "symbolic-ref", "refs/heads/agent/skills/double", "refs/heads/main")
    main = plain(repository, "rev-parse", "main")
    keeper = Keeper(repository, ledger=ledger)
    keeper.save(draft())
    assert "another name of main" in keeper.proposed["double"].note
    assert plain(repository, "rev-parse", "main") == main

    plain(repository, "branch", "real")
    plain(repository, "symbolic-ref", "refs/heads/main", "refs/heads/real")
    with pytest.raises(RefusedError, match="another name of real"):
        approve(desk, "double")
    assert plain(repository, "rev-parse", "real") == main
    assert desk.library.get("double").status == "provisional"


@pytest.mark.parametrize("part", ["packed-refs", "objects/00"])
def test_a_part_that_leads_elsewhere_makes_it_no_repository(
    repository: Path, tmp_path: Path, part: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    plain(repository, "pack-refs", "--all")
    place = repository / ".git" / part
    with contextlib.suppress(OSError):
        place.unlink()
    place.symlink_to(tmp_path / "elsewhere")
    assert not Git(repository).is_repository()


@pytest.mark.parametrize(
    "head", ["ref: refs/heads/../../x", "ref: refs/heads/a b", "ref: /etc/passwd", "\0", "ref: "]
)
def test_a_head_that_is_none_changes_nothing(
    repository: Path, save: Save, desk: Desk, head: str
) -> None:
    save()
    (repository / ".git/HEAD").write_text(head)
    text = (repository / FILE).read_bytes()
    with pytest.raises(AgentError):
        approve(desk, "double")
    assert (repository / FILE).read_bytes() == text
    assert desk.library.get("double").status == "provisional"


def test_replaced_objects_are_seen_through(repository: Path, save: Save, desk: Desk) -> None:
    save()
    empty = plain(repository, "hash-object", "-w", "-t", "tree", "/dev/null").strip()
    tree = plain(repository, "rev-parse", "HEAD^{tree}").strip()
    plain(repository, "replace", tree, empty)
    done = approve(desk, "double")
    names = plain(repository, "--no-replace-objects", "ls-tree", "-r", "--name-only", done.commit)
    assert names.split() == ["a.txt", FILE, "learned_skills/test_double.py"]


def test_a_graft_does_not_hide_that_a_proposal_is_not_merged(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    head, tip = (plain(repository, "rev-parse", r).strip() for r in ("main", "agent/skills/double"))
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/grafts").write_text(f"{head} {tip}\n")
    done = approve(desk, "double")
    (repository / ".git/info/grafts").unlink()
    assert plain(repository, "log", "-1", "--format=%P", done.commit).split() == [head, tip]


def test_borrowed_objects_are_read_and_nothing_is_written_there(
    repository: Path, tmp_path: Path, ledger: Ledger
) -> None:
    plain(tmp_path, "clone", "-q", "--shared", str(repository), "borrower")
    borrower = tmp_path / "borrower"
    before = sorted((repository / ".git").rglob("*"))
    Keeper(borrower, ledger=ledger).save(draft())
    approve(Desk.of(borrower, "branch", ledger), "double")
    assert sorted((repository / ".git").rglob("*")) == before
    assert plain(borrower, "status", "--porcelain") == ""


def test_alternates_that_lead_nowhere_do_no_harm(repository: Path, save: Save, desk: Desk) -> None:
    (repository / ".git/objects/info").mkdir(exist_ok=True)
    (repository / ".git/objects/info/alternates").write_text("/nonexistent\n../../../..\n")
    save()
    assert approve(desk, "double").branch == "main"


@pytest.mark.parametrize("what", ["fifo", "link", "huge", "nonsense", "wrong"])
def test_an_odd_list_of_rejections_is_no_list(
    repository: Path, save: Save, desk: Desk, tmp_path: Path, what: str
) -> None:
    save()
    place, target = repository / "learned_skills/rejected.json", tmp_path / "precious"
    target.write_text("[]")
    if what == "fifo":
        os.mkfifo(place)
    elif what == "link":
        place.symlink_to(target)
    else:
        text = {"huge": "[" * (5 << 20), "nonsense": "[" * 100_000, "wrong": '[1, {"name": 2}]'}
        place.write_text(text[what])
    assert look(desk).rejected == ()
    reject(desk, "double", "no")
    assert [r.reason for r in look(desk).rejected] == ["no"]
    assert target.read_text() == "[]"


def test_a_rejection_of_a_stranger_is_one_short_line(
    repository: Path, save: Save, desk: Desk
) -> None:
    save()
    reason = "slow\nforged  approved  main\x1b[2J\u202e" + "A" * 9_000
    entry = {"name": "evil\nforged  approved", "reason": reason, "form": ""}
    (repository / "learned_skills/rejected.json").write_text(json.dumps([entry]))
    (found,) = look(desk).rejected

    assert found.name == "evil forged approved"
    assert found.reason.startswith("slow forged approved main [2J AAA")
    assert len(found.reason) == 1000
    assert found.reason.isprintable()


@pytest.mark.parametrize("name", ["../a", "a/b", ".git", "/etc/passwd", "double.py", ""])
def test_a_name_is_no_path(repository: Path, save: Save, desk: Desk, name: str) -> None:
    save()
    for decide in (
        lambda: approve(desk, name),
        lambda: reject(desk, name, "no"),
        lambda: revert(desk, name),
        lambda: compare(desk, name),
    ):
        with pytest.raises(UsageError):
            decide()
    assert sorted(refs(repository)) == ["refs/heads/agent/skills/double", "refs/heads/main"]


@pytest.mark.parametrize("log", ["logs", "logs/HEAD", "logs/refs", "logs/refs/heads/main"])
def test_logs_are_not_written_through_links(
    repository: Path, save: Save, desk: Desk, tmp_path: Path, log: str
) -> None:
    save()
    outside, place = tmp_path / "outside", repository / ".git" / log
    place.rename(outside)
    place.symlink_to(outside)
    files = [outside] if outside.is_file() else [f for f in outside.rglob("*") if f.is_file()]
    before = [file.read_bytes() for file in files]
    with contextlib.suppress(RefusedError):
        approve(desk, "double")
    assert [file.read_bytes() for file in files] == before

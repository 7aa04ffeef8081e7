"""Killed at any moment, or with others at work at the same time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from sessions.errors import AgentError, UsageError
from tests.support.git import plain
from tests.tools_registry.review.conftest import Save, refs
from tools_registry.git.objects import Objects
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.review.rejecting import reject
from tools_registry.skills.ledger import Ledger

FILE = "learned_skills/double.py"
WRITING = {"hash-object", "mktree", "commit-tree", "update-index", "update-ref"}


def killed_at(moment: int, work: Callable[[], object]) -> bool:
    """Do something in a child that is killed before its n-th write; whether it was."""
    child = os.fork()
    if child == 0:
        left = moment

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            writes = event in {"os.rename", "os.remove", "sqlite3.connect"} or (
                event == "subprocess.Popen" and WRITING & set(map(str, args[1]))  # type: ignore[call-overload]  # an audit event's arguments
            )
            if writes and "agent-git-" not in str(args):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_killed_at_any_write_it_is_the_old_state_or_completed_by_deciding_again(
    repository: Path,
    save: Save,
    ledger: Ledger,
    tmp_path: Path,
    decision: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save()
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    (repository / "a.txt").write_text("dirty\n")

    def decide(desk: Desk) -> object:
        return approve(desk, "double") if decision == "approve" else reject(desk, "double", "no")

    before = plain(repository, "rev-parse", "main")
    moment = 0
    while True:
        copy, data = tmp_path / f"copy{moment}", tmp_path / f"data{moment}"
        shutil.copytree(repository, copy, symlinks=True)
        shutil.copytree(ledger.path.parent, data)
        desk = Desk.of(copy, "branch", Ledger.open(data / ledger.path.name))
        killed = killed_at(moment, partial(decide, desk))
        if killed:
            _check_whole(copy, desk, before)
            if (copy / FILE).exists():
                with contextlib.suppress(UsageError):  # it was at its end: approved already
                    decide(desk)
        _check_done(copy, desk, decision)
        if not killed:
            break
        moment += 1
    assert moment > 5
    assert list(rooms.iterdir()) == []


def _check_whole(copy: Path, desk: Desk, before: str) -> None:
    assert plain(copy, "fsck", "--strict", "--no-dangling") == ""
    main = plain(copy, "rev-parse", "main")
    assert main == before or plain(copy, "rev-parse", "main^") == before
    assert (copy / "a.txt").read_text() == "dirty\n"
    assert not (copy / ".git/index.lock").exists()
    for skill in desk.library.list():
        assert skill.status in {"provisional", "approved", "rejected"}
        assert skill.status != "approved" or main != before


def _check_done(copy: Path, desk: Desk, decision: str) -> None:
    assert plain(copy, "fsck", "--strict", "--no-dangling") == ""
    assert "refs/heads/agent/skills/double" not in refs(copy)
    if decision == "approve":
        assert desk.library.get("double").status == "approved"
        # A staged file that nobody published is hidden, and the next save takes it away.
        status = plain(copy, "status", "--porcelain").splitlines()
        assert [line for line in status if not line.endswith(".tmp")] == [" M a.txt"]
    else:
        assert desk.library.list() == ()
        assert "refs/agent/rejected/double" in refs(copy)


def test_of_two_who_approve_the_same_one_is_told(
    repository: Path, save: Save, ledger: Ledger
) -> None:
    save()

    def try_it(_: int) -> str:
        try:
            return approve(Desk.of(repository, "branch", ledger), "double").commit
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(try_it, range(2)))
    assert sorted("already" in result for result in results) == [False, True]
    assert int(plain(repository, "rev-list", "--count", "--first-parent", "main")) == 2


def test_two_who_approve_different_skills_both_succeed(
    repository: Path, save: Save, ledger: Ledger
) -> None:
    save()
    save("triple", 3)
    with ThreadPoolExecutor(2) as pool:
        names = ("double", "triple")
        list(pool.map(lambda n: approve(Desk.of(repository, "branch", ledger), n), names))
    assert plain(repository, "status", "--porcelain") == ""
    assert len(plain(repository, "ls-files", "learned_skills").split()) == 4


def test_a_commit_of_the_person_meanwhile_wins_and_nothing_else_changes(
    repository: Path, save: Save, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    save()
    commit = Objects.commit

    def slowly(self: Objects, *args: object) -> str:
        made = commit(self, *args)  # type: ignore[arg-type]  # whatever it takes
        (repository / "a.txt").write_text("theirs\n")
        plain(repository, "commit", "-qam", "meanwhile")
        return made

    monkeypatch.setattr(Objects, "commit", slowly)
    text = (repository / FILE).read_bytes()
    with pytest.raises(AgentError, match=r"main .*could not be changed, and nothing was"):
        approve(desk, "double")
    monkeypatch.undo()
    assert plain(repository, "log", "-1", "--format=%s") == "meanwhile\n"
    assert plain(repository, "status", "--porcelain") == "?? learned_skills/\n"
    assert (repository / FILE).read_bytes() == text
    assert desk.library.get("double").status == "provisional"
    assert approve(desk, "double").branch == "main"
    assert (repository / "a.txt").read_text() == "theirs\n"

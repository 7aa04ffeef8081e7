"""Git on ordinary, odd and broken repositories."""

import os
import tempfile
from pathlib import Path

import pytest

from sessions.errors import AgentError, RefusedError, UsageError
from tests.support.git import GIT, Trap, change, plain
from tools_registry.git import process as git_process
from tools_registry.git.git import Git
from tools_registry.git.repository import find_repository
from tools_registry.git.room import open_room

pytestmark = [
    pytest.mark.skipif(GIT is None, reason="git is not installed"),
    pytest.mark.usefixtures("git_user"),
]


def test_head_add_commit_and_log_work(repository: Path) -> None:
    git = Git(repository)
    first = git.head()
    change(repository)

    assert git.run("status", "--porcelain").split("\n")[:2] == [" M a.txt", "?? b.txt"]
    git.run("add", "--", "b.txt")
    git.run("commit", "-q", "-m", "second", "--", "b.txt")

    assert git.head() != first
    assert plain(repository, "log", "-1", "--format=%an %ae %s") == "Ada ada@example.org second\n"
    assert "two" in git.run("diff")
    assert plain(repository, "status", "--porcelain") == " M a.txt\n"
    assert plain(repository, "fsck") == ""


def test_it_works_below_the_top_folder(repository: Path) -> None:
    below = repository / "below"
    below.mkdir()
    (below / "c.txt").write_text("c\n")

    Git(below).run("add", "--", "c.txt")

    assert "below/c.txt" in plain(repository, "ls-files")


def test_the_name_in_the_repository_comes_first(repository: Path) -> None:
    plain(repository, "config", "user.name", 'Grace "Amazing" \\ Hopper')
    change(repository)
    Git(repository).run("add", "-A")
    Git(repository).run("commit", "-m", "named")

    assert plain(repository, "log", "-1", "--format=%an").strip() == 'Grace "Amazing" \\ Hopper'


def test_a_worktree_elsewhere_is_ignored(repository: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.txt").write_text("secret")
    plain(repository, "config", "core.worktree", str(elsewhere))

    assert "secret" not in Git(repository).run("status", "--porcelain")


def test_a_file_that_claims_another_repository_is_not_believed(
    repository: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    (folder / ".git").write_text(f"gitdir: {repository / '.git'}\n")

    assert not Git(folder).is_repository()
    with pytest.raises(UsageError, match="in no git repository"):
        Git(folder).run("log")


@pytest.mark.parametrize("part", ["index", "objects", "refs"])
def test_a_part_that_is_a_link_is_refused(repository: Path, tmp_path: Path, part: str) -> None:
    real = repository / ".git" / part
    real.rename(tmp_path / part)
    real.symlink_to(tmp_path / part)

    assert not Git(repository).is_repository()


def test_a_fifo_as_configuration_does_not_hang(repository: Path) -> None:
    (repository / ".git/config").unlink()
    os.mkfifo(repository / ".git/config")

    with pytest.raises(RefusedError, match="can't be read"):
        Git(repository).run("status")
    assert Git(repository).head() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_not_used(repository: Path) -> None:
    os.chown(repository / ".git", 65534, 65534)

    assert Git(repository).head() is None


def test_no_commit_in_the_middle_of_a_merge_or_off_a_branch(repository: Path) -> None:
    git = Git(repository)
    (repository / ".git/MERGE_HEAD").write_text(f"{git.head()}\n")
    with pytest.raises(RefusedError, match="unfinished MERGE_HEAD"):
        git.run("commit", "--allow-empty", "-m", "x")

    (repository / ".git/MERGE_HEAD").unlink()
    plain(repository, "checkout", "-q", "--detach")
    with pytest.raises(RefusedError, match="on no branch"):
        git.run("commit", "--allow-empty", "-m", "x")


def test_the_room_lies_outside_the_repository(
    repository: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = repository / "tmp"
    inside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    found = find_repository(repository)
    assert found

    with open_room(str(GIT), found) as room:
        assert not Path(room.environment["GIT_DIR"]).is_relative_to(repository)
    assert not Path(room.environment["GIT_DIR"]).exists()
    assert not list(inside.iterdir())


def test_output_without_end_is_cut_off(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_process, "MAX_OUTPUT", 1 << 20)
    (repository / "zeros").write_bytes(bytes(2 << 20))
    plain(repository, "add", "-A")

    with pytest.raises(AgentError, match="printed more than 1 MB"):
        Git(repository).run("show", ":zeros")


def test_settings_of_the_repository_can_not_break_out_of_their_line(repository: Path) -> None:
    sly = 'x"\n[core]\n\tfsmonitor = "false'
    plain(repository, "config", "user.name", sly)
    plain(repository, "config", "user.email", 'a\\"b # c ; d')
    found = find_repository(repository)
    assert found

    with open_room(str(GIT), found) as room:
        listing = plain(
            repository, "config", "--file", f"{room.environment['GIT_DIR']}/config", "-l"
        )
    assert "user.name=Ada" in listing
    assert 'user.email=a\\"b # c ; d' in listing
    assert listing.count("core.fsmonitor") == 1


def test_an_unknown_command_is_refused(repository: Path) -> None:
    with pytest.raises(RefusedError, match="git fetch is not among"):
        Git(repository).run("fetch")


def test_a_file_that_git_waits_for_is_given_up(repository: Path) -> None:
    os.mkfifo(repository / ".gitignore")

    with pytest.raises(AgentError, match=r"took longer than 0\.3 s"):
        Git(repository).run("status", timeout=0.3)

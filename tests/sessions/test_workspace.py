"""What may be a workspace, and what protecting it leaves behind."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from sessions import workspace
from sessions.errors import UsageError


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("folder", ["/", "/usr", "/home", "/tmp", "~", "/etc"])
def test_places_that_would_show_too_much_are_refused(folder: str) -> None:
    with pytest.raises(UsageError, match="too wide"):
        workspace.resolve(folder)


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "absent"):
        with pytest.raises(UsageError, match="not a directory"):
            workspace.resolve(tmp_path / name)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a\udcff"])
def test_a_path_that_no_message_could_show_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="can't be shown"):
        workspace.resolve(tmp_path / name)


def test_the_real_path_counts(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(UsageError, match="too wide"):
        workspace.resolve(tmp_path / "link")


def test_stand_ins_go_when_the_last_session_ends(tmp_path: Path) -> None:
    with workspace.protected(tmp_path):
        with workspace.protected(tmp_path):
            assert {".git", ".agent", "learned_skills"} <= _names(tmp_path)
        assert {".git", ".agent", "learned_skills"} <= _names(tmp_path)
    assert _names(tmp_path) == set()


def test_what_was_put_there_meanwhile_stays(tmp_path: Path) -> None:
    with workspace.protected(tmp_path):
        (tmp_path / "learned_skills" / "skill.py").touch()
        (tmp_path / ".agent" / "cache").mkdir()
        (tmp_path / "agent.toml").write_text("tier = 'quick'\n")
    assert _names(tmp_path) == {".agent", "learned_skills", "agent.toml"}


def test_an_own_empty_settings_file_would_not_be_missed_but_a_full_one_stays(
    tmp_path: Path,
) -> None:
    (tmp_path / "agent.toml").write_text("# mine\n")
    with workspace.protected(tmp_path):
        pass
    assert (tmp_path / "agent.toml").read_text() == "# mine\n"


def test_a_private_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".agent").write_text("")
    with pytest.raises(UsageError, match=r"\.agent can't be used"), workspace.protected(tmp_path):
        pass


def test_a_lock_that_was_taken_away_meanwhile_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, took_away = fcntl.flock, False

    def flock(lock: int, operation: int) -> None:
        nonlocal took_away
        if not took_away:  # as the last of the other sessions does
            took_away = True
            (tmp_path / ".agent" / "lock").unlink()
            (tmp_path / ".agent").rmdir()
        real(lock, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with workspace.protected(tmp_path):
        with workspace.protected(tmp_path):
            pass
        assert {".git", ".agent", "learned_skills"} <= _names(tmp_path)
    assert _names(tmp_path) == set()

"""Bad input is told in a line, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli import checks
from sessions.errors import UsageError


def test_a_workspace_is_an_absolute_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert checks.existing(".") == checks.writable(".") == tmp_path.resolve()


def test_what_is_no_workspace_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name, reason in [
        ("missing", "does not exist"),
        ("file", "is not a directory"),
        ("loop", "loop' "),
        ("a\0b", "can't be reached"),
    ]:
        with pytest.raises(UsageError, match=reason):
            checks.existing(str(tmp_path / name))
    with pytest.raises(UsageError, match="'' can't be reached"):
        checks.existing("")


def test_a_workspace_must_take_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        checks.writable("/proc/self")
    assert checks.writable(str(tmp_path)) == tmp_path.resolve()
    assert not list(tmp_path.iterdir())


def test_seconds_are_above_zero() -> None:
    assert checks.seconds(None) is None
    assert checks.seconds("1.5") == 1.5
    for text in ("0", "-1", "nan", "inf", "soon", ""):
        with pytest.raises(UsageError, match="--timeout"):
            checks.seconds(text)


def test_a_count_is_at_least_one() -> None:
    assert checks.count("12") == 12
    for text in ("0", "-1", "1.5", "many", ""):
        with pytest.raises(UsageError, match="--limit"):
            checks.count(text)


def test_nothing_can_not_be_said() -> None:
    assert checks.said(" a task\n", "task") == "a task"
    for text in ("", " \n"):
        with pytest.raises(UsageError, match="the task is empty"):
            checks.said(text, "task")

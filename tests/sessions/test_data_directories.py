"""Directories of data: shown to cells, read-only, unless they would show too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions import Session
from sessions.data_directories import resolved
from sessions.errors import UsageError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "home"
    (place / ".ssh" / "keys").mkdir(parents=True)
    (place / "tables").mkdir()
    monkeypatch.setenv("HOME", str(place))
    return place


@pytest.mark.parametrize(
    "named",
    ["/", "/etc", "/etc/ssl", "/proc/self", "/home", "~", "~/..", "~/.ssh", "~/.ssh/keys"],
)
def test_what_would_show_secrets_is_refused(home: Path, workspace: Path, named: str) -> None:
    with pytest.raises(UsageError, match="would show"):
        resolved([named], workspace)


def test_a_link_is_what_it_leads_to(home: Path, workspace: Path) -> None:
    (home / "innocent").symlink_to(home / ".ssh")
    with pytest.raises(UsageError, match=r"\.ssh"):
        resolved([home / "innocent"], workspace)
    (home / "link").symlink_to(home / "tables")
    assert resolved([home / "link", "~/tables"], workspace) == (home / "tables",)


def test_the_workspace_is_nothing_to_be_shown_besides(workspace: Path) -> None:
    (workspace / "part").mkdir()
    for named in (workspace, workspace / "part", workspace.parent):
        with pytest.raises(UsageError, match="overlaps"):
            resolved([named], workspace)


def test_a_file_is_no_directory(workspace: Path, home: Path) -> None:
    file = home / "table.csv"
    file.touch()
    with pytest.raises(UsageError, match="is a file: name the folder"):
        resolved([file], workspace)


def test_what_is_not_there_is_told_before_anything_starts(workspace: Path, home: Path) -> None:
    for named in (home / "missing", "~nobody-of-that-name/x"):
        with pytest.raises(UsageError, match=r"is not there|can't be found"):
            Session(workspace, data=[Path(named)])
    assert list(workspace.iterdir()) == []

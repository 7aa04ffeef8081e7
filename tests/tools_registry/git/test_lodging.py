"""Temporary folders: none stays for longer than the next call, and none goes while it is used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools_registry.git.lodging import lodging

HOLD = """
import os, signal, sys
from pathlib import Path
from tools_registry.git.lodging import lodging
with lodging(Path(sys.argv[1])) as place:
    (place.path / "below").mkdir()
    (place.path / "link").symlink_to(sys.argv[1])
    if len(sys.argv) > 2:
        import subprocess
        read, _ = map(int, sys.argv[2].split(","))
        subprocess.Popen(["cat"], stdin=read, stdout=subprocess.DEVNULL, pass_fds=(place.lock,))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path, *args: str, fds: tuple[int, ...] = ()) -> None:
    """Let a process be killed in the middle of using a folder."""
    command = [sys.executable, "-c", HOLD, str(folder), *args]
    done = subprocess.run(command, cwd=Path.cwd(), check=False, timeout=60, pass_fds=fds)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_process_left_the_next_one_removes(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    killed(tmp_path)
    assert len(list(tmp_path.glob("agent-git-*"))) == 1
    with lodging(tmp_path) as place:
        assert list(tmp_path.glob("agent-git-*")) == [place.path]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_in_use_stays(tmp_path: Path) -> None:
    with lodging(tmp_path) as first:
        (first.path / "file").write_text("kept")
        with lodging(tmp_path) as second:
            assert second.path != first.path
        assert (first.path / "file").read_text() == "kept"


def test_it_stays_while_a_process_works_there_that_outlived_its_parent(tmp_path: Path) -> None:
    read, write = os.pipe()
    killed(tmp_path, f"{read},{write}", fds=(read,))
    os.close(read)
    (left,) = tmp_path.glob("agent-git-*")
    with lodging(tmp_path):
        assert left.exists()
    os.close(write)  # it ends
    while left.exists():
        with lodging(tmp_path):
            pass


def test_a_link_or_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    parent = tmp_path / "parent"
    parent.mkdir()
    (parent / "agent-git-link").symlink_to(elsewhere)
    (parent / "agent-git-file").touch()
    with lodging(parent):
        pass
    assert (elsewhere / "file").exists()
    assert len(list(parent.iterdir())) == 2


def test_many_at_once_have_one_each_and_leave_none(tmp_path: Path) -> None:
    def use(number: int) -> bool:
        with lodging(tmp_path) as place:
            file = place.path / "number"
            file.write_text(str(number))
            return file.read_text() == str(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(200)))
    assert list(tmp_path.iterdir()) == []

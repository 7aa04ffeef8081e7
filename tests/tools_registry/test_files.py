"""Files of a library are read without following or waiting for anything."""

import os
import socket
from pathlib import Path

import pytest

from tools_registry.files import FileRefusedError, Folder, read_file


def test_a_regular_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1024)

    assert read_file(tmp_path / "a", limit=1024) == b"x" * 1024
    with pytest.raises(FileRefusedError, match="is larger than"):
        read_file(tmp_path / "a", limit=1023)


def test_a_link_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to("secret")

    with pytest.raises(FileRefusedError, match="is a link"):
        read_file(tmp_path / "link", limit=100)


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    with pytest.raises(FileRefusedError, match="is no directory"), Folder.open(tmp_path / "link"):
        pass


@pytest.mark.timeout(10)
def test_what_is_no_file_neither_hangs_nor_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener, Folder.open(tmp_path) as folder:
        listener.bind(str(tmp_path / "socket"))
        for name in ["fifo", "folder", "socket"]:
            with pytest.raises(FileRefusedError):
                folder.read(name, limit=100)
    with pytest.raises(FileRefusedError):
        read_file(Path("/dev/zero"), limit=100)


def test_reading_leaves_no_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with Folder.open(tmp_path) as folder:
        for name in ["folder", "fifo"]:
            with pytest.raises(FileRefusedError):
                folder.read(name, limit=100)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_writing_is_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    with Folder.open(tmp_path) as folder:
        folder.write("a", b"one")
        folder.write("a", b"two")

        with pytest.raises(FileExistsError):
            folder.write("a", b"three", replace=False)
        assert folder.names() == ["a"]
    assert (tmp_path / "a").read_bytes() == b"two"


def test_the_opened_folder_is_meant_even_if_its_name_moves(tmp_path: Path) -> None:
    path, other = tmp_path / "library", tmp_path / "other"
    path.mkdir()
    other.mkdir()
    with Folder.open(path) as folder:
        path.rename(tmp_path / "moved")
        path.symlink_to(other)
        folder.write("a", b"x")

    assert [p.name for p in (tmp_path / "moved").iterdir()] == ["a"]
    assert not list(other.iterdir())

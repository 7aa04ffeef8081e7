"""Long output keeps its head and tail, and loses nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sessions.overflow import Overflow


@given(st.lists(st.text(alphabet="ab\n", max_size=30), max_size=20))
def test_within_the_limit_nothing_changes(pieces: list[str]) -> None:
    overflow = Overflow(10_000, Path("/nowhere/file"))
    assert "".join(map(overflow.write, pieces)) == "".join(pieces) == overflow.close()
    assert not overflow.overflowed


@given(st.lists(st.text(alphabet="abc\n", min_size=1, max_size=30), min_size=1, max_size=40))
def test_beyond_it_head_and_tail_stay_and_the_file_has_all(pieces: list[str]) -> None:
    text = "".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "outputs", "all.txt")
        overflow = Overflow(20, file)
        live = "".join(map(overflow.write, pieces))
        kept = overflow.close()
        assert text.startswith(live)
        assert overflow.overflowed == (len(text) > 20)
        if overflow.overflowed:
            assert file.read_text() == text
            assert kept.startswith(text[:10])
            assert kept.endswith(text[-10:])
            assert str(file) in kept


def test_where_no_file_can_be_made_head_and_tail_still_stay() -> None:
    overflow = Overflow(4, Path("/proc/nowhere/file"))
    overflow.write("abcdefgh")
    assert overflow.close().startswith("ab\n")
    assert "not kept" in overflow.close()


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outputs").symlink_to(tmp_path / "elsewhere")
    overflow = Overflow(4, tmp_path / "outputs" / "session" / "out.txt")
    overflow.write("abcdefgh")
    assert "not kept" in overflow.close()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "out.txt").symlink_to(target)
    overflow = Overflow(4, tmp_path / "out.txt")
    overflow.write("abcdefgh")
    overflow.close()
    assert target.read_text() == "precious"


def test_a_full_disk_costs_the_file_and_nothing_else() -> None:
    overflow = Overflow(4, Path("/dev/full"))
    for _ in range(100):
        overflow.write("abcdefgh" * 1000)
    assert overflow.close().startswith("ab\n")
    assert "not kept" in overflow.close()

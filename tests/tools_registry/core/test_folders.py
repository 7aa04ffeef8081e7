"""Folders, and the form of files, as they are on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools_registry.core import text
from tools_registry.core.files import sniff_csv
from tools_registry.core.folders import find_duplicate_files, folder_tree, largest_files


def test_a_tree_shows_folders_first_and_their_sizes() -> None:
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/a.txt").write_text("x" * 2048)
    Path("deep/b.txt").write_text("")
    Path(".hidden").write_text("x")
    lines = folder_tree(depth=2).splitlines()
    assert lines[:3] == ["deep/  2 KB", "  er/  2 KB", "  b.txt  0 B"]
    assert ".hidden" not in folder_tree(depth=5)
    assert "    a.txt  2 KB" in folder_tree(depth=3).splitlines()
    assert folder_tree(depth=1).splitlines()[0] == "deep/  2 KB"


def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "copy.txt").symlink_to("notes.txt")
    assert "loop" not in folder_tree(depth=9)
    assert find_duplicate_files() == []
    assert len(largest_files(limit=99)) == 3


def test_a_long_tree_is_cut() -> None:
    for number in range(600):
        Path(f"f{number}").touch()
    assert folder_tree().splitlines()[-1] == "… 103 more"
    assert find_duplicate_files() == []  # empty ones are no copies


def test_copies_are_found_in_groups() -> None:
    Path("deep").mkdir()
    for name, content in {"a": "xx", "deep/b": "xx", "c": "yy", "d": "zzz", "e": "zzz"}.items():
        Path(name).write_text(content)
    assert find_duplicate_files() == [["d", "e"], ["a", "deep/b"]]


@pytest.mark.parametrize(
    ("content", "separator", "encoding", "header"),
    [
        (b"a;b\n1,5;2\n2,5;3\n", ";", "utf-8", ["a", "b"]),
        (b"a\tb, c\n1\t2\n", "\t", "utf-8", ["a", "b, c"]),
        (b"1,2\n3,4\n", ",", "utf-8", None),
        (b'"x, y",z\n"1, 2",3\n', ",", "utf-8", ["x, y", "z"]),
        ("größe|b\n1|2\n".encode("cp1252"), "|", "cp1252", ["größe", "b"]),
        ("a,b\n1,2\n".encode("utf-8-sig"), ",", "utf-8-sig", ["a", "b"]),
        ("a,b\n1,2\n".encode("utf-16"), ",", "utf-16", ["a", "b"]),
        (b"name\nx\n", ",", "utf-8", ["name"]),
        (b"a,a\n1,2\n", ",", "utf-8", None),
        (("é,b\n" + "1,2\n" * 40_000).encode(), ",", "utf-8", ["é", "b"]),
    ],
)
def test_the_form_of_a_file_is_told(
    content: bytes, separator: str, encoding: str, header: list[str] | None
) -> None:
    Path("some.csv").write_bytes(content)
    found = sniff_csv("some.csv")
    assert (found["separator"], found["encoding"]) == (separator, encoding)
    assert found["header"] == header


def test_sentences_and_tokens() -> None:
    said = 'He said: "Go!" She left at 5 p.m. today. Why? E. coli, i.e. Bacteria.\n\nNew part'
    assert text.split_sentences(said)[-2:] == ["E. coli, i.e. Bacteria.", "New part"]
    assert "".join(text.split_sentences(said)).replace(" ", "") == "".join(said.split())
    prose = "The quick brown fox jumps over the lazy dog. " * 20
    assert 180 <= text.estimate_tokens(prose) <= 240
    assert text.estimate_tokens("日本語の文章") == 6


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: folder_tree("nowhere"), FileNotFoundError, "no folder nowhere"),
        (lambda: folder_tree(depth=0), ValueError, "depth is 0"),
        (lambda: sniff_csv("nothing.csv"), FileNotFoundError, "no file nothing.csv"),
        (lambda: sniff_csv("empty.csv"), ValueError, "is empty"),
        (lambda: sniff_csv("binary.csv"), ValueError, "not a text file"),
    ],
)
def test_what_is_said_of_wrong_input(
    call: Callable[[], object], error: type[Exception], said: str
) -> None:
    Path("empty.csv").write_text("\n")
    Path("binary.csv").write_bytes(b"a\0b")
    with pytest.raises(error, match=said):
        call()

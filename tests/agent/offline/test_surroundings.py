"""What the host reads of a workspace: little, and nothing outside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.offline.surroundings import look_around, table_of_file, variables_told


def test_data_files_are_listed_by_name(workspace: Path) -> None:
    (workspace / "notes.txt").write_text("x")
    (workspace / ".hidden.csv").write_text("a\n1\n")
    (workspace / "link.csv").symlink_to("/etc/passwd")
    assert look_around(workspace).files == ("penguins.csv",)


def test_a_missing_workspace_has_no_files(tmp_path: Path) -> None:
    assert look_around(tmp_path / "absent").files == ()


def test_header_and_values(workspace: Path) -> None:
    table = table_of_file(workspace, "penguins.csv")
    assert table.columns[:2] == ("Species", "Island")
    assert table.spellings["Sex"] == {"male": ("MALE",), "female": ("FEMALE",)}


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("semi.csv", "a;b c\n1;2\n", ("a", "b c")),
        ("twice.csv", "a,b,a,a.1\n", ("a", "b", "a.2", "a.1")),
        ("tab.tsv", "a\tb,c\n1\t2\n", ("a", "b,c")),
        ("bom.csv", "\ufeffa,b\n1,2\n", ("a", "b")),
        ("lines.jsonl", '{"a": 1}\n{"b": 2}\n', ("a", "b")),
        ("list.json", '[{"a": 1, "b": 2}]', ("a", "b")),
        ("broken.json", "{", ()),
        ("empty.csv", "", ()),
    ],
)
def test_formats(tmp_path: Path, name: str, text: str, columns: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(text)
    assert table_of_file(tmp_path, name).columns == columns


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (tmp_path / "old.csv").write_bytes(mark + "größe,b\n1,Köln\n".encode(encoding))
    table = table_of_file(tmp_path, "old.csv")
    assert table.columns == ("größe", "b")
    assert table.spellings["b"] == {"köln": ("Köln",)}


def test_a_character_cut_at_the_end_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cut.csv").write_text("ä,b\n" + "ö" * 70_000, encoding="utf-8")
    assert table_of_file(tmp_path, "cut.csv").columns == ("ä", "b")


def test_of_a_large_file_only_the_header_counts(tmp_path: Path) -> None:
    (tmp_path / "large.csv").write_text("a,b\n" + "x,y\n" * 300_000)
    table = table_of_file(tmp_path, "large.csv")
    assert table.columns == ("a", "b")
    assert table.spellings == {}


def test_nothing_outside_the_workspace_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link.csv").symlink_to(tmp_path / "secret.csv")
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv"):
        assert table_of_file(work, name).columns == ()


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert table_of_file(tmp_path, "pipe.csv").columns == ()


def test_variables_from_a_listing() -> None:
    told = variables_told("df: DataFrame shape (3, 2)\nn: int 3\nno variables yet")
    assert [(v.name, v.type) for v in told] == [("df", "DataFrame"), ("n", "int")]

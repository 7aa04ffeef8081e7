"""How a file is split into cells."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.cells import read, split
from sessions.errors import UsageError


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1\n", ["1\n"]),
        ("1\n# %%\n2\n", ["1\n", "2\n"]),
        ("# %%\n1\n# %%\n2", ["1\n", "2"]),
        ("\n  \n# %%\n1\n", ["1\n"]),
        ("# %% a title, ignored\n%%time\n1\n", ["%%time\n1\n"]),
        ("# %%\n", [""]),
        ("1\n# %%\n# %%\n2\n", ["1\n", "", "2\n"]),
        ("1\n  # %% indented is code\n", ["1\n  # %% indented is code\n"]),
        ("#%%\n1\n", ["#%%\n1\n"]),
        ("'a\u2028# %%\x0c# %%'\n", ["'a\u2028# %%\x0c# %%'\n"]),
        ("", []),
    ],
)
def test_lines_that_begin_with_the_separator_part_cells(text: str, cells: list[str]) -> None:
    assert split(text) == cells


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n")).map(
    lambda line: line + "\n"
)
CELL = st.lists(LINE.filter(lambda line: not line.startswith("# %%"))).map("".join)


@given(st.lists(CELL, min_size=1))
def test_no_line_of_code_is_lost_or_changed(cells: list[str]) -> None:
    assert split("".join(f"# %%\n{cell}" for cell in cells)) == cells


def test_a_file_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "cells.py"
    file.write_bytes("\ufeffé = 1\r\n".encode())
    assert read(str(file)) == "é = 1\n"


def test_stdin_is_read_if_it_is_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("-", None):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1 + 1")))
        assert read(source) == "1 + 1"


def test_nobody_is_left_waiting_for_code_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(UsageError, match="no code was given"):
        read(None)


def test_what_can_not_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"ok\xff")
    for source, reason in [
        (tmp_path / "missing.py", "no file"),
        (tmp_path, "directory"),
        (binary, "UTF-8"),
        (tmp_path / "a\0b", "can't be read"),
    ]:
        with pytest.raises(UsageError, match=reason):
            read(str(source))

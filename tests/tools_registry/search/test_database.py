"""Files that can be made anew: old ones go, and nobody who has one open notices."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tools_registry.core_tools import core_tools
from tools_registry.search import search
from tools_registry.search.database import _alone, connect, tidy
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.search.search import Search

SCHEMA = "CREATE TABLE IF NOT EXISTS words (word TEXT);"
LATE = """
import sys
from pathlib import Path
from tools_registry.search.database import _alone
with _alone(Path(sys.argv[1])):
    print("alone", flush=True)
    sys.stdin.read()
"""


def make(folder: Path, name: str, age: float = 0.0) -> Path:
    """A file that was opened so many seconds ago."""
    file = folder / f"{name}.sqlite"
    connect(file, SCHEMA).close()
    moment = time.time() - age
    os.utime(file.with_name(f"{file.name}.lock"), (moment, moment))
    return file


def test_old_ones_go_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    old, new = make(tmp_path, "old", 100), make(tmp_path, "new", 10)
    for suffix in "-wal", "-shm":
        old.with_name(old.name + suffix).touch()
    (tmp_path / "mine.txt").touch()
    tidy(tmp_path, most=5, seconds=50)
    assert not list(tmp_path.glob("old*"))
    assert new.exists()
    assert (tmp_path / "mine.txt").exists()


def test_of_many_those_opened_last_stay(tmp_path: Path) -> None:
    for age in range(6):
        make(tmp_path, str(age), age * 10)
    tidy(tmp_path, most=2, seconds=1_000)
    assert sorted(file.name for file in tmp_path.glob("*.sqlite")) == ["0.sqlite", "1.sqlite"]


def test_opening_makes_it_new(tmp_path: Path) -> None:
    file = make(tmp_path, "used", 100)
    connect(file, SCHEMA).close()
    tidy(tmp_path, most=5, seconds=50)
    assert file.exists()


def test_who_has_it_open_goes_on(tmp_path: Path) -> None:
    tools = core_tools()[0]
    index = KeywordIndex(tools, tmp_path / "used.sqlite")
    index.update()
    found = index.scores("strip accents")
    tidy(tmp_path, most=0, seconds=0)
    assert list(tmp_path.iterdir()) == []
    assert index.scores("strip accents") == found
    again = KeywordIndex(tools, tmp_path / "used.sqlite")
    again.update()
    assert again.scores("strip accents") == found


def test_one_that_is_being_opened_stays(tmp_path: Path) -> None:
    file = make(tmp_path, "opening", 100)
    with _alone(file):
        tidy(tmp_path, most=0, seconds=0)
    assert file.exists()


def test_who_waited_for_a_lock_that_is_gone_takes_the_new_one(tmp_path: Path) -> None:
    """Else two would be alone with the same file."""
    file = tmp_path / "x.sqlite"
    command = [sys.executable, "-c", LATE, str(file)]
    with _alone(file):
        file.with_name("x.sqlite.lock").unlink()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "alone\n"
            tidy(tmp_path, most=0, seconds=0)
            assert file.with_name("x.sqlite.lock").exists()  # it is held
            other.communicate()


def test_many_open_while_others_tidy(tmp_path: Path) -> None:
    def work(number: int) -> bool:
        if number % 2:
            tidy(tmp_path, most=0, seconds=0)
            return True
        with closing(connect(tmp_path / "x.sqlite", SCHEMA)) as database:
            database.execute("INSERT INTO words VALUES ('a')")
            (count,) = database.execute("SELECT count(*) FROM words").fetchone()
        return int(count) > 0

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(60)))


def test_a_search_tidies(tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_FILE_FROM", 1)
    (own_cache / "keywords").mkdir(parents=True)
    old = make(own_cache / "keywords", "old", search._UNUSED + 60)
    first = Search(core_tools()[0], collection="mine")
    first.rank("strip accents", 1)
    first.wait()
    assert not old.exists()
    assert (own_cache / "keywords" / "mine.sqlite").exists()


def test_a_folder_that_is_not_there_is_tidy(tmp_path: Path) -> None:
    tidy(tmp_path / "nothing", most=0, seconds=0)
    assert list(tmp_path.iterdir()) == []

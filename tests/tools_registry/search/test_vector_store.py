"""Vectors are kept between processes, exact enough, and a damaged file is made anew."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search import vector_store
from tools_registry.search.layers import SIZE
from tools_registry.search.vector_store import RECORD, VectorStore, key_of, pack, unpack

WRITER = """
import sys
from pathlib import Path
from tools_registry.search.vector_store import RECORD, VectorStore, key_of
store = VectorStore(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    store.put({key_of(sys.argv[2], str(n), str(k)): bytes(RECORD.itemsize) for k in range(50)})
    print(n, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors.sqlite"


def record(value: int = 1) -> bytes:
    return bytes([value] * RECORD.itemsize)


def count(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_a_byte_for_each_number_is_enough(seed: int, length: float) -> None:
    vectors = np.random.default_rng(seed).standard_normal((5, SIZE)).astype(np.float32) * length
    kept = unpack(pack(vectors))
    cosines = (
        (kept * vectors).sum(1) / np.linalg.norm(kept, axis=1) / np.linalg.norm(vectors, axis=1)
    )

    assert cosines.min() > 0.999


def test_nothing_is_a_vector_too() -> None:
    assert not unpack(pack(np.zeros((1, SIZE), np.float32))).any()


def test_the_next_process_has_it(file: Path) -> None:
    VectorStore(file).put({key_of("a"): record(1), key_of("b"): record(2)})

    found = VectorStore(file).get([key_of("b"), key_of("c"), key_of("a"), key_of("a")])
    assert found == {key_of("a"): record(1), key_of("b"): record(2)}


def test_many_are_read_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = VectorStore(file)
    store.put({key_of(str(n)): record(n) for n in range(100)})
    monkeypatch.setattr(vector_store, "_FEW", 10)

    found = store.get([key_of(str(n)) for n in range(50, 150)])
    assert found == {key_of(str(n)): record(n) for n in range(50, 100)}


def test_the_oldest_go_when_there_are_too_many(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "MOST", 3)
    store = VectorStore(file)
    for n in range(5):
        store.put({key_of(str(n)): record(n)})

    assert sorted(store.get([key_of(str(n)) for n in range(5)])) == sorted(
        key_of(str(n)) for n in (2, 3, 4)
    )


def test_a_record_that_was_changed_is_not_believed(file: Path) -> None:
    VectorStore(file).put({key_of("a"): record(), key_of("b"): record()})
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE vectors SET record = ? WHERE key = ?", [record(2), key_of("a")])
        database.commit()

    assert list(VectorStore(file).get([key_of("a"), key_of("b")])) == [key_of("b")]


@pytest.mark.parametrize("content", [b"", b"text" * 5000, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_made_anew(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)

    store = VectorStore(file)
    assert store.get([key_of("a")]) == {}
    store.put({key_of("a"): record()})
    assert VectorStore(file).get([key_of("a")]) == {key_of("a"): record()}


def test_a_place_that_can_not_be_written_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = VectorStore(tmp_path / "file" / "vectors.sqlite")
    store.put({key_of("a"): record()})

    assert store.get([key_of("a")]) == {key_of("a"): record()}


def test_processes_write_at_once_and_nothing_is_lost(file: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(file), name, "10"] for name in "ab"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]

    assert [process.wait(60) for process in running] == [0, 0]
    assert count(file) == 1000


def test_a_killed_process_leaves_all_of_a_batch_or_nothing(file: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(file), "a", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.kill()

    assert count(file) >= 250
    assert count(file) % 50 == 0
    VectorStore(file).put({key_of("b"): record()})
    assert VectorStore(file).get([key_of("b")])

"""Vectors are kept between processes, and a damaged cache is made anew."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tools_registry.search import vector_cache
from tools_registry.search.embedding import SIZE
from tools_registry.search.tensors import Array
from tools_registry.search.vector_cache import cached_vectors


class Encoder:
    """Counts what it is asked; a text of n characters points along axis n."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Array:
        self.asked += texts
        vectors = np.zeros((len(texts), SIZE), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[len(text)] = 1
        return vectors


def axes(vectors: Array) -> list[int]:
    return [int(axis) for axis in vectors.argmax(1)]


def test_the_next_process_asks_for_what_is_new(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "vectors.bin"
    first, second = Encoder(), Encoder()

    assert axes(cached_vectors(["a", "bb", "a"], first, file)) == [1, 2, 1]
    assert axes(cached_vectors(["ccc", "bb", "a"], second, file)) == [3, 2, 1]
    assert (first.asked, second.asked) == (["a", "bb"], ["ccc"])
    assert [path.name for path in file.parent.iterdir()] == ["vectors.bin"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: b"noise",
        lambda content: b"",
        lambda content: content[:40] + b"\xff" * 400 + content[440:],
        lambda content: content[:32] + bytes(SIZE * 4),
    ],
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: object) -> None:
    file = tmp_path / "vectors.bin"
    cached_vectors(["a"], Encoder(), file)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]  # a lambda

    encoder, last = Encoder(), Encoder()
    assert axes(cached_vectors(["a"], encoder, file)) == [1]
    assert encoder.asked == ["a"]
    cached_vectors(["a"], last, file)
    assert last.asked == []


def test_a_place_that_can_not_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert axes(cached_vectors(["a"], Encoder(), tmp_path / "file" / "vectors.bin")) == [1]


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "MOST", 2)
    file = tmp_path / "vectors.bin"
    for text in ["a", "bb", "ccc"]:
        cached_vectors([text], Encoder(), file)

    encoder = Encoder()
    cached_vectors(["bb", "ccc", "a"], encoder, file)
    assert encoder.asked == ["a"]


def test_no_texts_and_odd_texts(tmp_path: Path) -> None:
    assert cached_vectors([], Encoder(), tmp_path / "v").shape == (0, SIZE)
    assert axes(cached_vectors(["\ud800"], Encoder(), tmp_path / "v")) == [1]

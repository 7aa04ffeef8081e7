"""The nearest of many are found by signs, among all or among some."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tools_registry.search import meaning_index
from tools_registry.search.embedding import Encoder
from tools_registry.search.layers import SIZE
from tools_registry.search.meaning_index import MeaningIndex
from tools_registry.search.meanings import Meanings
from tools_registry.search.tensors import Array
from tools_registry.search.vector_store import VectorStore
from tools_registry.tool import Tool

MANY = 400


class Model:
    """Random vectors by text, in place of the model; counts the texts."""

    name = ""

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> Array:
        self.asked += len(texts)
        rows = [np.random.default_rng(list(text.encode())).standard_normal(SIZE) for text in texts]
        vectors = np.array(rows, np.float32)
        lengths: Array = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths


def meanings(file: Path | None = None, model: Model | None = None) -> Meanings:
    return Meanings(cast("Encoder", model or Model()), VectorStore(file))


def tools(number: int) -> list[Tool]:
    return [
        Tool(
            name=f"tool{n}",
            kind="user",
            module="m",
            category="c",
            signature="s",
            summary=f"Does {n}.",
            doc="",
            file=Path("x"),
        )
        for n in range(number)
    ]


def filled(number: int = MANY) -> MeaningIndex:
    index = MeaningIndex(tools(number), meanings())
    while not index.complete:
        index.fill()
    return index


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> MeaningIndex:
    monkeypatch.setattr(meaning_index, "EXACT", 50)
    return filled()


@pytest.mark.parametrize("position", [0, 7, MANY - 1])
def test_signs_find_what_is_nearest(large: MeaningIndex, position: int) -> None:
    vector = large.vectors(np.array([position]))[0]
    noise = np.random.default_rng(0).standard_normal(SIZE).astype(np.float32) * 0.02

    assert not large.exact
    assert position in large.nearest(vector + noise, 20)
    assert len(large.nearest(vector, 20)) == 20


def test_only_wanted_ones_are_near(large: MeaningIndex) -> None:
    vector = large.vectors(np.array([300]))[0]
    wanted = np.arange(100, 350)

    near = large.nearest(vector, 20, wanted)
    assert 300 in near
    assert set(near) <= set(wanted)
    assert list(large.nearest(vector, 20, np.array([3, 5]))) == [3, 5]


def test_few_are_all_looked_at() -> None:
    index = filled(30)

    assert index.exact
    assert list(index.nearest(np.ones(SIZE, np.float32), 5)) == list(range(30))


def test_vectors_are_made_once(tmp_path: Path) -> None:
    model = Model()
    for _ in range(2):
        index = MeaningIndex(tools(40), meanings(tmp_path / "vectors.sqlite", model))
        while not index.complete:
            index.fill()

    assert model.asked == 80


def test_what_was_made_before_the_end_is_kept(tmp_path: Path) -> None:
    MeaningIndex(tools(40), meanings(tmp_path / "vectors.sqlite")).fill()
    again = MeaningIndex(tools(40), meanings(tmp_path / "vectors.sqlite"))

    assert not again.complete
    assert again.vectors(np.arange(40)).any(axis=1).sum() == 32


def test_requests_are_remembered_and_their_values_left_out() -> None:
    model = Model()
    mine = meanings(model=model)
    first = mine.of_request("weather in Oslo on Monday, please")
    asked = model.asked

    assert asked == 2
    assert np.array_equal(mine.of_request("weather in Oslo on Monday, please"), first)
    assert model.asked == asked


def test_past_requests_are_kept_and_made_a_hundred_at_a_time(tmp_path: Path) -> None:
    model = Model()
    requests = [f"do thing {'x' * n}" for n in range(1, 151)]
    first = meanings(tmp_path / "vectors.sqlite", model).of_past(requests)
    again = meanings(tmp_path / "vectors.sqlite", model).of_past(requests)

    assert (first.any(axis=1).sum(), again.any(axis=1).sum()) == (100, 150)
    assert model.asked == 150
    assert np.array_equal(first[:100], again[:100])

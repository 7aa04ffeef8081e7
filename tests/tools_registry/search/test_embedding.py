"""Vectors of texts agree with the reference, and with meaning."""

from pathlib import Path

import numpy as np
import pytest

from tools_registry.search.blas import one_thread
from tools_registry.search.embedding import Encoder
from tools_registry.search.layers import SIZE
from tools_registry.search.tensors import Array, TensorsError


@pytest.fixture(scope="module")
def encoder(weights: Path) -> Encoder:
    return Encoder.open(weights)


def test_a_vector_has_the_numbers_of_the_reference(encoder: Encoder) -> None:
    vector = encoder.encode(["Count the words of a text."])[0]

    # computed with the model's own implementation
    expected = [0.08767907, 0.04039627, -0.04697849, 0.03540311, -0.08360197, 0.11970187]
    assert vector[:6] == pytest.approx(expected, abs=1e-6)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("average of the numbers", "arithmetic mean of a list", "draw a bar chart"),
        ("remove duplicate rows", "drop repeated records of a table", "days between two dates"),
        ("what day of the week is it", "name of the weekday of a date", "how a text is spelled"),
        ("how tall is the building", "height in metres", "price in euros"),
    ],
)
def test_like_meanings_lie_closer(encoder: Encoder, query: str, near: str, far: str) -> None:
    asked, close, distant = encoder.encode([query, near, far])

    assert asked @ close > asked @ distant + 0.15


def test_a_text_has_the_same_vector_in_any_company(encoder: Encoder) -> None:
    texts = ["short", "a text of some more words than that", "x " * 400, "", "😀"]

    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert together.shape == (5, SIZE)
    assert together == pytest.approx(alone, abs=2e-6)


def test_no_text_is_no_vector(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, SIZE)


def test_one_thread_is_given_back() -> None:
    from tools_registry.search import blas

    library = blas._openblas()
    if library is None:
        pytest.skip("numpy brings no OpenBLAS of its own here")
    count = library[blas._GET]
    before = count()
    with one_thread():
        assert count() == 1
    assert count() == before


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]")
    (tmp_path / "model.safetensors").write_bytes(b"\x02" + bytes(7) + b"{}")

    with pytest.raises(TensorsError, match="the weights have no embeddings"):
        Encoder.open(tmp_path)


def test_a_vocabulary_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("hello")

    with pytest.raises(TensorsError, match=r"vocab\.txt"):
        Encoder.open(tmp_path)


def test_gelu_is_exact_enough() -> None:
    import math

    from tools_registry.search.layers import _gelu

    x: Array = np.linspace(-6, 6, 1001, dtype=np.float32).reshape(-1, 1)
    exact = [n * (1 + math.erf(n / math.sqrt(2))) / 2 for n in x[:, 0].tolist()]
    assert _gelu(x.copy())[:, 0] == pytest.approx(exact, abs=1e-6)

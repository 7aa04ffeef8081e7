"""The layers by onnxruntime: the same vectors as numpy's, nearly; numpy wherever that fails."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from tools_registry.search import quantized
from tools_registry.search.embedding import Encoder
from tools_registry.search.layers import Weights
from tools_registry.search.meanings import Meanings
from tools_registry.search.tensors import read_tensors
from tools_registry.tool import Tool

pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

TEXTS = (
    "What is the weather like in Oslo tomorrow?",
    "Arithmetic mean of a list of numbers.",
    "drop duplicate rows",
    "x",
    "",
    "word " * 400,
    "天気はどうですか 😀",
)
TOOL = Tool(
    name="mean",
    kind="user",
    module="m",
    category="c",
    signature="s",
    summary="Arithmetic mean.",
    doc="",
    file=Path("x"),
)


@pytest.fixture(scope="module")
def plain(weights: Path) -> Encoder:
    return Encoder.open(weights)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def quick(weights: Path, folder: Path) -> Encoder:
    return Encoder.open(weights, folder)


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_its_vectors_are_those_of_numpy_but_for_a_small_angle(
    plain: Encoder, quick: Encoder
) -> None:
    assert (plain.name, quick.name) == ("", "int8-1")
    one, two = plain.encode(TEXTS), quick.encode(TEXTS)
    assert np.linalg.norm(two, axis=1) == pytest.approx(1, abs=1e-5)
    assert ((one * two).sum(axis=1) > 0.97).all()
    assert ((one * two).sum(axis=1) < 0.99999).any()  # else numpy made both


def test_a_text_has_the_same_vector_in_any_company(quick: Encoder) -> None:
    alone = np.concatenate([quick.encode([text]) for text in TEXTS])
    assert np.array_equal(quick.encode(TEXTS), alone)


def test_the_model_is_made_once(
    weights: Path, folder: Path, quick: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(layers: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(quantized, "build", build)
    again = Encoder.open(weights, folder)
    assert again.name == quick.name
    assert np.array_equal(again.encode(TEXTS), quick.encode(TEXTS))


@pytest.mark.parametrize("damage", ["cut", "changed", "other weights", "empty"])
def test_a_kept_model_that_is_not_as_it_was_is_made_anew(
    weights: Path, quick: Encoder, folder: Path, damage: str
) -> None:
    file = kept(folder)
    whole = file.read_bytes()
    head, _, model = whole.partition(b"\n")
    file.write_bytes(
        {
            "cut": whole[:-1],
            "changed": head + b"\n" + model[:500] + bytes([model[500] ^ 1]) + model[501:],
            "other weights": head.replace(b"int8-1 ", b"int8-1 1") + b"\n" + model,
            "empty": b"",
        }[damage]
    )
    assert np.array_equal(Encoder.open(weights, folder).encode(TEXTS), quick.encode(TEXTS))
    assert file.read_bytes() == whole


def test_without_onnxruntime_numpy_computes_and_nobody_is_told(
    weights: Path,
    plain: Encoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    encoder = Encoder.open(weights, tmp_path / "models")
    assert encoder.name == ""
    assert np.array_equal(encoder.encode(TEXTS), plain.encode(TEXTS))
    assert caplog.messages == []
    assert not (tmp_path / "models").exists()


def test_where_it_computes_nonsense_numpy_is_used_and_nothing_is_kept(
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    build = quantized.build
    monkeypatch.setattr(quantized, "build", lambda layers: build(layers[:3]))
    with caplog.at_level(logging.WARNING):
        encoder = Encoder.open(weights, tmp_path / "models")
    assert encoder.name == ""
    assert "numpy is used" in caplog.text
    assert not (tmp_path / "models").exists()


def test_whatever_it_raises_numpy_computes(
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(quantized, "build", lambda layers: b"no model")
    with caplog.at_level(logging.WARNING):
        encoder = Encoder.open(weights, tmp_path)
    assert encoder.name == ""
    assert "can't be used for search" in caplog.text


def test_a_file_in_place_of_the_folder_costs_only_time(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    assert Encoder.open(weights, tmp_path / "models").name == "int8-1"


def test_vectors_of_both_are_kept_apart(weights: Path, tmp_path: Path, plain: Encoder) -> None:
    quick = Meanings.open(weights, tmp_path / "vectors.sqlite")
    slow = Meanings(plain, quick.store)
    first, second = quick.of_tools([TOOL]), slow.of_tools([TOOL])
    keys = [quick.key_of_tool(TOOL), slow.key_of_tool(TOOL)]
    assert len(quick.store.get(keys)) == 2
    assert not np.array_equal(first, second)
    quick.of_past(["mean of numbers"])
    assert slow.of_past(["mean of numbers"]) == pytest.approx(
        slow.of_request("mean of numbers")[None], abs=1e-3
    )


def test_weights_have_seven_bits_and_a_scale_for_each_column(weights: Path) -> None:
    layer = Weights(read_tensors(weights / "model.safetensors")).layers()[0]
    parts = dict(quantized._parts(layer.wide))
    assert parts["weight"].dtype == np.int8
    assert np.abs(parts["weight"]).max() == 63
    back = parts["weight"] * parts["scale"]
    assert back == pytest.approx(layer.wide.weight.T, abs=float(parts["scale"].max()) * 0.501)

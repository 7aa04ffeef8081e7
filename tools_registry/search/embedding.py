"""Vectors of meaning: the forward pass of all-MiniLM-L6-v2.

A transformer of six layers, 22 million numbers. It needs no torch: with numpy one short text takes
about ten milliseconds, with onnxruntime one, and the weights are mapped, not loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from tools_registry.search.blas import one_thread
from tools_registry.search.layers import SIZE, Layers, Mask, NumpyLayers, Weights
from tools_registry.search.quantized import open_quantized
from tools_registry.search.tensors import Array, TensorsError, read_tensors
from tools_registry.search.wordpiece import WordPiece

_FILE = "model.safetensors"


class Encoder:
    """Texts to unit vectors: the closer in meaning, the larger the dot product.

    Use `Encoder.open`.

    Args:
        words: The vocabulary.
        tensors: The weights by name.
        layers: What computes the layers; numpy by default.
    """

    def __init__(
        self, words: WordPiece, tensors: Mapping[str, Array], layers: Layers | None = None
    ) -> None:
        weights = Weights(tensors)
        self._words = words
        self._pieces = weights.get("embeddings.word_embeddings.weight", 0, SIZE)
        kinds = weights.get("embeddings.token_type_embeddings.weight", 0, SIZE)
        self._places = weights.get("embeddings.position_embeddings.weight", 0, SIZE) + kinds[0]
        self._norm = weights.norm("embeddings.LayerNorm")
        self._layers = layers or NumpyLayers(weights.layers())

    @classmethod
    def open(cls, folder: Path, quick: Path | None = None) -> Self:
        """Read `model.safetensors` and `vocab.txt`.

        Args:
            folder: Where they are.
            quick: Folder for what onnxruntime computes with, if that is installed; None for numpy.

        Raises:
            TensorsError: If the weights are not those of the model.
            OSError: If a file can't be read.
        """
        try:
            words = WordPiece((folder / "vocab.txt").read_text(encoding="utf-8"))
        except (UnicodeDecodeError, KeyError) as error:
            msg = "vocab.txt is not a vocabulary"
            raise TensorsError(msg) from error
        file = folder / _FILE
        tensors = read_tensors(file)
        layers = open_quantized(Weights(tensors), file, quick) if quick else None
        return cls(words, tensors, layers)

    @property
    def name(self) -> str:
        """Which of the ways to compute vectors this is: those of two are not mixed."""
        return self._layers.name

    def encode(self, texts: Sequence[str]) -> Array:
        """One unit vector per text, as rows; texts of like length share a pass."""
        tokens = [self._words.encode(text) for text in texts]
        order = sorted(range(len(tokens)), key=lambda n: len(tokens[n]))
        vectors = np.empty((len(tokens), SIZE), np.float32)
        with one_thread():
            for start in range(0, len(order), self._layers.batch):
                batch = order[start : start + self._layers.batch]
                vectors[batch] = self._forward([tokens[n] for n in batch])
        return vectors

    def _forward(self, batch: list[list[int]]) -> Array:
        length = max(map(len, batch))
        numbers = np.array([tokens + [0] * (length - len(tokens)) for tokens in batch])
        real = np.array([[n < len(tokens) for n in range(length)] for tokens in batch])
        x = self._norm(self._pieces[numbers] + self._places[:length])
        return _unit(_mean(self._layers(x, real), real))


def _mean(x: Array, real: Mask) -> Array:
    """Mean over the tokens that are no padding."""
    shares = real / real.sum(1, keepdims=True, dtype=np.float32)
    mean: Array = (x * shares[..., None].astype(np.float32)).sum(1)
    return mean


def _unit(vectors: Array) -> Array:
    lengths: Array = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths

"""Vectors of meaning: the forward pass of all-MiniLM-L6-v2 in numpy.

A transformer of six layers, 22 million numbers. It needs no torch: one short text takes about ten
milliseconds, and the weights are mapped, not loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from tools_registry.search.blas import one_thread
from tools_registry.search.tensors import Array, TensorsError, read_tensors
from tools_registry.search.wordpiece import WordPiece

SIZE = 384
"""Numbers in a vector."""

_LAYERS = 6
_HEADS = 12
_BATCH = 8
_EPSILON = 1e-12


@dataclass(frozen=True)
class _Linear:
    """x·Wᵀ + b."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        rows = x.reshape(-1, x.shape[-1]) @ self.weight.T
        rows += self.bias
        return rows.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True)
class _Norm:
    """Each vector to mean 0 and variance 1, then scaled and shifted."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        scaled: Array = centred / np.sqrt(variance + _EPSILON) * self.weight + self.bias
        return scaled


@dataclass(frozen=True)
class _Layer:
    """Attention, then a feed-forward step; each is added to its input and normed."""

    attention: _Linear
    attended: _Linear
    attended_norm: _Norm
    wide: _Linear
    narrow: _Linear
    narrow_norm: _Norm

    def __call__(self, x: Array, padding: Array) -> Array:
        heads = _attend(self.attention(x), padding)
        x = self.attended_norm(x + self.attended(heads))
        return self.narrow_norm(x + self.narrow(_gelu(self.wide(x))))


class _Tensors:
    """The named weights, with the shapes that the model must have."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self._tensors = tensors

    def get(self, name: str, *shape: int) -> Array:
        tensor = self._tensors.get(name)
        if tensor is None or tensor.ndim != len(shape) or tensor.shape[-1] != shape[-1]:
            msg = f"the weights have no {name} as expected"
            raise TensorsError(msg)
        return tensor

    def linear(self, name: str, width: int = SIZE) -> _Linear:
        weight = self.get(f"{name}.weight", 0, width)
        return _Linear(weight, self.get(f"{name}.bias", len(weight)))

    def norm(self, name: str) -> _Norm:
        return _Norm(self.get(f"{name}.weight", SIZE), self.get(f"{name}.bias", SIZE))

    def layer(self, number: int) -> _Layer:
        prefix = f"encoder.layer.{number}"
        parts = [
            self.linear(f"{prefix}.attention.self.{part}") for part in ("query", "key", "value")
        ]
        return _Layer(
            attention=_Linear(
                np.concatenate([part.weight for part in parts]),
                np.concatenate([part.bias for part in parts]),
            ),
            attended=self.linear(f"{prefix}.attention.output.dense"),
            attended_norm=self.norm(f"{prefix}.attention.output.LayerNorm"),
            wide=self.linear(f"{prefix}.intermediate.dense"),
            narrow=self.linear(f"{prefix}.output.dense", 4 * SIZE),
            narrow_norm=self.norm(f"{prefix}.output.LayerNorm"),
        )


class Encoder:
    """Texts to unit vectors: the closer in meaning, the larger the dot product.

    Use `Encoder.open`.
    """

    def __init__(self, words: WordPiece, tensors: Mapping[str, Array]) -> None:
        weights = _Tensors(tensors)
        self._words = words
        self._pieces = weights.get("embeddings.word_embeddings.weight", 0, SIZE)
        kinds = weights.get("embeddings.token_type_embeddings.weight", 0, SIZE)
        self._places = weights.get("embeddings.position_embeddings.weight", 0, SIZE) + kinds[0]
        self._norm = weights.norm("embeddings.LayerNorm")
        self._layers = [weights.layer(number) for number in range(_LAYERS)]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read `model.safetensors` and `vocab.txt`.

        Raises:
            TensorsError: If the weights are not those of the model.
            OSError: If a file can't be read.
        """
        try:
            words = WordPiece((folder / "vocab.txt").read_text(encoding="utf-8"))
        except (UnicodeDecodeError, KeyError) as error:
            msg = "vocab.txt is not a vocabulary"
            raise TensorsError(msg) from error
        return cls(words, read_tensors(folder / "model.safetensors"))

    def encode(self, texts: Sequence[str]) -> Array:
        """One unit vector per text, as rows; texts of like length share a pass."""
        tokens = [self._words.encode(text) for text in texts]
        order = sorted(range(len(tokens)), key=lambda n: len(tokens[n]))
        vectors = np.empty((len(tokens), SIZE), np.float32)
        with one_thread():
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                vectors[batch] = self._forward([tokens[n] for n in batch])
        return vectors

    def _forward(self, batch: list[list[int]]) -> Array:
        length = max(map(len, batch))
        numbers = np.array([tokens + [0] * (length - len(tokens)) for tokens in batch])
        real = np.array([[n < len(tokens) for n in range(length)] for tokens in batch])
        padding = np.where(real, np.float32(0), np.float32(-1e9))[:, None, None, :]
        x = self._norm(self._pieces[numbers] + self._places[:length])
        for layer in self._layers:
            x = layer(x, padding)
        return _unit(_mean(x, real))


def _attend(projected: Array, padding: Array) -> Array:
    """Multi-head attention over (batch, tokens, query|key|value)."""
    batch, length, _ = projected.shape
    split = projected.reshape(batch, length, 3, _HEADS, SIZE // _HEADS)
    query, key, value = split.transpose(2, 0, 3, 1, 4)
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32((SIZE // _HEADS) ** 0.5) + padding
    attended: Array = _softmax(scores) @ value
    return attended.transpose(0, 2, 1, 3).reshape(batch, length, SIZE)


def _softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(-1, keepdims=True))
    powers /= powers.sum(-1, keepdims=True)
    return powers


def _gelu(x: Array) -> Array:
    """x·Φ(x), in place; by pieces whose temporaries stay in the processor's cache."""
    rows = x.reshape(-1, x.shape[-1])
    for start in range(0, len(rows), 64):
        rows[start : start + 64] *= _normal(rows[start : start + 64])
    return x


def _normal(x: Array) -> Array:
    """Φ(x) by formula 7.1.26 of Abramowitz and Stegun, off by less than 1.5e-7."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + 0.3275911 * z)
    series = 1.061405429 * t - 1.453152027
    for coefficient in (1.421413741, -0.284496736, 0.254829592):
        series *= t
        series += coefficient
    series *= t * np.exp(-z * z) / 2
    return np.where(x < 0, series, 1 - series)


def _mean(x: Array, real: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Array:
    """Mean over the tokens that are no padding."""
    shares = real / real.sum(1, keepdims=True, dtype=np.float32)
    mean: Array = (x * shares[..., None].astype(np.float32)).sum(1)
    return mean


def _unit(vectors: Array) -> Array:
    lengths: Array = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths

"""The six layers of the embedding model, and one way to compute them: numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools_registry.search.tensors import Array, TensorsError

SIZE = 384
"""Numbers in a vector."""

HEADS = 12

EPSILON = 1e-12
"""Added to a variance, so that nothing is divided by zero."""

_LAYERS = 6

Mask = NDArray[np.bool_]


class Layers(Protocol):
    """Some way to compute the layers.

    Attributes:
        name: What vectors made this way are kept under: those of two ways are not mixed.
        batch: Texts that share a pass.
    """

    name: str
    batch: int

    def __call__(self, x: Array, real: Mask) -> Array:
        """What the layers make of texts.

        Args:
            x: By text, token and number.
            real: Which tokens are no padding.
        """
        ...


@dataclass(frozen=True)
class Linear:
    """x·Wᵀ + b."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """Apply it to the last axis."""
        rows = x.reshape(-1, x.shape[-1]) @ self.weight.T
        rows += self.bias
        return rows.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True)
class Norm:
    """Each vector to mean 0 and variance 1, then scaled and shifted."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """Apply it to the last axis."""
        centred = x - x.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        scaled: Array = centred / np.sqrt(variance + EPSILON) * self.weight + self.bias
        return scaled


@dataclass(frozen=True)
class Layer:
    """Attention, then a feed-forward step; each is added to its input and normed.

    Attributes:
        attention: To queries, keys and values, side by side.
    """

    attention: Linear
    attended: Linear
    attended_norm: Norm
    wide: Linear
    narrow: Linear
    narrow_norm: Norm

    def __call__(self, x: Array, padding: Array) -> Array:
        """Apply it to texts."""
        heads = _attend(self.attention(x), padding)
        x = self.attended_norm(x + self.attended(heads))
        return self.narrow_norm(x + self.narrow(_gelu(self.wide(x))))


class Weights:
    """The named weights, with the shapes that the model must have."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self._tensors = tensors

    def get(self, name: str, *shape: int) -> Array:
        """A tensor of so many axes, the last one of this length.

        Raises:
            TensorsError: If there is none; also below.
        """
        tensor = self._tensors.get(name)
        if tensor is None or tensor.ndim != len(shape) or tensor.shape[-1] != shape[-1]:
            msg = f"the weights have no {name} as expected"
            raise TensorsError(msg)
        return tensor

    def norm(self, name: str) -> Norm:
        """A norm by its name."""
        return Norm(self.get(f"{name}.weight", SIZE), self.get(f"{name}.bias", SIZE))

    def layers(self) -> list[Layer]:
        """All layers, the first one first."""
        return [self._layer(f"encoder.layer.{number}") for number in range(_LAYERS)]

    def _layer(self, prefix: str) -> Layer:
        parts = [
            self._linear(f"{prefix}.attention.self.{part}") for part in ("query", "key", "value")
        ]
        return Layer(
            attention=Linear(
                np.concatenate([part.weight for part in parts]),
                np.concatenate([part.bias for part in parts]),
            ),
            attended=self._linear(f"{prefix}.attention.output.dense"),
            attended_norm=self.norm(f"{prefix}.attention.output.LayerNorm"),
            wide=self._linear(f"{prefix}.intermediate.dense"),
            narrow=self._linear(f"{prefix}.output.dense", 4 * SIZE),
            narrow_norm=self.norm(f"{prefix}.output.LayerNorm"),
        )

    def _linear(self, name: str, width: int = SIZE) -> Linear:
        weight = self.get(f"{name}.weight", 0, width)
        return Linear(weight, self.get(f"{name}.bias", len(weight)))


class NumpyLayers:
    """The layers as they were trained, in numbers of four bytes."""

    name = ""
    batch = 8

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    def __call__(self, x: Array, real: Mask) -> Array:
        """See `Layers`."""
        padding = np.where(real, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for layer in self._layers:
            x = layer(x, padding)
        return x


def _attend(projected: Array, padding: Array) -> Array:
    """Multi-head attention over (batch, tokens, query|key|value)."""
    batch, length, _ = projected.shape
    split = projected.reshape(batch, length, 3, HEADS, SIZE // HEADS)
    query, key, value = split.transpose(2, 0, 3, 1, 4)
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32((SIZE // HEADS) ** 0.5) + padding
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

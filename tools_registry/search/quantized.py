"""The layers of the embedding model with weights of a byte, computed by onnxruntime if it is there.

It is an extra: `pip install ipysmith[onnx]`. The model is made from the weights once, checked
against numpy, and kept. Its vectors are those of numpy to a cosine of about 0.994, and find as
well; a text takes a seventh of the time. Without onnxruntime, or where it fails, numpy does it.
"""

from __future__ import annotations

import contextlib
import logging
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools_registry.own_files import put
from tools_registry.search.layers import (
    EPSILON,
    HEADS,
    SIZE,
    Layer,
    Linear,
    Mask,
    Norm,
    NumpyLayers,
    Weights,
)
from tools_registry.search.onnx_format import Graph, Node, Numbers, write_model
from tools_registry.search.tensors import Array

_MANNER = "int8-1"
"""Changes with how the model is made, and so with its vectors."""

_FILE = f"all-MiniLM-L6-v2-{_MANNER}.onnx"

_TOP = 63
"""Weights keep seven bits: two products of eight overflow where a processor adds them first."""

_LIKE = 0.95
"""Least cosine to what numpy computes, of one token after all layers."""

_ERRORS_ONLY = 3

_log = logging.getLogger("tools_registry")


class QuantizedLayers:
    """The layers in an onnxruntime session; safe to ask from several threads.

    A text goes alone: how finely activations are cut depends on all that shares the pass.

    Args:
        session: Of a model that `build` made.
    """

    name = _MANNER
    batch = 1

    def __init__(self, session: Any) -> None:
        self._session = session

    def __call__(self, x: Array, real: Mask) -> Array:
        """See `Layers`."""
        result: Array = self._session.run(None, {"x": x})[0]
        return result


def open_quantized(weights: Weights, file: Path, folder: Path) -> QuantizedLayers | None:
    """The layers by onnxruntime; None if it is not installed, or does not compute what it should.

    Args:
        weights: Of the model.
        file: Where they are from; the model is made anew when that changes.
        folder: Where the model is kept.
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    try:
        return _opened(onnxruntime, weights, file, folder)
    except Exception as error:  # whatever it raises, numpy computes the same
        _log.warning("onnxruntime is installed and can't be used for search: %s", error)
        return None


def _opened(runtime: Any, weights: Weights, file: Path, folder: Path) -> QuantizedLayers | None:
    status = file.stat()
    stamp = f"{_MANNER} {status.st_size} {status.st_mtime_ns}".encode()
    kept = _read(folder / _FILE, stamp)
    if kept is not None:
        return QuantizedLayers(_session(runtime, kept))
    plain = weights.layers()
    model = build(plain)
    layers = QuantizedLayers(_session(runtime, model))
    if not _agree(layers, NumpyLayers(plain), weights.norm("embeddings.LayerNorm")):
        _log.warning("onnxruntime computes something else than it should here: numpy is used")
        return None
    with contextlib.suppress(OSError):  # then it is made again next time
        _write(folder / _FILE, stamp, model)
    return layers


def _session(runtime: Any, model: bytes) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = _ERRORS_ONLY
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _agree(layers: QuantizedLayers, plain: NumpyLayers, norm: Norm) -> bool:
    """Whether both make the same of something."""
    x = norm(np.random.default_rng(0).standard_normal((1, 8, SIZE)).astype(np.float32))
    real = np.ones((1, 8), np.bool_)
    one, two = layers(x, real)[0], plain(x, real)[0]
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    return bool(((one * two).sum(axis=1) >= _LIKE * lengths).all())


def _read(file: Path, stamp: bytes) -> bytes | None:
    """The model that is kept, if it is whole and of these weights."""
    try:
        head, _, model = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return model if head == _head(stamp, model) else None


def _write(file: Path, stamp: bytes, model: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    put(file, [_head(stamp, model), b"\n", model])


def _head(stamp: bytes, model: bytes) -> bytes:
    return b"%s %d %d" % (stamp, len(model), zlib.crc32(model))


def build(layers: Sequence[Layer]) -> bytes:
    """The layers as an ONNX model: `x`, by text, token and number, in and out."""
    constants: dict[str, Numbers] = {}
    nodes: list[Node] = []
    x = "x"
    for number, layer in enumerate(layers):
        steps, x = _steps(f"{number}.", layer, x)
        nodes += steps
        constants |= _constants(f"{number}.", layer)
    axes = (1, "tokens", SIZE)
    return write_model(Graph(nodes=nodes, constants=constants, given=("x", axes), result=(x, axes)))


def _steps(at: str, layer: Layer, x: str) -> tuple[list[Node], str]:
    """One layer, whose names begin with `at`, and the name of what comes out of it."""
    parts = [f"{at}query", f"{at}key", f"{at}value"]
    split = Node(
        operator="Split",
        inputs=[f"{at}attention"],
        outputs=parts,
        attributes={"axis": 2, "num_outputs": 3},
        standard=True,
    )
    nodes = [
        _linear(f"{at}attention", x),
        split,
        _node("MultiHeadAttention", parts, f"{at}heads", num_heads=HEADS),
        _linear(f"{at}attended", f"{at}heads"),
        _norm(f"{at}attended_norm", x, f"{at}attended"),
        _linear(f"{at}wide", f"{at}attended_norm"),
        _node("Gelu", [f"{at}wide"], f"{at}gelu"),
        _linear(f"{at}narrow", f"{at}gelu"),
        _norm(f"{at}narrow_norm", f"{at}attended_norm", f"{at}narrow"),
    ]
    return nodes, f"{at}narrow_norm"


def _linear(name: str, x: str) -> Node:
    """The numbers that go in are cut to a byte as well, as finely as their range allows."""
    constants = [f"{name}.weight", f"{name}.scale", "", f"{name}.bias"]
    return _node("DynamicQuantizeMatMul", [x, *constants], name)


def _norm(name: str, x: str, added: str) -> Node:
    inputs = [x, added, f"{name}.weight", f"{name}.bias"]
    return _node("SkipLayerNormalization", inputs, name, epsilon=EPSILON)


def _node(operator: str, inputs: Sequence[str], output: str, **attributes: float) -> Node:
    return Node(operator=operator, inputs=inputs, outputs=[output], attributes=attributes)


def _constants(at: str, layer: Layer) -> dict[str, Numbers]:
    return {
        f"{at}{part}.{name}": numbers
        for part, value in vars(layer).items()
        for name, numbers in _parts(value)
    }


def _parts(value: Linear | Norm) -> Iterator[tuple[str, Numbers]]:
    yield "bias", value.bias
    if isinstance(value, Norm):
        yield "weight", value.weight
        return
    columns = value.weight.T
    scale: Array = np.maximum(np.abs(columns).max(axis=0), np.float32(1e-12)) / np.float32(_TOP)
    cut: NDArray[np.int8] = np.rint(columns / scale).astype(np.int8)
    yield "weight", cut
    yield "scale", scale

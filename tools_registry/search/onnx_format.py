"""As much of the ONNX format as it takes to write down a model: protocol buffers, field by field.

The numbers of fields and types are those of `onnx.proto`, which never change their meaning.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32] | NDArray[np.int8]

_VERSION = 10
_OPERATORS = {"": 20, "com.microsoft": 1}
"""Sets of operators: the standard, and that of onnxruntime."""

_TYPES = {"float32": 1, "int8": 3}
_FLOAT, _INT = 1, 2


@dataclass(frozen=True, kw_only=True)
class Node:
    """An operation.

    Attributes:
        operator: Its name.
        inputs: Names of what goes in; "" for one that is left out.
        outputs: Names for what comes out.
        attributes: What else it must know.
        standard: Whether it is one of the standard, or of onnxruntime.
    """

    operator: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, float | int]
    standard: bool = False


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Operations in order.

    Attributes:
        nodes: The operations.
        constants: Numbers that they use, by name.
        given: Name and axes of the float numbers that go in; an axis is a length or a name.
        result: The same for what comes out.
    """

    nodes: Sequence[Node]
    constants: Mapping[str, Numbers]
    given: tuple[str, Sequence[int | str]]
    result: tuple[str, Sequence[int | str]]


def write_model(graph: Graph) -> bytes:
    """The content of an `.onnx` file."""
    sets = (_field(1, name) + _field(2, number) for name, number in _OPERATORS.items())
    return (
        _field(1, _VERSION) + _field(7, _graph(graph)) + b"".join(_field(8, each) for each in sets)
    )


def _graph(graph: Graph) -> bytes:
    parts = [
        *(_field(1, _node(node)) for node in graph.nodes),
        _field(2, "graph"),
        *(_field(5, _tensor(name, numbers)) for name, numbers in graph.constants.items()),
        _field(11, _value(*graph.given)),
        _field(12, _value(*graph.result)),
    ]
    return b"".join(parts)


def _node(node: Node) -> bytes:
    parts = [
        *(_field(1, name) for name in node.inputs),
        *(_field(2, name) for name in node.outputs),
        _field(4, node.operator),
        *(_field(5, _attribute(name, value)) for name, value in node.attributes.items()),
        _field(7, "" if node.standard else "com.microsoft"),
    ]
    return b"".join(parts)


def _attribute(name: str, value: float | int) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT)
    return _field(1, name) + _field(2, value) + _field(20, _FLOAT)


def _tensor(name: str, numbers: Numbers) -> bytes:
    axes = b"".join(_field(1, length) for length in numbers.shape)
    content = np.ascontiguousarray(numbers).tobytes()
    return axes + _field(2, _TYPES[numbers.dtype.name]) + _field(8, name) + _field(9, content)


def _value(name: str, axes: Sequence[int | str]) -> bytes:
    lengths = (_field(1, _field(1 if isinstance(axis, int) else 2, axis)) for axis in axes)
    tensor = _field(1, _TYPES["float32"]) + _field(2, b"".join(lengths))
    return _field(1, name) + _field(2, _field(1, tensor))


def _field(number: int, value: float | int | str | bytes) -> bytes:
    """A number is its own end, a real one has four bytes, all else begins with its length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    content = bytearray()
    while number > 127:
        content.append(number & 127 | 128)
        number >>= 7
    return bytes([*content, number])

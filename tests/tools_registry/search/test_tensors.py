"""A weights file is checked before it is believed."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search.tensors import TensorsError, read_tensors


def packed(header: Any, content: bytes = b"", size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + content


def entry(shape: Any, offsets: Any, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_tensors_are_read_by_name(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    numbers = np.arange(6, dtype="<f4")
    header = {
        "__metadata__": {"format": "pt"},
        "a": entry([2, 3], [0, 24]),
        "ids": entry([1], [24, 32], "I64"),
    }
    file.write_bytes(packed(header, numbers.tobytes() + bytes(8)))

    tensors = read_tensors(file)

    assert list(tensors) == ["a"]
    assert tensors["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert not tensors["a"].flags.writeable


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02",
        packed({}, size=1 << 62),
        packed({}, size=1 << 21),
        packed(b"{"),
        packed(b"[" * 100_000),
        packed([]),
        packed({"a": 1}),
        packed({"a": entry([1 << 50], [0, 4])}, bytes(4)),
        packed({"a": entry([1 << 30, 1 << 30], [0, 4])}, bytes(4)),
        packed({"a": entry([2], [0, 4])}, bytes(8)),
        packed({"a": entry([1], [4, 8])}, bytes(4)),
        packed({"a": entry([1], [-4, 0])}, bytes(4)),
        packed({"a": entry([-1], [4, 0])}, bytes(4)),
        packed({"a": entry([True], [0, 4])}, bytes(4)),
        packed({"a": entry("x", [0, 4])}, bytes(4)),
        packed({"a": entry([1], [0])}, bytes(4)),
        packed({"a": entry([1], None)}, bytes(4)),
        packed({"a": entry([1] * 9, [0, 4])}, bytes(4)),
    ],
)
def test_a_hostile_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.safetensors"
    file.write_bytes(content)

    with pytest.raises(TensorsError):
        read_tensors(file)


@given(st.binary())
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    file = tmp_path_factory.mktemp("noise") / "x"
    file.write_bytes(noise)

    with pytest.raises(TensorsError):
        read_tensors(file)

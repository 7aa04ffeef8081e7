"""A kernel that forges what it passes on gets one clear error, and nothing of the host."""

from __future__ import annotations

import io
import json
import pickle
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sessions import Session, arrays, frames, transfer
from sessions.errors import KernelError, UsageError
from sessions.kernel import notation

FORGE = (
    "import io, json\nimport numpy as np\n"
    "desk = get_ipython().kernel._desk\n"
    "def forge(told, *parts):\n"
    "    def answer(asked, *_):\n"
    "        if asked['ask'] == 'piece':\n"
    "            part = parts[asked['part']]\n"
    "            return None, part if isinstance(part, list) else [\n"
    "                part[asked['offset'] : asked['offset'] + asked['length']]]\n"
    "        return told, []\n"
    "    desk.answer = answer\n"
    "def plain(text, size=None):\n"
    "    forge({'format': 'plain', 'sizes': [len(text) if size is None else size]}, text)\n"
)


class Canary:
    """Leaves a file behind if anybody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return Path.touch, (self.path,)  # type: ignore[return-value]  # what pickle wants


@pytest.mark.parametrize(
    "forged",
    [
        "forge(None)",
        "forge([1])",
        "forge({'format': 'pickle', 'sizes': [3]}, b'abc')",
        "forge({'format': ['plain'], 'sizes': [3]}, b'abc')",
        "forge({'format': 'plain', 'sizes': 3}, b'abc')",
        "forge({'format': 'plain', 'sizes': []})",
        "forge({'format': 'plain', 'sizes': [3, 3]}, b'abc', b'abc')",
        "forge({'format': 'plain', 'sizes': [-1]}, b'abc')",
        "forge({'format': 'plain', 'sizes': [True]}, b'1')",
        "forge({'format': 'plain', 'sizes': [1.0]}, b'1')",
        "forge({'format': 'plain', 'sizes': [1 << 60]}, b'1')",
        "forge({'format': 'array', 'sizes': [1 << 62]}, b'1')",
        "forge({'format': 'array', 'sizes': [1 << 29]}, b'1')",
        "plain(b'[1', size=5)",
        "forge({'format': 'plain', 'sizes': [3]}, [b'abcdef'])",
        "forge({'format': 'plain', 'sizes': [3]}, [])",
        "forge({'format': 'plain', 'sizes': [3]}, [b'abc', b'abc'])",
        "plain(b'')",
        "plain(b'no json')",
        "plain(b'\\xff')",
        "plain(b'[' * 1_000_000)",
        "plain(b'1' * 100_000)",
        'plain(b\'{"$type": "os.system", "of": "id"}\')',
        'plain(b\'{"$type": "set", "of": [[]]}\')',
        'plain(b\'{"$type": ["set"], "of": []}\')',
        "forge({'format': 'frame', 'sizes': [2, 3]}, b'{}', b'abc')",
        "forge({'format': 'series', 'sizes': [2, 2, 3]}, b'{}', b'{}', b'abc')",
        "forge({'format': 'array', 'sizes': [3]}, b'abc')",
    ],
)
async def test_an_answer_that_makes_no_sense_is_one_error(session: Session, forged: str) -> None:
    assert (await session.execute(f"{FORGE}{forged}")).ok
    started = time.monotonic()
    with pytest.raises((KernelError, UsageError)) as caught:
        await session.pull("x")
    assert time.monotonic() - started < 5
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


async def test_a_silent_kernel_is_given_up_and_can_be_used_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.session._TRANSFER_SECONDS", 0.5)
    await session.execute("import time\nx = 1\nold = get_ipython().kernel._desk.answer")
    await session.execute("get_ipython().kernel._desk.answer = lambda *_: time.sleep(600)")
    with pytest.raises(KernelError, match="in time"):
        await session.pull("x")
    execution = await session.execute("get_ipython().kernel._desk.answer = old; x")
    assert execution.value == 1


async def test_a_kernel_that_ends_while_it_is_asked_is_replaced(session: Session) -> None:
    await session.execute("import os\nget_ipython().kernel._desk.answer = lambda *_: os._exit(1)")
    with pytest.raises(KernelError):
        await session.pull("x")
    assert (await session.execute("1 + 1")).value == 2


async def test_what_the_kernel_says_of_an_error_is_made_harmless(session: Session) -> None:
    code = "def answer(*_):\n    raise ValueError('\\x1b[31m\\n' + 'a' * 100_000)\n"
    await session.execute(f"{code}get_ipython().kernel._desk.answer = answer")
    with pytest.raises(KernelError) as caught:
        await session.pull("x")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("form", transfer._FORMATS)
async def test_a_pickle_is_never_loaded(form: str, tmp_path: Path) -> None:
    pickled = pickle.dumps(Canary(tmp_path / "loaded"))
    objects = io.BytesIO()
    np.save(objects, np.array([Canary(tmp_path / "loaded")]), allow_pickle=True)
    for payload in (pickled, objects.getvalue()):
        parts = [bytearray(payload) for _ in transfer._FORMATS[form][0]]
        with pytest.raises(KernelError):
            await transfer.decoded("x", form, parts)
    assert not (tmp_path / "loaded").exists()
    np.load(io.BytesIO(objects.getvalue()), allow_pickle=True)
    assert (tmp_path / "loaded").exists()  # the canary sings


def npy(shape: object, dtype: object = "<f8", body: bytes = b"", version: int = 1) -> bytearray:
    header = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    length = len(header).to_bytes(2, "little")
    return bytearray(b"\x93NUMPY" + bytes([version, 0]) + length + header + body)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04",
        npy((3,), body=bytes(23)),
        npy((3,), body=bytes(25)),
        npy((1 << 60,), body=bytes(8)),
        npy((1 << 32, 1 << 32), body=bytes(8)),
        npy((-1,), body=bytes(8)),
        npy((1 << 60,), "|V0"),
        npy((1,), "|O", bytes(8)),
        npy((1,), [("a", "|O")], bytes(8)),
        npy((1,), "no such", bytes(8)),
        npy("x", body=bytes(8)),
        npy((1,), body=bytes(8), version=9),
        bytearray(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 0xFFFF),
    ],
)
def test_a_forged_array_is_refused(payload: bytes) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 -- of many kinds, and none is fatal
        arrays.read(bytearray(payload))


def test_a_true_array_is_read() -> None:
    assert arrays.read(npy((1,), body=np.float64(3).tobytes())).tolist() == [3.0]


def stream(batch: pa.RecordBatch, count: int = 1, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for _ in range(count):
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def column(array: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([array], ["0"])


def described(dtype: str = "int64", rows: int = 3, **changes: Any) -> bytes:
    numbers = {"kind": "numpy", "dtype": dtype, "column": 0}
    told = {
        "labels": {"kind": "values", "names": [None], "dtype": "str", "values": ["a"]},
        "columns": [numbers],
        "index": {"kind": "range", "names": [None], "of": [0, rows, 1]},
        "rows": rows,
    }
    return notation.write({**told, **changes})


NUMBERS = column(pa.array([1, 2, 3]))
HONEST = stream(NUMBERS)


def test_an_honest_table_is_read() -> None:
    assert frames.read(described(), HONEST)["a"].tolist() == [1, 2, 3]


ENDLESS = {"kind": "range", "names": [None], "of": [0, 1 << 50, 1]}
TWICE = [{"kind": "numpy", "dtype": "int64", "column": 0}] * 2


@pytest.mark.parametrize(
    ("description", "payload"),
    [
        (described(), b""),
        (described(), HONEST[:-60]),
        (described(), HONEST[: len(HONEST) // 2]),
        (described(), stream(NUMBERS, count=2)),
        (described(), stream(NUMBERS, count=0)),
        (described(), stream(NUMBERS, compression="zstd")),
        (described(), stream(NUMBERS, compression="lz4")),
        (described(), stream(column(pa.array([None] * 3)))),
        (described(), stream(column(pa.array([[1], [2], [3]])))),
        (described(), stream(column(pa.array(["a", "b", "c"]).dictionary_encode()))),
        (described(), stream(column(pa.array(["a", "b", "c"], pa.string_view())))),
        (described(), stream(column(pa.array([{}, {}, {}], pa.struct([]))))),
        (described("float64"), HONEST),
        (described(rows=2), HONEST),
        (described(rows=1 << 62), HONEST),
        (described(columns=TWICE), HONEST),
        (described(columns=[{"kind": "pickle", "column": 0}]), HONEST),
        (described(columns=[{"kind": "pandas", "dtype": "object", "column": 0}]), HONEST),
        (
            described(columns=[], index={"kind": "range", "names": [0], "of": [0, 1 << 50, 1]}),
            HONEST,
        ),
        (b"{}", HONEST),
    ],
)
def test_a_forged_table_is_refused(description: bytes, payload: bytes) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 -- of many kinds, and none is fatal
        frames.read(description, payload)


def test_text_with_broken_offsets_is_refused() -> None:
    offsets = pa.py_buffer(np.array([0, 1 << 40, 2, 3], dtype="int64").tobytes())
    broken = pa.Array.from_buffers(pa.large_string(), 3, [None, offsets, pa.py_buffer(b"abc")])
    told = described(columns=[{"kind": "pandas", "dtype": "str", "column": 0}])
    with pytest.raises(Exception):  # noqa: B017, PT011 -- of many kinds, and none is fatal
        frames.read(told, stream(column(broken)))


def test_a_small_table_that_would_unpack_to_a_large_one_takes_no_memory() -> None:
    bomb = stream(column(pa.array(np.zeros(1 << 25))), compression="zstd")
    assert len(bomb) < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pool = pa.total_allocated_bytes()
    with pytest.raises(ValueError, match="compressed"):
        frames.read(described("float64", 1 << 25), bomb)
    assert pa.total_allocated_bytes() == pool
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_keys_that_collide_do_not_hang_the_host() -> None:
    modulus = (1 << 61) - 1  # of the hashes of integers: all of these are 0
    keys = [n * modulus for n in range(1, 100_000)]
    text = json.dumps({"$type": "set", "of": keys}).encode()
    started = time.monotonic()
    with pytest.raises(ValueError, match="not text"):
        notation.read(text)
    assert time.monotonic() - started < 20

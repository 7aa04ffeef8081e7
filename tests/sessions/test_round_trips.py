"""What goes into a kernel and comes out again is the same, type by type."""

from __future__ import annotations

import datetime
import decimal
import math
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions import Limits, Session, arrays, frames, transfer
from sessions.errors import UsageError
from sessions.kernel import frames as kernel_frames
from sessions.kernel import notation
from sessions.kernel.transfer import Outbox

_KEYS = some.none() | some.booleans() | some.integers() | some.text() | some.binary()
_LEAVES = (
    _KEYS
    | some.floats(allow_nan=False)
    | some.dates()
    | some.times()
    | some.datetimes()
    | some.timedeltas()
    | some.decimals(allow_nan=False)
    | some.complex_numbers(allow_nan=False)
)
_PLAIN = some.recursive(
    _LEAVES,
    lambda inner: (
        some.lists(inner)
        | some.tuples(inner, inner)
        | some.dictionaries(_KEYS, inner)
        | some.dictionaries(some.sampled_from(["$type", "of", "a"]), inner)
        | some.frozensets(_KEYS)
        | some.sets(_KEYS)
    ),
)
_NUMBERS = (
    arrays_of.boolean_dtypes()
    | arrays_of.integer_dtypes(endianness="=")
    | arrays_of.floating_dtypes(endianness="=", sizes=(32, 64))
    | arrays_of.datetime64_dtypes(min_period="ns", max_period="s", endianness="=")
)
_ANY_DTYPE = arrays_of.scalar_dtypes() | arrays_of.unicode_string_dtypes(min_len=1)


class Local:
    """A class that the kernel can't import."""


def typed(value: object) -> object:
    """A value with all its types, so that 1, True and 1.0 are told apart."""
    if isinstance(value, dict):
        return [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [typed(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(map(repr, value))
    return type(value).__name__, repr(value)


@given(_PLAIN)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    assert typed(notation.read(notation.write(value))) == typed(value)


@pytest.mark.parametrize(
    "value",
    [
        math.inf,
        "\ud800",
        datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
        pd.Timestamp("2024-01-02 03:04:05.678901234"),
        pd.Timestamp("2024-01-02", tz="Europe/Berlin"),
        pd.Timedelta("1 days 2 seconds"),
        pd.NA,
        pd.NaT,
        [math.nan],
        decimal.Decimal("NaN"),
    ],
)
def test_odd_plain_data_comes_back_as_it_was(value: object) -> None:
    assert typed(notation.read(notation.write(value))) == typed(value)


def test_integers_longer_than_json_readers_take_come_back() -> None:
    assert notation.read(notation.write([10**5000])) == [10**5000]


def test_numbers_of_numpy_within_plain_data_become_python_s() -> None:
    found = notation.read(notation.write({"a": [np.float64(0.5), np.int8(3), np.bool_(True)]}))
    assert typed(found) == typed({"a": [0.5, 3, True]})


@pytest.mark.parametrize("value", [object(), [print], {1: lambda: 0}])
def test_what_is_not_plain_is_named(value: object) -> None:
    with pytest.raises(notation.NotPlain, match="of type"):
        notation.write(value)


def test_what_holds_itself_is_not_plain() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(notation.NotPlain, match="levels deep"):
        notation.write(endless)


def out(name: str, value: object) -> list[bytearray]:
    outbox = Outbox()
    told = outbox.put(name, {name: value})
    return [bytearray(outbox.piece(i, 0, size)) for i, size in enumerate(told["sizes"])]


@given(arrays_of.arrays(_ANY_DTYPE, arrays_of.array_shapes(min_dims=0, min_side=0)))
def test_arrays_come_back_as_they_were(array: np.ndarray[Any, Any]) -> None:
    found = arrays.read(*out("array", np.asarray(array)))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    assert found.flags.writeable


def test_the_order_of_an_array_is_kept() -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert arrays.read(*out("array", array)).flags.f_contiguous


@given(some.data())
def test_columns_come_back_as_they_were(data: some.DataObject) -> None:
    rows = data.draw(some.integers(0, 8))
    column = arrays_of.arrays(data.draw(_NUMBERS), rows)
    texts = some.lists(some.none() | some.text(), min_size=rows, max_size=rows)
    frame = pd.DataFrame({"n": data.draw(column), "m": data.draw(column)})
    frame["text"] = pd.Series(data.draw(texts), dtype="str")
    frame["group"] = pd.Series(data.draw(texts), dtype="category")
    check(frame)
    check(frame.set_index("text"))


def check(frame: pd.DataFrame) -> None:
    found = frames.read(*out("frame", frame))
    pd.testing.assert_frame_equal(found, frame, check_freq=False)


_FRAMES = {
    "empty": pd.DataFrame(),
    "no columns": pd.DataFrame(index=["a", "b"]),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int8")}),
    "many types": pd.DataFrame(
        {
            "int": [1, 2, 3],
            "small": np.array([1, 2, 3], dtype="uint8"),
            "half": np.array([1, 2, 3], dtype="float16"),
            "float": [1.5, math.nan, math.inf],
            "bool": [True, False, True],
            "masked": pd.array([1, None, 3], dtype="Int16"),
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "text": ["a", None, "ü"],
            "mixed": [1, "a", None],
            "lists": [[1, 2], [3, 4], [5, 6]],
            "date": pd.to_datetime(["2024-01-01", "NaT", "2024-03-01"]),
            "zoned": pd.to_datetime(["2024-01-01", "NaT", "2024-03-01"]).tz_localize("Asia/Tokyo"),
            "span": pd.to_timedelta([1, 2, None], unit="s"),
            "kind": pd.Categorical(["x", "y", None], categories=["y", "x", "z"], ordered=True),
            "grade": pd.Categorical([3, 1, 3]),
        }
    ),
    "names twice": pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
    "numbers for names": pd.DataFrame([[1, 2]], columns=[10, 20]),
    "dates for names": pd.DataFrame([[1]], columns=pd.to_datetime(["2024-01-01"])),
    "two levels": pd.DataFrame(
        [[1, 2]],
        columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]),
        index=pd.MultiIndex.from_tuples([("p", 1.5)], names=["q", None]),
    ),
    "an index with a name": pd.DataFrame({"a": [1]}, index=pd.Index(["k"], name="key")),
    "a range": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(4, 8, 2, name="step")),
    "dates": pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2024-01-01", periods=2, tz="UTC")),
    "categories": pd.DataFrame({"a": [1, 2]}, index=pd.CategoricalIndex(["u", "v"], name="c")),
}


@pytest.mark.parametrize("which", _FRAMES)
def test_tables_come_back_as_they_were(which: str) -> None:
    check(_FRAMES[which])


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1j]),
        pd.Series(pd.period_range("2024", periods=2, freq="Y")),
        pd.Series([object()]),
    ],
)
def test_columns_that_can_t_travel_are_named(values: pd.Series[Any]) -> None:
    with pytest.raises(notation.NotPlain, match="type"):
        kernel_frames.write(values.to_frame())


async def test_values_go_in_and_come_out_of_a_real_kernel(session: Session) -> None:
    table = _FRAMES["many types"]
    series = pd.Series([1.5, 2.5], index=["a", "b"], name=("x", 1))
    plain = {"a": [1, (2, {3})], "b": None}
    await session.push(table=table, series=series, plain=plain, matrix=np.eye(3), number=0.1)
    await session.execute("matrix[0, 0] = 7; table['int'] += 1; mean = series.mean()")
    pd.testing.assert_frame_equal(await session.pull("table"), table.assign(int=[2, 3, 4]))
    pd.testing.assert_series_equal(await session.pull("series"), series)
    assert (await session.pull("matrix")).tolist() == [[7, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert [await session.pull(name) for name in ("plain", "mean", "number")] == [plain, 2.0, 0.1]
    assert type(await session.pull("mean")) is np.float64


async def test_a_large_array_takes_no_time_to_speak_of(session: Session) -> None:
    array = np.random.default_rng(1).random(12_500_000)  # 100 MB
    await session.push(warm=np.zeros(1))
    started = time.monotonic()
    await session.push(array=array)
    found = await session.pull("array")
    assert time.monotonic() - started < 5  # 0.5 s on a machine with nothing else to do
    assert (found == array).all()


async def test_what_can_t_travel_changes_nothing(session: Session) -> None:
    await session.push(kept=1)
    with pytest.raises(UsageError, match="'lock' can't be pickled"):
        await session.push(kept=2, lock=threading.Lock())
    with pytest.raises(UsageError, match=r"'odd' is of a type that is not known in the kernel"):
        await session.push(kept=2, odd=Local())
    for name in ("_private", "no name"):
        with pytest.raises(UsageError, match="can't be the name"):
            await session.push(**{"kept": 2, name: 3})
    assert await session.pull("kept") == 1
    with pytest.raises(UsageError, match="there is no variable 'absent'"):
        await session.pull("absent")
    await session.execute("import sys; odd = sys.stdout; deep = {'a': [object()]}")
    for name in ("odd", "deep"):
        with pytest.raises(UsageError, match=f"'{name}' can't leave the kernel"):
            await session.pull(name)


async def test_what_is_too_large_is_refused(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "LARGEST", 1000)
    with pytest.raises(UsageError, match="may travel at once"):
        await session.push(array=np.zeros(1000))
    await session.execute("text = 'x' * 17_000_000")
    with pytest.raises(UsageError, match="may travel so"):
        await session.pull("text")
    await session.execute("small = 1")
    assert await session.pull("small") == 1


async def test_what_the_kernel_has_no_memory_for_is_refused_and_it_lives_on(
    workspace: Path,
) -> None:
    limits = replace(Limits.quick(), memory=256 << 20)
    async with Session(workspace, limits) as session:
        with pytest.raises(UsageError, match="too little memory"):
            await session.push(array=np.zeros(120_000_000))
        assert (await session.execute("1 + 1")).value == 2

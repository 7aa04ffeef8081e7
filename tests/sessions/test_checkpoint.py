"""Checkpoints on real kernels: what is saved in one comes back in another as it was."""

from __future__ import annotations

import asyncio
import collections
import datetime
import random
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from sessions import Limits, Session
from sessions.checkpoint import Checkpoints
from tests.support import canonical

_LEAVES = (
    some.none()
    | some.booleans()
    | some.integers(-(10**40), 10**40)
    | some.floats()
    | some.complex_numbers()
    | some.text()
    | some.sampled_from(["\ud800", ..., NotImplemented, int, len, datetime.UTC, range(3)])
    | some.binary()
    | some.binary(min_size=5000, max_size=6000).map(bytearray)
    | some.dates()
    | some.datetimes(timezones=some.sampled_from([None, zoneinfo.ZoneInfo("Asia/Tokyo")]))
    | some.timedeltas()
    | some.decimals()
    | some.fractions()
    | some.uuids()
)
_KEYS = some.text() | some.integers() | some.none() | some.dates() | some.booleans()
_CONTAINERS = some.recursive(
    _LEAVES,
    lambda inner: (
        some.lists(inner)
        | some.tuples(inner, inner)
        | some.dictionaries(_KEYS, inner)
        | some.sets(_KEYS)
        | some.frozensets(_KEYS)
        | some.lists(inner).map(collections.deque)
        | some.dictionaries(_KEYS, inner).map(collections.OrderedDict)
        | some.dictionaries(_KEYS, inner).map(lambda d: collections.defaultdict(list, d))
    ),
)
_ARRAYS = arrays_of.arrays(
    arrays_of.scalar_dtypes() | arrays_of.unicode_string_dtypes() | arrays_of.array_dtypes(),
    arrays_of.array_shapes(min_dims=0, min_side=0),
)
_LARGE = some.sampled_from(
    [
        np.arange(3000.0),
        np.asfortranarray(np.arange(3000).reshape(30, 100)),
        np.arange(6000)[::2],
        np.array(["a", None, [1]], dtype=object),
        np.arange("2024-01", "2090-01", dtype="M8[M]"),
    ]
)
_PHASES = (
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
)  # with real kernels, shrinking takes minutes
_ROWS = 4
_INDEXES = some.sampled_from(
    [
        pd.RangeIndex(2, 10, 2, name="n"),
        pd.Index(["a", "b", "b", None]),
        pd.date_range("2024-01-01", periods=_ROWS, freq="2h", tz="Europe/Berlin"),
        pd.period_range("2024-01", periods=_ROWS, freq="Q"),
        pd.timedelta_range("1s", periods=_ROWS, freq="s"),
        pd.interval_range(0, _ROWS),
        pd.CategoricalIndex(list("xyxz"), categories=list("zyx"), ordered=True),
        pd.MultiIndex.from_product([[1, 2], ["u", "v"]], names=["k", None]),
        pd.Index([1, "a", (2, 3), None], dtype=object),
        pd.Index([1.5, np.nan, np.inf, -0.0]),
    ]
)
_COLUMNS = some.sampled_from(
    [
        np.arange(_ROWS, dtype="u1"),
        np.array([0.5, np.nan, np.inf, -0.0], dtype="f4"),
        np.array([True, False, True, True]),
        pd.array([1, None, 3, 4], dtype="Int16"),
        pd.array([True, None, False, True], dtype="boolean"),
        pd.array(["a", None, "ü", ""], dtype="str"),
        pd.array(["a", None, "ü", ""], dtype="string"),
        pd.Categorical(["x", "y", None, "x"], categories=["y", "x", "z"], ordered=True),
        pd.to_datetime(["2024-01-01", "NaT", "2024-03-01", "1700-01-01"]),
        pd.to_datetime(["2024-01-01", "NaT", "2024-03-01", "1700-01-01"]).tz_localize("Asia/Tokyo"),
        pd.to_timedelta([1, 2, None, 4], unit="s"),
        pd.period_range("2024", periods=_ROWS, freq="Y"),
        pd.arrays.SparseArray([0, 0, 1, 2]),
        pd.array([1, None, 2, 3], dtype="int64[pyarrow]"),
        pd.Series([[1], None, [2, 3], []], dtype=pd.ArrowDtype(pa.list_(pa.int8()))).array,
        np.array([1, "a", None, [2]], dtype=object),
    ]
)


@some.composite
def _frames(draw: some.DrawFn) -> pd.DataFrame | pd.Series[Any]:
    index = draw(_INDEXES)
    columns: list[Any] = draw(some.lists(_COLUMNS, max_size=4))
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = draw(some.sampled_from([frame.columns, pd.Index(["c"] * len(columns))]))
    frame.attrs = draw(some.dictionaries(some.text(), some.integers(), max_size=2))
    one_column: bool = draw(some.booleans())
    if columns and one_column:
        return frame.iloc[:, 0]
    return frame


class Case:
    """Variables; hypothesis would show all of them."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"{len(self.values)} variables"


@some.composite
def _woven(draw: some.DrawFn) -> Case:
    """Variables, some of which hold one another, or themselves."""
    values = draw(some.lists(_CONTAINERS | _ARRAYS | _LARGE | _frames(), min_size=10, max_size=20))
    chance = random.Random(draw(some.integers()))
    holders = [value for value in values if isinstance(value, list | dict)]
    for holder in holders:
        other = chance.choice(values)
        if isinstance(holder, list):
            holder.append(other)
        elif type(holder) is dict:
            holder["other"] = other
    names = [f"v{i}" for i in range(len(values))]
    again = {f"again{i}": chance.choice(values) for i in range(5)}
    return Case({**dict(zip(names, values, strict=True)), **again})


class Pair:
    """Two kernels, and a folder for what goes from one to the other."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self._sessions = [Session(folder, Limits.standard()) for _ in range(2)]
        self._checkpoints = Checkpoints(folder / "checkpoints", 1 << 30)
        (folder / "checkpoints").mkdir()

    def __enter__(self) -> Pair:
        for session in self._sessions:
            self._runner.run(session.__aenter__())
            self.run(session, Path(canonical.__file__).read_text())
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions:
            self._runner.run(session.close())
        self._runner.close()

    def run(self, session: Session, code: str) -> Any:
        execution = self._runner.run(session.execute(code))
        assert execution.ok, execution
        return execution.value

    def carry(self, values: dict[str, Any]) -> str:
        """Values by way of a checkpoint from one kernel to the other; what they are there."""
        return self._runner.run(self._carry(values))

    async def _carry(self, values: dict[str, Any]) -> str:
        one, other = self._sessions
        await one.push(values=values)
        await one.execute("globals().update(values); del values")
        saved = await self._checkpoints.save(one._kernel.client, 1)
        assert saved.left_out == {}
        forget = f"for name in {sorted(values)}: globals().pop(name, None)"
        assert (await other.execute(forget)).ok
        loaded = await self._checkpoints.restore(other._kernel.client, saved)
        assert loaded.left_out == {}
        there = ", ".join(f"{name!r}: {name}" for name in values)
        await other.execute(f"found = canonical({{{there}}})")
        found = await other.pull("found")
        await one.execute(forget)
        return str(found)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with Pair(tmp_path_factory.mktemp("workspace")) as made:
        yield made


@settings(max_examples=12, phases=_PHASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=_woven())
def test_what_was_saved_comes_back_as_it_was(pair: Pair, case: Case) -> None:
    found, expected = pair.carry(case.values), canonical.canonical(case.values)
    pairs = enumerate(zip(found, expected, strict=False))
    place = next((i for i, (one, other) in pairs if one != other), 0)
    assert found[max(0, place - 90) :][:180] == expected[max(0, place - 90) :][:180]
    assert found == expected


_DEFINITIONS = {
    "import abc, collections, dataclasses, enum, functools, re, typing": "enum.Enum",
    "import numpy as np, xml.etree.ElementTree as tree, os.path": "np.pi > 3 and os.path.join",
    "k = 3\ndef f(a, *, b=2): return a + b + k": "f(1) == 6 and f.__globals__ is globals()",
    "def calls(): return made()\ndef made(): return 5": "calls() == 5",
    "square = lambda x: x * x": "square(3) == 9",
    """
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
up = counter()
same = up
""": "up() == same() - 1",
    "def fact(n): return 1 if n < 2 else n * fact(n - 1)": "fact(20) == 2432902008176640000",
    """
class Base:
    all = []
    def __init__(self, x): self.x = x; self.all.append(self)
    def get(self): return self.x
class Child(Base):
    def get(self): return super().get() + k
child = Child(4)
bound = child.get
kids = Base.all
""": "bound() == 7 and bound.__self__ is child and kids is Base.all and type(child) is Child",
    """
@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
point = Point(1)
""": "dataclasses.replace(point, y=5) == Point(1, 5) and {point: 1}[Point(1)]",
    """
@dataclasses.dataclass
class Bag:
    items: list = dataclasses.field(default_factory=list)
bag = Bag()
""": "dataclasses.fields(Bag)[0].name == 'items' and dataclasses.asdict(bag)",
    "class Colour(enum.Enum): RED = 1; BLUE = 2\nred = Colour.RED": (
        "red is Colour.RED and Colour(2) is Colour.BLUE"
    ),
    "Pair = collections.namedtuple('Pair', 'a b')\npair = Pair(1, [2])": (
        "pair.b == [2] and type(pair) is Pair and pair._replace(a=3).a == 3"
    ),
    "class Typed(typing.NamedTuple): a: int = 1\ntyped = Typed(2)": "typed.a == 2",
    """
class Meta(type):
    def __call__(cls, *a): return (cls.__name__, super().__call__(*a))
class Made(metaclass=Meta): pass
""": "Made()[0] == 'Made' and type(Made) is Meta",
    """
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
class Square(Shape):
    def area(self): return 4
shape = Square()
""": "shape.area() == 4",
    """
class Slots: __slots__ = ('a', 'b')
slotted = Slots()
slotted.a = [1]
alias = slotted.a
""": "slotted.a is alias and not hasattr(slotted, 'b')",
    """
class Prop:
    @property
    def p(self): return 1
    @staticmethod
    def s(): return 2
    @classmethod
    def c(cls): return cls
    @functools.cached_property
    def q(self): return k
prop = Prop()
""": "(prop.p, prop.s(), prop.c() is Prop, prop.q) == (1, 2, True, 3)",
    """
class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b
odd = Odd(1, 2)
""": "odd.args == (1,) and odd.b == 2 and type(odd) is Odd",
    "@functools.lru_cache\ndef cached(x): return x + 1": "cached(1) == 2",
    "part = functools.partial(f, 1, b=4)": "part() == 8",
    """
async def later(): return 5
def gen():
    yield 1
""": "list(gen()) == [1] and await later() == 5",
    "f.note = {'a': 1}; note = f.note": "f.note is note",
    "T = typing.TypeVar('T')\nclass Box(typing.Generic[T]): pass\nbox = Box[int]()": (
        "type(box) is Box"
    ),
    "_private = 7; __odd = 8\ndef uses(): return _private": "uses() == 7 and __odd == 8",
    "rng = np.random.default_rng(3); rng.random(); state = rng.bit_generator.state": (
        "rng.bit_generator.state == state"
    ),
    "pattern = re.compile('a+')": "pattern.match('aa')",
    "big = np.arange(5000, dtype='>i4')": "big.dtype.str == '>i4' and big[-1] == 4999",
    "ufunc = np.add; dtype = np.dtype([('a', 'i4')])": "ufunc(1, 2) == 3 and dtype['a'] == 'i4'",
    "cycle = Base(1); cycle.me = cycle; ring = [cycle]; ring.append(ring)": (
        "cycle.me is cycle and ring[1] is ring and ring[0] is cycle"
    ),
}


async def test_definitions_of_cells_come_back(workspace: Path) -> None:
    (workspace / "saved").mkdir()
    checkpoints = Checkpoints(workspace / "saved", 1 << 30)
    async with Session(workspace) as one, Session(workspace) as other:
        for code, check in _DEFINITIONS.items():
            assert (await one.execute(code)).ok, code
            assert (await one.execute(f"assert {check}")).ok, check
        saved = await checkpoints.save(one._kernel.client, 3)
        assert saved.left_out == {}
        loaded = await checkpoints.restore(other._kernel.client, saved)
        assert loaded.left_out == {}
        for check in _DEFINITIONS.values():
            execution = await other.execute(f"assert {check}")
            assert execution.ok, (check, execution)
        assert (await other.execute("k = 4; f(1)")).value == 7

"""What is told about variables is found by size and name, and fits a budget whatever they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions import Session
from sessions.errors import KernelError, UsageError
from sessions.kernel import budget

STATE = (
    "import numpy as np, pandas as pd\n"
    "small = pd.DataFrame({'age': [1], 'name': ['a']})\n"
    "large = pd.DataFrame({'age': range(2000)})\n"
    "wide = pd.DataFrame(np.zeros((3, 50)))\n"
    "numbers = list(range(10))\n"
    "matrix = np.zeros((20, 5))\n"
    "class Special(pd.DataFrame): pass\n"
    "special = Special({'x': range(3000)})\n"
)
HOSTILE = (
    "class Loud:\n"
    "    def __repr__(self): return '\"\\n\\x00' * 1_000_000\n"
    "class Broken:\n"
    "    def __repr__(self): raise SystemError('no')\n"
    "    def __len__(self): raise SystemError('no')\n"
    "    def __getattr__(self, name): raise SystemError('no')\n"
    "loud, broken = Loud(), Broken()\n"
    "L = type('L' * 100_000, (), {})\nlong_type = L()\n"
    "import pandas as pd\n"
    "wide = pd.DataFrame([[0] * 10_000])\n"
    "odd = pd.DataFrame([['x' * 10_000] * 3], columns=['c' * 100_000, 'same', 'same'])\n"
    "text = '\\x00' * 1_000_000\n"
    "globals().update({f'v{n}': 'value' * 1000 for n in range(10_000)})\n"
)


async def names(session: Session, *kind: str, **conditions: Any) -> list[str]:
    return [variable.name for variable in await session.query(*kind, **conditions)]


async def test_variables_are_found_by_what_they_are(session: Session) -> None:
    await session.execute(STATE)
    assert await names(session, "DataFrame") == ["large", "small", "special", "wide"]
    assert await names(session, "DataFrame", rows__gt=1000) == ["large", "special"]
    assert await names(session, "Special") == ["special"]
    assert await names(session, columns__contains="age") == ["large", "small"]
    assert await names(session, columns=50) == ["wide"]
    assert await names(session, columns__ge=5, rows__ne=3) == ["matrix"]
    assert await names(session, "list", length__le=10, length__lt=11) == ["numbers"]
    assert await names(session, "ndarray", bytes__eq=800) == ["matrix"]
    assert await names(session, name__startswith="s", name__ne="small") == ["special"]
    assert await names(session, name__contains="umb") == ["numbers"]
    assert await names(session, "Series") == []


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        ({"height": 3}, "rows, columns, length, bytes, name"),
        ({"rows__near": 3}, "eq, ne, lt, le, gt, ge"),
        ({"rows__contains": 3}, "eq, ne, lt, le, gt, ge"),
        ({"name__lt": "x"}, "eq, ne, contains, startswith"),
        ({"rows__gt": "many"}, "a number"),
        ({"name": 3}, "text"),
    ],
)
async def test_an_unknown_condition_names_the_known(
    session: Session, condition: dict[str, Any], known: str
) -> None:
    with pytest.raises(UsageError, match=known):
        await session.query("DataFrame", **condition)


async def test_objects_that_can_t_be_measured_meet_no_condition(session: Session) -> None:
    await session.execute(HOSTILE)
    assert await names(session, length__ge=0, name="broken") == []
    assert await names(session, "Broken") == ["broken"]


async def test_whatever_is_told_fits_the_budget(session: Session) -> None:
    assert (await session.execute(HOSTILE)).ok
    for name in ("loud", "broken", "long_type", "wide", "odd", "text", "Loud"):
        told = await session.inspect(name)
        assert told["type"]
        assert len(json.dumps(told, ensure_ascii=False)) <= budget.ONE, name
    assert (await session.inspect("wide"))["shape"] == [1, 10_000]
    assert "cut to fit" in (await session.inspect("wide"))["note"]
    assert list((await session.inspect("odd"))["columns"])[1:] == ["same"]
    variables = await session.variables()
    assert sum(len(v.name + v.type + v.summary) for v in variables) <= budget.ALL
    assert variables[-1].name == "…"
    assert variables[-1].summary.startswith("and 99")  # of more than 10 000


@pytest.mark.parametrize(
    "forged",
    ["'x'", "[1]", "None", "{'name': 1}", "[{'name': 'a' * 10**6, 'type': 1, 'summary': {}}] * 99"],
)
async def test_a_forged_list_is_one_error_or_fits(session: Session, forged: str) -> None:
    code = f"get_ipython().kernel._desk.answer = lambda *_: ({forged}, [])"
    assert (await session.execute(code)).ok
    try:
        variables = await session.variables()
    except KernelError:
        return
    assert sum(len(v.name + v.type + v.summary) for v in variables) <= budget.ALL


_JSON = some.recursive(
    some.none() | some.integers() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(some.dictionaries(some.text(min_size=1), _JSON | some.text(min_size=300)))
def test_a_budget_holds_for_anything(told: dict[str, Any]) -> None:
    fitted = budget.fit(told, 1000)
    assert len(json.dumps(fitted, ensure_ascii=False)) <= 1000 + 20 * budget._NAME
    if len(json.dumps(told, ensure_ascii=False)) <= 1000:
        assert fitted == told


def test_small_fields_stay_whole_beside_large_ones() -> None:
    fitted = budget.fit({"type": "list", "value": "x" * 10_000, "length": 7}, 500)
    assert (fitted["type"], fitted["length"]) == ("list", 7)
    assert 300 < len(fitted["value"]) < 500

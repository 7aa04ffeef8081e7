"""Whatever a cell makes, its message arrives: none costs the wall time, or the kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sessions import Session

_NOT_UTF8 = b"\xff.csv"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (r"'\ud800'", "?"),
        (r"['\udcff', {'\udcff': 1}]", ["?", {"?": 1}]),
        ("2 ** 20_000 > 0, 10 ** 100", [True, 10**100]),
        ("x = 2 ** 20_000; x", None),
        (r"globals()['\ud800'] = 1; 2", 2),
        ("globals()[('no', 'name')] = 1; 2", 2),
        (r"type('A', (), {'__repr__': lambda self: 'a\ud800'})()", None),
    ],
)
async def test_the_reply_of_an_odd_cell_arrives(session: Session, code: str, value: Any) -> None:
    execution = await session.execute(code, timeout=5)
    assert execution.limits_hit == ()
    assert execution.value == value
    assert isinstance(await session.variables(), list)
    assert (await session.execute("1 + 1", timeout=5)).restored is None


async def test_file_names_that_are_no_text_can_be_listed(session: Session, workspace: Path) -> None:
    Path(workspace, _NOT_UTF8.decode(errors="surrogateescape")).touch()
    execution = await session.execute(
        "import os; [name for name in os.listdir() if name.endswith('.csv')]", timeout=5
    )
    assert execution.value == ["?.csv"]


async def test_an_exception_of_odd_text_is_told(session: Session) -> None:
    execution = await session.execute(r"raise ValueError('odd \udcff')", timeout=5)
    assert execution.error is not None
    assert (execution.error.name, execution.error.message) == ("ValueError", "odd ?")

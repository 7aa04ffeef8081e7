"""The guard and the walls let people work: cells of ordinary notebooks run, and right."""

from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path

import pytest

from sessions import Execution, Limits, Session

_TEXT = Path(__file__).with_name("ordinary_cells.txt").read_text("utf-8").partition("\n\n")[2]
_CELL = re.compile(r"(?P<code>.+?)\n(?P<outcome>=> [^\n]+|shows [^\n]+|runs)\n\n?", re.DOTALL)
CELLS = [(found["code"], found["outcome"]) for found in re.finditer(_CELL, _TEXT)]


@pytest.fixture(scope="module")
def executions(tmp_path_factory: pytest.TempPathFactory) -> list[Execution]:
    """One for each cell, of one real kernel under the default policy."""

    async def run() -> list[Execution]:
        workspace = tmp_path_factory.mktemp("ordinary") / "workspace"
        workspace.mkdir()
        async with Session(workspace, Limits.standard()) as session:
            return [await session.execute(code) for code, _ in CELLS]

    return asyncio.run(run())


def test_all_cells_are_read() -> None:
    assert len(CELLS) == len(re.findall(r"^(?:=> |shows |runs$)", _TEXT, re.MULTILINE)) >= 150


@pytest.mark.parametrize("index", range(len(CELLS)), ids=lambda i: CELLS[i][0].splitlines()[0][:60])
def test_an_ordinary_cell_runs(executions: list[Execution], index: int) -> None:
    (code, outcome), execution = CELLS[index], executions[index]
    assert execution.status == "ok", f"{code}\n{execution.error}\n{execution.stderr}"
    kind, _, expected = outcome.partition(" ")
    if kind == "=>":
        assert execution.value == ast.literal_eval(expected)
    elif kind == "shows":
        assert expected in _all_shown(execution)


def _all_shown(execution: Execution) -> str:
    shown = [str(body) for bundle in execution.outputs for body in bundle.values()]
    return "\n".join([execution.stdout, *shown])


@pytest.mark.parametrize(
    "code",
    [
        "import multiprocessing\nmultiprocessing.Manager()",  # it listens on a socket
        "import multiprocessing\nmultiprocessing.get_context('forkserver').Pool(1)",  # likewise
    ],
)
async def test_what_needs_sockets_of_its_own_fails_at_once(session: Session, code: str) -> None:
    assert (await session.execute(code, timeout=10)).status in ("error", "refused")

"""A guarded kernel for each test that asks for one, in a workspace of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sessions import Execution, Limits, Session


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
async def session(workspace: Path) -> AsyncIterator[Session]:
    async with Session(workspace, Limits.quick()) as opened:
        yield opened


@pytest.fixture
def unguarded() -> Callable[[str], str]:
    """Wraps code so that the in-kernel guard does not see it: what then holds is the system."""

    def wrap(code: str) -> str:
        return f"exec({code!r}, {{'__name__': 'elsewhere'}})"

    return wrap


def told(execution: Execution) -> str:
    """Everything a cell said, for messages of failing tests."""
    return f"{execution.status} {execution.stdout} {execution.stderr} {execution.error}"

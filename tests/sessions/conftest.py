"""A guarded kernel for each test that asks for one, in a workspace of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sessions import Execution, Limits, Session
from tests.support.snapshots import pause


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
async def paused(session: Session) -> Session:
    """A kernel whose fresh state is frozen already."""
    await pause(session)
    return session


@pytest.fixture(autouse=True)
def walls_alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No session of a test that asks for `unguarded` has a guard: what then holds is the system."""
    if "unguarded" in request.fixturenames:
        options = Session.__init__.__kwdefaults__
        assert options is not None
        monkeypatch.setitem(options, "policy", None)


@pytest.fixture
def unguarded() -> Callable[[str], str]:
    """Runs code as a library would, apart from the cell's names; see `walls_alone`."""

    def wrap(code: str) -> str:
        return f"exec({code!r}, {{'__name__': 'elsewhere'}})"

    return wrap


def told(execution: Execution) -> str:
    """Everything a cell said, for messages of failing tests."""
    return f"{execution.status} {execution.stdout} {execution.stderr} {execution.error}"

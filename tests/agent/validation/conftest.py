"""A real guarded kernel for the gates, and a cache of nobody's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent.validation.running.bench import Bench
from sessions.session import Session
from tools_registry.core_package import core_path


@pytest.fixture(scope="session", autouse=True)
def nobodys_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What checkers remember is shared by the tests of one process alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with Session(tmp_path, libraries={"agent_tools": core_path()}) as session:
        yield session


@pytest.fixture
def bench(session: Session) -> Bench:
    return Bench(session, 1.0)


@pytest.fixture
def desk() -> Bench:
    """A bench without a kernel, for gates that only read."""
    return Bench(None)

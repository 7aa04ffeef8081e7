"""A real guarded kernel for the gates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from sessions.session import Session
from tools_registry.core_tools import core_path


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with Session(tmp_path, libraries={"agent_tools": core_path()}) as session:
        yield session

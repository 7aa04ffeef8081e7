"""A registry of our own, and a workspace that is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions import workspace as workspaces
from sessions.packages.installation import Installer
from sessions.packages.registries import Registries
from tests.support.registry import PackageServer


@pytest.fixture
def registry() -> Iterator[PackageServer]:
    with PackageServer() as server:
        yield server


@pytest.fixture
def protected(workspace: Path) -> Iterator[Path]:
    """The workspace, as while a session is open in it."""
    with workspaces.protected(workspace):
        yield workspace


@pytest.fixture
def installer(protected: Path, registry: PackageServer) -> Installer:
    return Installer(workspace=protected, registries=Registries.of([registry.index]))

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
def workspace(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    with workspaces.protected(folder):
        yield folder


@pytest.fixture
def installer(workspace: Path, registry: PackageServer) -> Installer:
    return Installer(workspace=workspace, registries=Registries.of([registry.index]))

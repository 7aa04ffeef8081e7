"""Packages before the first cell, told on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.cli.telling import tell

if TYPE_CHECKING:
    from sessions.packages.events import PackageProgress
    from sessions.packages.registries import Registries
    from sessions.session import Session


async def install(session: Session, packages: Sequence[str], registries: Registries) -> None:
    """Install packages into a session; a terminal is told each step, others only the outcome."""
    show = _step if sys.stderr.isatty() else _nothing
    done = await session.install(*packages, registries=registries, tell=show)
    if done.versions:
        tell(f"{done} in {done.seconds:.1f} s")


def _step(progress: PackageProgress) -> None:
    tell(progress.text)


def _nothing(progress: PackageProgress) -> None:
    pass

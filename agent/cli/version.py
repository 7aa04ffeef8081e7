"""Which version is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "ipysmith"


def text() -> str:
    """Name and version, e.g. `agent 0.1.0`."""
    try:
        return f"agent {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return "agent (not installed: run from its source)"

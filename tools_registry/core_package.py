"""Where the core tools lie, and what they are called inside the kernel."""

from __future__ import annotations

from pathlib import Path

CORE = "agent_tools"
"""What `core_path` is called inside the kernel."""


def core_path() -> Path:
    """The directory that the kernel gets as the package `agent_tools`."""
    return Path(__file__).parent / "core"

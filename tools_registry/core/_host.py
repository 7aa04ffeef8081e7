"""Asking the host, which reaches what the kernel does not: the network."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def ask_host(name: str, **arguments: Any) -> Any:
    """What the host answers to a call by name.

    Raises:
        RuntimeError: There is no host to ask. What the host itself says no to, or can't do, it
            raises as `agent_host.RefusedError` and `agent_host.HostError`.
    """
    try:
        host = import_module("agent_host")
    except ImportError:
        msg = f"{name} works only in a kernel of the agent, whose host has the network"
        raise RuntimeError(msg) from None
    return host.call(name, **arguments)

"""The program that becomes sandboxes: `python -I launcher.py MODE DESCRIPTOR…`.

`one ALIVE REPORT CONTROL LISTENER…` becomes one sandbox; `zygote CONTROL` warms up and forks one
whenever it is asked; `install ALIVE REPORT UNUSED GATEWAY OUTPUT` runs pip in such walls.
Descriptors are inherited.

Everything is imported before the walls go up, so that a sandbox needs no view of our own files, and
under private names, so that a package of the same name in the workspace is still the user's.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

_SESSIONS = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> NoReturn:
    """Do what the first argument says; exits with the kernel's code, or that of the zygote."""
    mode, *descriptors = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host, which ends us
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # 100 ms, and nobody could attach
    _load_package("_agent_isolation", _SESSIONS / "isolation")
    _load_package("_agent_kernel", _SESSIONS / "kernel")
    if mode == "zygote":
        importlib.import_module("_agent_isolation.zygote").serve(int(descriptors[0]))
    alive, report, control, *listeners = map(_lowest, map(int, descriptors))
    launch = importlib.import_module("_agent_isolation.launch")
    if mode == "install":
        _load_package("_agent_installer", _SESSIONS / "installer")
        launch.Launch(alive, report, control, listeners, "_agent_installer.app").run()
    launch.Launch(alive, report, control, listeners).run()
    raise AssertionError  # neither returns


def _lowest(descriptor: int) -> int:
    """The same under the lowest free number: a host with much open hands in numbers past limits."""
    lowest = os.dup(descriptor)
    os.close(descriptor)
    return lowest


def _load_package(name: str, folder: Path) -> ModuleType:
    """Import a package of ours under a private name."""
    where = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert where is not None
    assert where.loader is not None
    package = importlib.util.module_from_spec(where)
    sys.modules[name] = package
    where.loader.exec_module(package)
    return package


if __name__ == "__main__":
    main(sys.argv[1:])

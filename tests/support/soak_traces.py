"""What sessions could leave behind on a machine, below one directory and beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from sessions.isolation import cgroup
from sessions.usage import descendants

_SECONDS = 10.0


class Traces:
    """The traces of what runs in this process, or below it, with `environment`.

    Attributes:
        folder: Where sockets and temporary files of the sessions go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._groups = set(_groups())
        self._below = set(descendants(os.getpid()))

    @property
    def environment(self) -> dict[str, str]:
        """Leads to `folder`."""
        return {"XDG_RUNTIME_DIR": str(self.folder), "TMPDIR": str(self.folder)}

    def left(self) -> list[str]:
        """What is there that was not there before, but for what lasts a moment only."""
        end = time.monotonic() + _SECONDS
        while (found := list(self._found())) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _found(self) -> Iterator[str]:
        for pid in set(descendants(os.getpid())) - self._below:
            with suppress(psutil.Error):
                yield f"process {pid}: {' '.join(psutil.Process(pid).cmdline())}"
        yield from map(str, self.folder.iterdir())
        yield from (f"group {group}" for group in set(_groups()) - self._groups)
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            if str(self.folder) in line:
                yield f"mount {line}"
        for line in Path("/proc/net/unix").read_text().splitlines():
            if str(self.folder) in line:
                yield f"socket {line}"


@contextmanager
def traces(patch: pytest.MonkeyPatch) -> Iterator[Traces]:
    """A short directory for this process's sessions, and those of its children."""
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir="/tmp"))
    found = Traces(folder)
    for name, value in found.environment.items():
        patch.setenv(name, value)
    patch.setattr(tempfile, "tempdir", None)
    try:
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _groups() -> Iterator[Path]:
    """Control groups whose launchers are gone: those of others on this machine are at work."""
    for place in cgroup.places():
        for group in place.folder.glob("agent-*-*"):
            pid = int(group.name.split("-")[1])
            with suppress(OSError):
                if cgroup.name_of(pid) == group.name:
                    continue
            yield group

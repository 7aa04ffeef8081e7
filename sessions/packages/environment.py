"""Where the packages of a workspace lie: one directory for each installation, none ever changed.

```
.agent/environments/cpython-311/site-packages/1, 2, …   shown to kernels, read-only
.agent/environments/new-…                               an installation that is not over
```

The host moves these directories and counts their bytes. It reads no file in them.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from sessions import workspace
from sessions.errors import PackageError, UsageError

_STAGING = "new-"
_POLL_SECONDS = 0.1
_MOST_FILES = 200_000
_INFO = re.compile(r"([A-Za-z0-9][A-Za-z0-9._]*)-([A-Za-z0-9][A-Za-z0-9.+!_]*)\.dist-info")


class Environment:
    """The packages of a workspace that some session has open.

    Args:
        folder: The workspace, a real path.

    Raises:
        UsageError: If something else lies where they belong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = workspace.environment(folder)
        self._root = self.folder.parents[1]
        for place in (self.folder, self.folder.parent, self._root):
            if not stat.S_ISDIR(place.lstat().st_mode):
                msg = f"{place} is not a directory, so nothing can be installed: remove it"
                raise UsageError(msg)

    def layers(self) -> list[Path]:
        """Directories of installations, oldest first."""
        found = [p for p in self.folder.iterdir() if p.name.isdecimal()]
        return sorted(found, key=lambda layer: int(layer.name))

    def versions(self) -> dict[str, str]:
        """Canonical name → version of what was installed."""
        return {name: v for layer in self.layers() for name, v in _versions(layer).items()}

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Wait until nobody else installs here, and keep others waiting."""
        descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            await _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A directory to install in, gone at the end; for who holds the lock."""
        for left in self._root.glob(f"{_STAGING}*"):  # by a host that was killed
            remove(left)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self._root))
        try:
            (folder / "tmp").mkdir()
            yield folder
        finally:
            remove(folder)

    def adopt(self, site: Path, most: int) -> Mapping[str, str]:
        """Move an installation into place, at once and as a whole; name → version of what it has.

        Args:
            site: The directory that was unpacked.
            most: Bytes that all installations together may take.

        Raises:
            PackageError: If there is something in it that no wheel should bring, or it is too big.
        """
        _check(site)
        if size(site) + sum(map(size, self.layers())) > most:
            msg = (
                f"the packages would take more than the {most >> 20} MB that a workspace's may: "
                f"nothing was installed; remove {self._root} to begin anew"
            )
            raise PackageError(msg)
        for scripts in (site / "bin", site / "Scripts"):  # nobody shall come to run them
            remove(scripts)
        for file in site.glob("*.pth"):
            file.unlink()
        versions = _versions(site)
        number = 1 + max((int(layer.name) for layer in self.layers()), default=0)
        site.rename(self.folder / str(number))
        _flush(self.folder)
        return versions


def size(folder: Path) -> int:
    """Bytes on disk below a directory."""
    total = 0
    for state in _states(folder):
        total += state.st_blocks * 512
    return total


def remove(folder: Path) -> None:
    """Remove a directory with all in it, also what may not be written; links are not followed."""
    if not folder.is_dir() or folder.is_symlink():
        folder.unlink(missing_ok=True)
        return
    for inner, folders, _ in os.walk(folder):
        for entry in (Path(inner, name) for name in folders):
            if not entry.is_symlink():
                entry.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _check(site: Path) -> None:
    for count, state in enumerate(_states(site)):
        plain = stat.S_ISDIR(state.st_mode) or (stat.S_ISREG(state.st_mode) and state.st_nlink == 1)
        if not plain or state.st_mode & (stat.S_ISUID | stat.S_ISGID) or count > _MOST_FILES:
            msg = "a package brought links, devices or too many files: nothing was installed"
            raise PackageError(msg)


def _states(folder: Path) -> Iterator[os.stat_result]:
    for inner, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):
                yield os.lstat(os.path.join(inner, name))  # noqa: PTH118 -- many files


def _versions(layer: Path) -> dict[str, str]:
    from packaging.utils import canonicalize_name

    found = (_INFO.fullmatch(entry) for entry in sorted(os.listdir(layer)))  # noqa: PTH208
    return {canonicalize_name(info[1]): info[2] for info in found if info}


async def _lock(descriptor: int) -> None:
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        await asyncio.sleep(_POLL_SECONDS)  # other processes tell nobody when they are done


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

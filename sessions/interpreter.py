"""This Python on the host: what a kernel needs of it, and what of it no cell may change."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

State = tuple[str | int, ...]

_OF_PYTHON = ("stdlib", "platstdlib", "scripts")
_NO_PATH = ("#", "import ", "import\t")  # how lines of a path file begin that name no directory


def directories() -> tuple[str, ...]:
    """Real directories, parents only: the prefixes and what else is on `sys.path`.

    Entries for the current directory and for the folders of this project's own source are left
    out: code in a kernel has no business there.
    """
    return _directories(_state())


@cache
def _directories(_: State) -> tuple[str, ...]:
    own = Path(__file__).resolve().parents[1]
    entries = [sys.base_prefix, sys.prefix, sys.base_exec_prefix, sys.exec_prefix]
    entries += packages()
    paths = [Path(entry) for entry in entries if entry]
    found = {p for path in paths for p in (path.absolute(), path.resolve()) if p.is_dir()}
    kept = sorted(path for path in found if path != own or own.name.endswith("packages"))
    return tuple(str(p) for p in kept if not any(q in p.parents for q in kept))


def packages() -> tuple[str, ...]:
    """Where installed packages lie, a user's own ones among them."""
    return tuple(entry for entry in sys.path if entry.rstrip("/").endswith("-packages"))


def code() -> tuple[Path, ...]:
    """Directories that hold nothing but code of this Python, and our own packages."""
    return _code(_state())


@cache
def _code(_: State) -> tuple[Path, ...]:
    own = Path(__file__).resolve().parents[1]
    ours = [] if own.name.endswith("packages") else [p.parent for p in own.glob("*/__init__.py")]
    python = [*packages(), *map(sysconfig.get_path, _OF_PYTHON)]
    return _both_forms([*ours, *map(Path, python)])


def import_roots() -> tuple[Path, ...]:
    """What path files add to `sys.path` at every start: the sources of editable installs.

    What a script or the current directory put there is left out: that is the person's own doing.
    """
    return _import_roots(_state())


@cache
def _import_roots(_: State) -> tuple[Path, ...]:
    files = [file for folder in packages() for file in Path(folder).glob("*.pth")]
    lines = [file.parent / line for file in files for line in _lines(file)]
    return _both_forms(path for path in lines if path.is_dir())


def prefixes() -> tuple[Path, ...]:
    """Where this Python is installed, its virtual environment included."""
    return _prefixes(_state())


@cache
def _prefixes(_: State) -> tuple[Path, ...]:
    return _both_forms([Path(sys.prefix), *map(Path, directories())])


def _state() -> State:
    """What the answers here depend on; a package that is installed changes its directory's time."""
    folders = packages()
    times = [os.stat(folder).st_mtime_ns for folder in folders if os.path.isdir(folder)]  # noqa: PTH112, PTH116 -- asked for each kernel
    return (sys.prefix, *folders, *times)


def _both_forms(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Real directories and the names they go by."""
    return tuple(sorted({p for path in paths for p in (path.absolute(), path.resolve())}))


def _lines(file: Path) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        lines = map(str.rstrip, file.read_text("utf-8-sig").splitlines())
        return [line for line in lines if line and not line.startswith(_NO_PATH)]
    return []


def environment() -> dict[str, str]:
    """The whole environment of a kernel: nothing of the person's but language and time zone."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    return {
        "LANG": "C.UTF-8",
        **kept,
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp/home",
        "TMPDIR": "/tmp",
        "IPYTHONDIR": "/tmp/home/.ipython",
        "MPLCONFIGDIR": "/tmp/home/.matplotlib",
        "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/home/.hypothesis",  # else it is in the workspace
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",  # a heap for each thread would cost every kernel more pages
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }

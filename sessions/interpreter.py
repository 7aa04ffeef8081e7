"""What of the host a Python needs to run: its installation and the places it imports from."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def directories() -> tuple[str, ...]:
    """Real directories, parents only: the prefixes and what else is on `sys.path`.

    Entries for the current directory and for the folders of this project's own source are left
    out: code in a kernel has no business there.
    """
    own = Path(__file__).resolve().parents[1]
    entries = [sys.base_prefix, sys.prefix, sys.base_exec_prefix, sys.exec_prefix]
    entries += packages()
    paths = [Path(entry) for entry in entries if entry]
    found = {p for path in paths for p in (path.absolute(), path.resolve()) if p.is_dir()}
    kept = sorted(path for path in found if path != own or own.name.endswith("packages"))
    return tuple(str(p) for p in kept if not any(q in p.parents for q in kept))


def packages() -> tuple[str, ...]:
    """Where installed packages lie, a user's own ones among them."""
    return tuple(entry for entry in sys.path if Path(entry).name.endswith("-packages"))


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
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }

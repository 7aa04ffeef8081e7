"""Where pip comes from: this Python's environment, or the wheel that comes with Python."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path

from sessions.errors import PackageError


def location() -> Path | None:
    """The wheel to take pip from; None if it is installed. Nothing of it is imported here.

    Raises:
        PackageError: If this Python has none.
    """
    if importlib.util.find_spec("pip") is not None:
        return None
    wheels = [wheel for folder in _folders() for wheel in folder.glob("pip-*.whl")]
    if not wheels:
        msg = "packages can't be installed without pip: add it with `python -m ensurepip`"
        raise PackageError(msg)
    return max(wheels)


def _folders() -> list[Path]:
    import ensurepip

    distributor = sysconfig.get_config_var("WHEEL_PKG_DIR")
    bundled = Path(ensurepip.__file__).parent / "_bundled"
    return [bundled, *([Path(distributor)] if distributor else [])]

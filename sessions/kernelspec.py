"""The guarded kernel among those that Jupyter offers."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sessions.errors import UsageError

NAME = "agent-sandbox"
DISPLAY_NAME = "Python (agent sandbox)"

_PROGRAM = Path(__file__).resolve().with_name("standalone.py")


def contents(*, standalone: bool = False) -> dict[str, Any]:
    """What `kernel.json` says; the command isolates by itself where the provisioner is ignored.

    Args:
        standalone: Whether to name no provisioner: a Jupyter that has not got it hides the kernel.
    """
    provisioner = {"kernel_provisioner": {"provisioner_name": NAME, "config": {}}}
    return {
        "argv": [sys.executable, "-I", str(_PROGRAM), "{connection_file}"],
        "display_name": DISPLAY_NAME,
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {"debugger": False, **({} if standalone else provisioner)},
    }


def kernels_of_user() -> Path:
    """Where the person's own kernels are described."""
    from jupyter_client.kernelspec import KernelSpecManager

    return Path(KernelSpecManager().user_kernel_dir)


def kernels_below(prefix: str | Path) -> Path:
    """Where the kernels of an environment are described.

    Raises:
        UsageError: If there is no such directory.
    """
    if not str(prefix) or not Path(prefix).is_dir():
        msg = f"the prefix {str(prefix)!r} is not a directory: create it, or choose another"
        raise UsageError(msg)
    return Path(prefix).resolve() / "share" / "jupyter" / "kernels"


def is_searched(kernels: Path) -> bool:
    """Whether Jupyter looks into a directory for kernels."""
    return kernels.resolve() in _searched()


def install(kernels: Path, *, standalone: bool = False) -> Path:
    """Describe the guarded kernel below a directory; returns the kernel's own.

    Args:
        kernels: Where kernels are described.
        standalone: Whether Jupyter may lack our provisioner, see `contents`.

    Raises:
        UsageError: If it can't be written.
    """
    folder = kernels / NAME
    with _explained("installed", kernels):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "kernel.json", json.dumps(contents(standalone=standalone), indent=1) + "\n")
    return folder


def uninstall(kernels: Path | None) -> list[Path]:
    """Remove the guarded kernel; returns the directories that are gone.

    Args:
        kernels: The directory it was installed below; None for every one in which Jupyter looks.

    Raises:
        UsageError: If one can't be removed.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    places = _searched() if kernels is None else [kernels]
    found = [place for place in places if (place / NAME / "kernel.json").exists()]
    for place in found:
        with _explained("removed", place):
            KernelSpecManager(kernel_dirs=[str(place)]).remove_kernel_spec(NAME)
    return [place / NAME for place in found]


def _searched() -> list[Path]:
    from jupyter_client.kernelspec import KernelSpecManager

    places = KernelSpecManager().kernel_dirs  # some name one place twice, or by a link
    return list(dict.fromkeys(Path(place).resolve() for place in places))


def _write(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".kernel-", dir=file.parent)
    try:
        os.write(descriptor, text.encode())
        os.fchmod(descriptor, 0o644)  # a kernel of an environment is for all who use it
        os.replace(name, file)  # noqa: PTH105 -- says what it does
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def _explained(what: str, kernels: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = (
            f"the kernel can't be {what} in {kernels} ({error.strerror}): name a place that you "
            "can write, by --user, --sys-prefix or --prefix DIR"
        )
        raise UsageError(msg) from None

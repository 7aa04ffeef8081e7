"""Which way to keep a sandbox apart: the strongest that this system allows."""

from __future__ import annotations

import os

from .alone import Alone
from .enclosure import Enclosure, Unenclosed
from .identity import choose, own
from .namespaced import Namespaced, refusal
from .spec import Spec


def enclosure(spec: Spec) -> Enclosure:
    """The enclosure for a sandbox.

    Raises:
        OSError: If the mode that is asked for can't be had.
    """
    if not spec.isolated:
        return Unenclosed(spec)
    if spec.mode == "no-namespaces":
        return _alone(spec, "they were not asked for")
    if os.geteuid() == 0 and spec.mode == "strongest":
        return Namespaced(spec, *choose(spec.workspace))
    identity, why = own()
    if spec.mode == "strongest" and (refused := refusal(identity, spec.mount_point)):
        return _alone(spec, refused)
    return Namespaced(spec, identity, why)


def _alone(spec: Spec, why: str) -> Alone:
    if os.geteuid() == 0:
        # Its files are the system's, and no limit on processes holds for it.
        msg = "root needs namespaces"
        raise PermissionError(1, msg)
    return Alone(spec, why)

"""From what a session wants to what its sandbox is: the one place that fills in a `Spec`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sessions import interpreter, workspace
from sessions.isolation.spec import Spec
from sessions.kernel.policy import DEFAULT, Policy
from sessions.limits import Limits


def specification(
    folder: Path,
    limits: Limits,
    *,
    libraries: Mapping[str, Path] | None = None,
    data: Sequence[Path] = (),
    isolated: bool = True,
    snapshots: bool = False,
    policy: Policy | None = DEFAULT,
) -> Spec:
    """The sandbox for a workspace.

    Args:
        folder: The workspace, a real path.
        limits: Ceilings.
        libraries: Package name inside the kernel → directory, shown read-only.
        data: More directories to show read-only.
        isolated: False leaves the guard and the limits alone.
        snapshots: Whether the kernel leaves frozen copies of itself; needs isolation.
        policy: What cells are refused; None for no guard at all.
    """
    installed = {workspace.PACKAGES: workspace.environment(folder)}
    return Spec(
        workspace=str(folder),
        mount_point="",
        interpreter=interpreter.directories(),
        packages=interpreter.packages(),
        data=tuple(map(str, data)),
        libraries={n: str(path) for n, path in {**(libraries or {}), **installed}.items()},
        code=tuple(map(str, workspace.code_below(folder))) if isolated else (),
        hidden=workspace.HIDDEN,
        read_only=workspace.READ_ONLY,
        memory=limits.memory,
        processes=limits.processes,
        open_files=limits.open_files,
        file_size=limits.file_size,
        cpus=limits.cpus,
        environment=interpreter.environment(),
        isolated=isolated,
        snapshots=snapshots and isolated,
        kernel={"policy": policy.plain() if policy else None},
    )

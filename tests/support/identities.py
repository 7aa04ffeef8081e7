"""Runs a command as somebody: as root, or as an ordinary user with and without user namespaces.

```python
run(Identity.NO_NAMESPACES, python("-c", PROGRAM, str(workspace)), own=[workspace])
```

As root, an ordinary user is made up: an id that no account has, in a mount namespace in which this
interpreter and this checkout can be read even if they lie below a private home. User namespaces are
taken away for real, each way that is met in the wild, and for this command and its children only:
no setting of the host is touched.

Nothing here needs pytest, so a whole `pytest` may be the command (give it `-p no:cacheprovider` and
a `--basetemp` in a directory of `own`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from sessions.isolation import syscalls  # noqa: E402 -- found by the line above
from sessions.isolation.seccomp import Rule, assemble  # noqa: E402

_FIRST_UID = 0x6000_0000
_MOUNTS = {"mount": 165, "open_tree": 428, "move_mount": 429, "fsmount": 432, "mount_setattr": 442}
_UNSHARE, _CLONE, _CLONE3 = 272, 56, 435
_EACCES, _ENOSYS = 13, 38


class Identity(StrEnum):
    """Who runs a command, and what is withheld from them.

    Attributes:
        ROOT: The superuser, to whom nothing is refused.
        USER: An ordinary user who may make user namespaces.
        NO_NAMESPACES: An ordinary user where there are none (`max_user_namespaces` is 0).
        REFUSED: An ordinary user to whom a seccomp filter refuses them, as container engines do.
        NO_MOUNTS: An ordinary user who may make them, but not mount inside, as under AppArmor.
    """

    ROOT = "root"
    USER = "user"
    NO_NAMESPACES = "no-namespaces"
    REFUSED = "refused"
    NO_MOUNTS = "no-mounts"


ORDINARY = tuple(identity for identity in Identity if identity is not Identity.ROOT)
WITHOUT_NAMESPACES = (Identity.NO_NAMESPACES, Identity.REFUSED, Identity.NO_MOUNTS)


def possible() -> tuple[Identity, ...]:
    """Whom this process can run commands as: root as anybody, an ordinary user as its like."""
    return tuple(Identity) if os.geteuid() == 0 else ORDINARY


def ordinary_uid() -> int:
    """The made-up user of this process; its own id where it is an ordinary user's."""
    return os.geteuid() or _FIRST_UID + os.getpid()


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter."""
    return [sys.executable, *arguments]


def command(
    identity: Identity,
    argv: Sequence[str],
    *,
    own: Sequence[Path] = (),
    show: Sequence[Path] = (),
) -> list[str]:
    """A command line that runs `argv` as an identity, in this directory and environment.

    Args:
        identity: One of `possible()`.
        argv: The command; the first word is a path, or found on `PATH`.
        own: Directories that belong to the ordinary user from then on, with all that is in them.
        show: Further directories to be readable, besides interpreter and checkout.
    """
    wanted = {
        "identity": identity,
        "uid": ordinary_uid(),
        "own": list(map(str, own)),
        "show": list(map(str, show)),
    }
    return [sys.executable, "-I", __file__, json.dumps(wanted), *argv]


def environment(home: Path) -> dict[str, str]:
    """The environment of somebody whose home that is: nothing of the present one's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    identity: Identity,
    argv: Sequence[str],
    *,
    own: Sequence[Path],
    show: Sequence[Path] = (),
    timeout: float = 90,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in the checkout; its output is captured.

    Args:
        identity: One of `possible()`.
        argv: The command.
        own: Directories that belong to the ordinary user; the first is the home as well.
        show: Further directories to be readable.
        timeout: Seconds it may take.
    """
    return subprocess.run(
        command(identity, argv, own=own, show=show),
        cwd=ROOT,
        env=environment(own[0]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def _become(wanted: Mapping[str, object]) -> None:
    """Turn this process into what is wanted."""
    identity, uid = Identity(str(wanted["identity"])), int(str(wanted["uid"]))
    if os.geteuid() == 0 and identity is not Identity.ROOT:
        own, show = ([Path(p) for p in _texts(wanted[key])] for key in ("own", "show"))
        _hand_over(own, uid)
        _make_readable([ROOT, Path(sys.prefix), Path(sys.base_prefix), *own, *show])
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        syscalls.dumpable()  # a change of user takes /proc/self from us
    if identity is Identity.NO_NAMESPACES:
        _exhaust_namespaces(os.getuid(), os.getgid())
    elif identity is Identity.REFUSED:
        _refuse([Rule(call=_UNSHARE), *_cloning_namespaces()])
    elif identity is Identity.NO_MOUNTS:
        _refuse([Rule(call=number, error=_EACCES) for number in _MOUNTS.values()])


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _hand_over(folders: Sequence[Path], uid: int) -> None:
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)


def _make_readable(paths: Sequence[Path]) -> None:
    """Show these directories under their own paths, whoever may traverse what is above them."""
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    hidden = [(path, above) for path in paths if (above := _private_parent(path)) is not None]
    trees = [(path, syscalls.clone_tree(str(path))) for path, _ in hidden]
    for above in sorted({above for _, above in hidden}):
        syscalls.mount("tmpfs", str(above), "tmpfs", 0, "mode=0755,size=1m")
    for path, tree in sorted(trees):
        path.mkdir(parents=True, exist_ok=True)
        syscalls.attach_tree(tree, str(path))


def _private_parent(path: Path) -> Path | None:
    """The uppermost directory above a path that strangers can't traverse."""
    private = (above for above in reversed(path.parents) if not above.stat().st_mode & 0o001)
    return next(private, None)


def _exhaust_namespaces(uid: int, gid: int) -> None:
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    # The command's `exec` drops the powers that came with the new namespace.


def _cloning_namespaces() -> list[Rule]:
    flags = syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS
    by_flag = Rule(call=_CLONE, argument=0, comparison="any_bit", value=flags)
    return [by_flag, Rule(call=_CLONE3, error=_ENOSYS)]


def _refuse(rules: Sequence[Rule]) -> None:
    syscalls.no_new_privileges()
    syscalls.seccomp(assemble(rules))


if __name__ == "__main__":
    _become(json.loads(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])

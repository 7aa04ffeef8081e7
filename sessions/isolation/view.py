"""The file system that a guarded kernel sees: a new root, put together from pieces of the host."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .identity import Identity
from .spec import LIBRARIES, Spec
from .syscalls import (
    MOUNT_ATTR_NODEV,
    MOUNT_ATTR_NOEXEC,
    MOUNT_ATTR_NOSUID,
    MOUNT_ATTR_RDONLY,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    attach_tree,
    clone_tree,
    mount,
    pivot_root,
    set_tree_attributes,
)

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
CONFIGURATION = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
PROCESSORS = "/sys/devices/system/cpu"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
HOME = "/tmp/home"

_READ_ONLY = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
_WORKSPACE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC
_DEVICE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC
_SCRATCH = MS_NOSUID | MS_NODEV | MS_NOEXEC


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of the host's file system, shown inside at `target`.

    Attributes:
        source: Path on the host.
        target: Path inside.
        attributes: Mount attributes (MOUNT_ATTR_…).
        owner: Path whose owner the sandbox's user counts as; None leaves the host's owners.
    """

    source: str
    target: str
    attributes: int
    owner: str | None = None


def pieces(spec: Spec) -> list[Piece]:
    """What is shown inside, parents before what lies below them."""
    read_only = [*SYSTEM, *CONFIGURATION, PROCESSORS, *spec.data]
    shown = [Piece(source=p, target=p, attributes=_READ_ONLY) for p in read_only]
    shown += [Piece(source=p, target=p, attributes=_DEVICE) for p in DEVICES]
    shown += [
        Piece(source=p, target=p, attributes=_READ_ONLY, owner=p)
        for p in (*spec.interpreter, *spec.code)
        if not p.startswith("/usr/")
    ]
    shown += [
        Piece(source=path, target=f"{LIBRARIES}/{name}", attributes=_READ_ONLY, owner=path)
        for name, path in spec.libraries.items()
    ]
    shown += [
        Piece(source=p, target=p, attributes=_WORKSPACE, owner=spec.workspace)
        for p in (spec.workspace, *_held_in_place(spec))
    ]
    unique = {piece.target: piece for piece in shown}
    return sorted(unique.values(), key=lambda piece: piece.target.count("/"))


def _held_in_place(spec: Spec) -> set[str]:
    """Directories between the workspace and code of the host in it.

    What is a mount point can't be renamed, but a directory above one can; so these become mounts.
    """
    workspace = Path(spec.workspace)
    above = {parent for path in spec.code for parent in Path(path).parents}
    return {str(path) for path in above if workspace in path.parents}


def build(spec: Spec, identity: Identity) -> None:
    """Put the new root together at `spec.mount_point`, in a mount namespace of our own."""
    root = spec.mount_point
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Taken before anything is covered: the workspace may lie below a directory that we cover.
    taken = [(piece, _take(piece, identity)) for piece in pieces(spec) if _shown(piece)]
    protected = list(_protected(spec, identity))
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m")
    _scratch(f"{root}/tmp", "mode=1777,size=100m")
    _scratch(f"{root}/dev/shm", "mode=1777,size=256m")
    _write_accounts(root, identity)
    for piece, tree in taken:
        _attach(piece, tree, root)
    for target, tree in protected:
        attach_tree(tree, f"{root}{target}") if tree is not None else _cover(f"{root}{target}")
    (Path(root) / "proc").mkdir()


def enter(root: str) -> None:
    """Make the new root ours; to be called by the first process of the new PID namespace."""
    with suppress(OSError):  # where the host masks parts of /proc, a new one may not be mounted
        mount("proc", f"{root}/proc", "proc", _SCRATCH, "hidepid=invisible")
    pivot_root(root)
    mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _shown(piece: Piece) -> bool:
    return os.path.lexists(piece.source)


def _take(piece: Piece, identity: Identity) -> int | None:
    """A detached, restricted copy of a piece; None for a symbolic link, which is made anew."""
    if Path(piece.source).is_symlink():
        return None
    tree = clone_tree(piece.source)
    namespace = _owner_map(piece, identity)
    try:
        set_tree_attributes(tree, piece.attributes, namespace)
    except OSError:
        if not namespace or piece.attributes & MOUNT_ATTR_RDONLY == 0:
            raise
        set_tree_attributes(tree, piece.attributes)  # readable by others is enough to read
    return tree


def _owner_map(piece: Piece, identity: Identity) -> int:
    if piece.owner is None:
        return 0
    owner = Path(piece.owner).stat()
    return identity.owner_map(owner.st_uid, owner.st_gid)


def _attach(piece: Piece, tree: int | None, root: str) -> None:
    target = Path(f"{root}{piece.target}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if tree is None:
        if not target.is_symlink():
            target.symlink_to(Path(piece.source).readlink())
        return
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        target.mkdir(exist_ok=True)
    elif not target.exists():
        target.touch()
    attach_tree(tree, str(target))


def _scratch(target: str, options: str) -> None:
    Path(target).mkdir(parents=True)
    mount("tmpfs", target, "tmpfs", _SCRATCH, options)


def _cover(target: str) -> None:
    """Lay an empty read-only directory over one that nobody inside may see."""
    mount("tmpfs", target, "tmpfs", _SCRATCH | MS_RDONLY, "mode=0755,size=4k")


def _protected(spec: Spec, identity: Identity) -> Iterator[tuple[str, int | None]]:
    """Targets in the workspace with the tree that covers them, None for an empty one."""
    for name in (*spec.hidden, *spec.read_only):
        path = Path(spec.workspace, name)
        if not os.path.lexists(path):
            continue
        empty = name in spec.hidden and path.is_dir()
        piece = Piece(
            source=str(path),
            target=str(path),
            attributes=_READ_ONLY | MOUNT_ATTR_NOEXEC,
            owner=str(path),
        )
        yield piece.target, None if empty else _take(piece, identity)


def _write_accounts(root: str, identity: Identity) -> None:
    etc = Path(root, "etc")
    etc.mkdir()
    uid, gid = identity.uid, identity.gid
    (etc / "passwd").write_text(f"agent:x:{uid}:{gid}:agent:{HOME}:/bin/sh\n")
    (etc / "group").write_text(f"agent:x:{gid}:\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")

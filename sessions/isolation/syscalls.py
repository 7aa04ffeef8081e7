"""The system calls that Python has no name for, each as one function that raises `OSError`.

x86-64 Linux only: numbers and layouts are that platform's (see the man page of each call).
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1 << 5, 1 << 12, 1 << 14, 1 << 18

MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8
MOUNT_ATTR_IDMAP = 0x0010_0000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_NR_PIVOT_ROOT, _NR_CAPSET, _NR_SETNS = 155, 126, 308
_NR_OPEN_TREE, _NR_MOVE_MOUNT, _NR_MOUNT_SETATTR = 428, 429, 442
_NR_SECCOMP, _NR_READ_MEMORY, _NR_OPENAT2 = 317, 310, 437
_NR_LANDLOCK_CREATE, _NR_LANDLOCK_ADD, _NR_LANDLOCK_RESTRICT = 444, 445, 446

_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_MNT_DETACH = 2
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def _call(number: int, what: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char]) -> int:
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *converted), what)


def _prctl(operation: int, value: int, what: str) -> None:
    zeros = [ctypes.c_ulong(0)] * 3
    _check(_libc.prctl(ctypes.c_int(operation), ctypes.c_ulong(value), *zeros), what)


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def children_back_in(pid_namespace: int) -> None:
    """Let what this process forks from now on live in a PID namespace it holds open."""
    _call(_NR_SETNS, "setns", pid_namespace, CLONE_NEWPID)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Mount a file system; see its man page."""
    texts = [None if text is None else text.encode() for text in (source, target, kind)]
    result = _libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None)
    _check(result, f"mount {target}")


def clone_tree(path: str) -> int:
    """A detached copy of the mounts at and below `path`, as a descriptor."""
    flags = 1 | os.O_CLOEXEC | _AT_RECURSIVE  # 1 = OPEN_TREE_CLONE
    return _call(_NR_OPEN_TREE, f"open_tree {path}", _AT_FDCWD, path.encode(), flags)


def set_tree_attributes(tree: int, attributes: int, user_namespace: int = 0) -> None:
    """Add mount attributes to a detached tree; with `user_namespace`, also map its owners."""
    idmap = MOUNT_ATTR_IDMAP if user_namespace else 0
    packed = struct.pack("QQQQ", attributes | idmap, 0, 0, user_namespace)
    flags = _AT_EMPTY_PATH | _AT_RECURSIVE
    buffer = ctypes.create_string_buffer(packed, len(packed))
    _call(_NR_MOUNT_SETATTR, "mount_setattr", tree, b"", flags, buffer, len(packed))


def attach_tree(tree: int, target: str) -> None:
    """Mount a detached tree at `target` and close its descriptor."""
    _call(_NR_MOVE_MOUNT, f"move_mount {target}", tree, b"", _AT_FDCWD, target.encode(), 4)
    os.close(tree)


def pivot_root(new_root: str) -> None:
    """Make `new_root` the root and let go of the old one."""
    os.chdir(new_root)
    _call(_NR_PIVOT_ROOT, "pivot_root", b".", b".")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount2")
    os.chdir("/")


def die_with_parent() -> None:
    """Be killed when the thread that forked this process ends."""
    hear_of_parent(9)


def hear_of_parent(signal: int) -> None:
    """Get a signal when the thread that forked this process ends."""
    _prctl(_PR_SET_PDEATHSIG, signal, "prctl PR_SET_PDEATHSIG")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, "prctl PR_SET_CHILD_SUBREAPER")


def undumpable() -> None:
    """Keep processes of the same user out of this one's memory and /proc entries."""
    _prctl(_PR_SET_DUMPABLE, 0, "prctl PR_SET_DUMPABLE")


def dumpable() -> None:
    """Take /proc/self back, which a change of user gives to root."""
    _prctl(_PR_SET_DUMPABLE, 1, "prctl PR_SET_DUMPABLE")


def no_new_privileges() -> None:
    """Make set-user-id files and file capabilities powerless for this process and its children."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, "prctl PR_SET_NO_NEW_PRIVS")


def drop_bounding_capabilities() -> None:
    """Empty the capability bounding set, as far as this process may."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            _prctl(_PR_CAPBSET_DROP, capability, "prctl PR_CAPBSET_DROP")
        except OSError:  # beyond the last capability this kernel knows
            return


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x2008_0522, 0), 8)
    none = ctypes.create_string_buffer(24)
    _call(_NR_CAPSET, "capset", header, none)


def landlock_abi() -> int:
    """The Landlock version of this kernel, 0 if it has none."""
    try:
        return _call(_NR_LANDLOCK_CREATE, "landlock_create_ruleset", 0, 0, 1)
    except OSError:
        return 0


def landlock_ruleset(files: int, network: int, scopes: int, size: int) -> int:
    """A new rule set that handles these rights; `size` is the attribute's size for the ABI."""
    packed = struct.pack("QQQ", files, network, scopes)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    return _call(_NR_LANDLOCK_CREATE, "landlock_create_ruleset", buffer, size, 0)


def landlock_allow(ruleset: int, path: int, rights: int) -> None:
    """Allow `rights` at and below the file or directory open as descriptor `path`."""
    packed = struct.pack("=Qi", rights, path)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    _call(_NR_LANDLOCK_ADD, "landlock_add_rule", ruleset, 1, buffer, 0)


def landlock_restrict(ruleset: int) -> None:
    """Hold this thread and its children to the rule set, for good."""
    _call(_NR_LANDLOCK_RESTRICT, "landlock_restrict_self", ruleset, 0)


def seccomp(program: bytes) -> None:
    """Install a BPF program over all threads of this process."""
    code = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    _call(_NR_SECCOMP, "seccomp", 1, 1, buffer)  # SET_MODE_FILTER, TSYNC


def seccomp_listener(program: bytes) -> int:
    """Install a BPF program over this thread; its calls that wait are told by the descriptor.

    A call that is being answered is interrupted by SIGKILL alone.
    """
    code = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    return _call(_NR_SECCOMP, "seccomp", 1, 0x28, buffer)  # NEW_LISTENER, WAIT_KILLABLE_RECV


def read_memory(thread: int, address: int, size: int) -> bytes:
    """Bytes of another process, at least one; to be had from descendants."""
    space = ctypes.create_string_buffer(size)
    here = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(space), size), 16)
    there = ctypes.create_string_buffer(struct.pack("QQ", address, size), 16)
    count = _call(_NR_READ_MEMORY, "process_vm_readv", thread, here, 1, there, 1, 0)
    if not count:
        raise OSError(14, os.strerror(14), "process_vm_readv")
    return space.raw[:count]


def open_beneath(folder: int, path: str, flags: int) -> int:
    """Open a path that does not lead out of a directory; EXDEV if it would."""
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, 0, 0x0A)  # RESOLVE_BENEATH, NO_MAGICLINKS
    buffer = ctypes.create_string_buffer(how, len(how))
    return _call(_NR_OPENAT2, f"openat2 {path}", folder, os.fsencode(path), buffer, len(how))


def mapped_user_namespace(uid_map: str, gid_map: str) -> int:
    """A user namespace that only carries an id map, as a descriptor.

    Args:
        uid_map: Lines of "first-inside first-outside count", as in /proc/PID/uid_map.
        gid_map: The same for groups.
    """
    ready_out, ready_in = os.pipe()
    end_out, end_in = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end_in)
        _hold_user_namespace(ready_in, end_out)
    try:
        os.close(ready_in)
        os.close(end_out)
        told = os.read(ready_out, 32).decode()
        if not told:
            raise OSError(1, "no user namespace could be made", "unshare")
        base = Path("/proc", told)
        (base / "uid_map").write_text(uid_map)
        (base / "gid_map").write_text(gid_map)
        return os.open(base / "ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(ready_out)
        os.kill(child, 9)
        os.close(end_in)
        os.waitpid(child, 0)


def _hold_user_namespace(ready: int, end: int) -> None:
    """Body of the child that keeps the namespace alive; never returns.

    It waits for its parent's end of a pipe to close, which happens even if the parent was killed
    before this could ask for a signal of that.
    """
    try:
        unshare(CLONE_NEWUSER)
        # Its number in /proc, which differs from that of the fork where /proc is of another
        # namespace than the parent's children are.
        os.write(ready, bytes(Path("/proc/self").readlink()))
        os.read(end, 1)
    finally:
        os._exit(1)

"""seccomp: which system calls a guarded kernel may make (x86-64).

Nothing in the sandbox needs to open a network socket, to mount, to trace or to load code into the
operating system, so these calls are refused, whatever the other layers say. Everything else is
allowed: this layer narrows the attack surface, the file layers guard the files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .syscalls import no_new_privileges, seccomp, seccomp_listener

_ALLOW, _WAIT, _KILL = 0x7FFF_0000, 0x7FC0_0000, 0x8000_0000
EPERM, ENOSYS, ENOTSUP, EAFNOSUPPORT = 1, 38, 95, 97
_SUCCESS = 0
_AUDIT_ARCH_X86_64, _X32_BIT = 0xC000_003E, 0x4000_0000

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT = 0x15, 0x35, 0x45

# Other processes: their memory, descriptors, priorities and signals by descriptor.
_PROCESSES = {
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "process_mrelease": 448,
    "migrate_pages": 256,
    "move_pages": 279,
    "perf_event_open": 298,
}
# The machine: mounts, namespaces, kernel modules, clocks, keys, BPF, asynchronous rings.
_MACHINE = {
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "unshare": 272,
    "setns": 308,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "open_tree_attr": 467,
    "bpf": 321,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "kexec_load": 246,
    "kexec_file_load": 320,
    "init_module": 175,
    "delete_module": 176,
    "finit_module": 313,
    "reboot": 169,
    "swapon": 167,
    "swapoff": 168,
    "acct": 163,
    "syslog": 103,
    "settimeofday": 164,
    "clock_settime": 227,
    "adjtimex": 159,
    "clock_adjtime": 305,
    "quotactl": 179,
    "quotactl_fd": 443,
    "iopl": 172,
    "ioperm": 173,
    "personality": 135,
    "vhangup": 153,
    "modify_ldt": 154,
    "fanotify_init": 300,
    "inotify_init": 253,
    "inotify_init1": 294,
    "lookup_dcookie": 212,
    "uselib": 134,
    "ustat": 136,
    "sysfs": 139,
    "nfsservctl": 180,
    "_sysctl": 156,
    "statmount": 457,
    "listmount": 458,
    "lsm_set_self_attr": 460,
    "listns": 470,
}
# Shared with programs outside where the IPC namespace is not private.
_SYSTEM_V = {
    "shmget": 29,
    "shmat": 30,
    "shmctl": 31,
    "shmdt": 67,
    "semget": 64,
    "semop": 65,
    "semctl": 66,
    "semtimedop": 220,
    "msgget": 68,
    "msgsnd": 69,
    "msgrcv": 70,
    "msgctl": 71,
    "mq_open": 240,
    "mq_unlink": 241,
    "mq_timedsend": 242,
    "mq_timedreceive": 243,
    "mq_notify": 244,
    "mq_getsetattr": 245,
}
# The kernel's sockets are opened outside and handed in; only socketpair() is left.
_SOCKETS = {"socket": 41, "connect": 42, "bind": 49, "listen": 50, "sendmmsg": 307}
# Answered "not implemented", so that the C library falls back to calls whose arguments can be seen.
_UNSEEABLE = {
    "clone3": 435,
    "openat2": 437,
    "memfd_create": 319,
    "memfd_secret": 447,
    "fchmodat2": 452,
    "execveat": 322,
}

# Of files: mode, owner and times; and further attributes.
_METADATA = {
    "chmod": 90,
    "fchmod": 91,
    "fchmodat": 268,
    "chown": 92,
    "fchown": 93,
    "lchown": 94,
    "fchownat": 260,
    "utime": 132,
    "utimes": 235,
    "futimesat": 261,
    "utimensat": 280,
}
_ATTRIBUTES = {
    "setxattr": 188,
    "lsetxattr": 189,
    "fsetxattr": 190,
    "removexattr": 197,
    "lremovexattr": 198,
    "fremovexattr": 199,
    "setxattrat": 463,
    "removexattrat": 466,
    "file_setattr": 469,
}

_CLONE, _SOCKETPAIR, _SENDTO, _IOCTL, _KILL_CALL, _PRLIMIT = 56, 53, 44, 16, 62, 302
_SENDMSG = 46
_NAMESPACE_FLAGS = 0x7E02_0000
_SET_ID_BITS = 0o6000
# System call and position of its mode argument.
_MODES = {"chmod": (90, 1), "fchmod": (91, 1), "fchmodat": (268, 2)}
_CREATIONS = {"open": (2, 2), "openat": (257, 3), "creat": (85, 1), "mknod": (133, 1)}
_CREATIONS |= {"mknodat": (259, 2)}
_TIOCSTI, _TIOCLINUX, _FS_IOC_SETFLAGS = 0x5412, 0x541C, 0x4008_6602
_FS_IOC_FSSETXATTR = 0x401C_5820
_PRCTL, _PR_SET_PDEATHSIG = 157, 1
# Of the thread or process that is named; 0 is the caller's own.
_SCHEDULING = {
    "sched_setparam": 142,
    "sched_setscheduler": 144,
    "sched_setaffinity": 203,
    "sched_setattr": 314,
}
_SETPRIORITY, _IOPRIO_SET, _IOPRIO_WHO_PROCESS = 141, 251, 1
_STREAM = 1

Comparison = Literal["equal", "differs", "any_bit", "type_differs"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Refuse a system call with `error`, if an argument compares so (always, without `argument`).

    Attributes:
        call: Number of the system call.
        error: The errno it is answered with.
        waits: Whether it waits for an answer of another process instead.
        argument: Position of the argument that is looked at, 32 bits of it.
        high: Whether to look at its upper half.
        comparison: How they are compared with `value`; `type_differs` masks socket flags first.
        value: What they are compared with.
    """

    call: int
    error: int = EPERM
    waits: bool = False
    argument: int | None = None
    high: bool = False
    comparison: Comparison = "equal"
    value: int = 0


NO_NEW_NAMESPACES = Rule(call=_CLONE, argument=0, comparison="any_bit", value=_NAMESPACE_FLAGS)
"""Processes and threads are made in the namespaces there are."""


def rules() -> list[Rule]:
    """What a guarded kernel is refused."""
    always = {**_PROCESSES, **_MACHINE, **_SYSTEM_V, **_SOCKETS}
    refused = [Rule(call=number) for number in always.values()]
    refused += [Rule(call=number, error=ENOSYS) for number in _UNSEEABLE.values()]
    refused += [
        Rule(call=number, argument=position, comparison="any_bit", value=_SET_ID_BITS)
        for number, position in (_MODES | _CREATIONS).values()
    ]
    return [
        *refused,
        NO_NEW_NAMESPACES,
        Rule(call=_SOCKETPAIR, error=EAFNOSUPPORT, argument=0, comparison="differs", value=1),
        # A datagram pair could send to any socket by name without connecting.
        Rule(call=_SOCKETPAIR, argument=1, comparison="type_differs", value=_STREAM),
        # The address is a pointer, so both halves of it count.
        Rule(call=_SENDTO, argument=4, comparison="differs", value=0),
        Rule(call=_SENDTO, argument=4, high=True, comparison="differs", value=0),
        Rule(call=_KILL_CALL, argument=0, value=0xFFFF_FFFF),
        Rule(call=_PRLIMIT, argument=0, comparison="differs", value=0),
        *(
            Rule(call=_IOCTL, argument=1, value=request)
            for request in (_TIOCSTI, _TIOCLINUX, _FS_IOC_SETFLAGS, _FS_IOC_FSSETXATTR)
        ),
        # Whoever outlives the process that watches over it can't be ended with it.
        Rule(call=_PRCTL, argument=0, value=_PR_SET_PDEATHSIG),
        *_priorities(),
    ]


def _priorities() -> list[Rule]:
    """Rules that leave everybody else's share of the machine as it is."""
    return [
        # Seems to be done: libraries that arrange their threads give up otherwise.
        *(
            Rule(call=number, error=_SUCCESS, argument=0, comparison="differs")
            for number in _SCHEDULING.values()
        ),
        Rule(call=_SETPRIORITY, argument=0, comparison="differs"),
        Rule(call=_SETPRIORITY, argument=1, comparison="differs"),
        Rule(call=_IOPRIO_SET, argument=0, comparison="differs", value=_IOPRIO_WHO_PROCESS),
        Rule(call=_IOPRIO_SET, argument=1, comparison="differs"),
    ]


def without_namespaces() -> list[Rule]:
    """What is refused besides, or only seems to be done, where no namespace hides the host.

    Landlock does not see changes of mode, owner, times and attributes, so these touch nothing; they
    seem to succeed, because programs that copy or unpack files give up otherwise.
    """
    return [
        *(Rule(call=number, error=_SUCCESS) for number in _METADATA.values()),
        *(Rule(call=number, error=ENOTSUP) for number in _ATTRIBUTES.values()),
    ]


def without_descriptors() -> list[Rule]:
    """What is refused once the kernel has handed over what it had to.

    Descriptors on their way count for the user, who may be the person, as long as nobody takes
    them: the person's own programs could send none any more. Which messages carry some is not to be
    seen here, so there are none of that kind.
    """
    return [Rule(call=_SENDMSG)]


def restrict(refused: Iterable[Rule]) -> None:
    """Hold all threads of this process, and what they start, to some rules."""
    no_new_privileges()
    seccomp(assemble(refused))


def restrict_and_listen(refused: Iterable[Rule], waiting: Iterable[int]) -> int:
    """The same for this thread, with calls that wait; returns the descriptor that tells of them.

    The arguments of a call that waits are no reason for it to be refused, then: whoever answers
    sees to them, or another filter does.
    """
    no_new_privileges()
    waits = {call: Rule(call=call, waits=True) for call in waiting}
    others = [rule for rule in refused if rule.call not in waits]
    return seccomp_listener(assemble([*others, *waits.values()]))


def assemble(refused: Iterable[Rule]) -> bytes:
    """The rules as a classic BPF program of eight-byte instructions."""
    program = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, _AUDIT_ARCH_X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    for rule in sorted(refused, key=lambda r: r.argument is not None):
        program += _instructions(rule)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def _instructions(rule: Rule) -> list[tuple[int, int, int, int]]:
    refuse = (_RETURN, 0, 0, _WAIT if rule.waits else 0x0005_0000 | rule.error)
    if rule.argument is None:
        return [(_JUMP_EQUAL, 0, 1, rule.call), refuse]
    offset = 16 + 8 * rule.argument + 4 * rule.high
    body = [(_LOAD, 0, 0, offset), *_comparison(rule), refuse]
    restore = (_LOAD, 0, 0, 0)
    return [restore, (_JUMP_EQUAL, 0, len(body), rule.call), *body, restore]


def _comparison(rule: Rule) -> list[tuple[int, int, int, int]]:
    """Instructions that skip the following one (the refusal) unless the rule applies."""
    match rule.comparison:
        case "equal":
            return [(_JUMP_EQUAL, 0, 1, rule.value)]
        case "differs":
            return [(_JUMP_EQUAL, 1, 0, rule.value)]
        case "any_bit":
            return [(_JUMP_ANY_BIT, 0, 1, rule.value)]
        case "type_differs":
            return [(_AND, 0, 0, 0xF), (_JUMP_EQUAL, 1, 0, rule.value)]

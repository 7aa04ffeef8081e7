"""Who a guarded kernel runs as."""

from __future__ import annotations

import fcntl
import os
import random
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .syscalls import (
    clone_tree,
    drop_bounding_capabilities,
    drop_capabilities,
    mapped_user_namespace,
    set_tree_attributes,
)

# One user id per sandbox, so that process limits, which count per user, do not add up. The range
# lies above those of ordinary accounts, of systemd's dynamic users and of container engines.
_FIRST_UID = 0x7000_0000
_UIDS = 1 << 20
_ATTEMPTS = 100
# A byte of this file is locked for each id in use. The lock belongs to the open file, so it ends
# with the launcher, however that ends.
_REGISTER = Path("/run/agent-users.lock")


@dataclass(kw_only=True)
class Identity:
    """The user and group inside, and the maps that make files of the host's users theirs.

    Attributes:
        uid: User id inside.
        gid: Group id inside.
        mapped: Whether owners are translated by id-mapped mounts (the root host's way); otherwise a
            user namespace carries the person's own id.
        claim: Descriptor that holds the id for as long as it is open; -1 if it needs none.
    """

    uid: int
    gid: int
    mapped: bool
    claim: int = -1
    _namespaces: dict[tuple[int, int], int] = field(default_factory=dict, repr=False)

    def owner_map(self, owner: int, group: int) -> int:
        """A user namespace in which files of `owner` belong to the sandbox, or 0 if not needed."""
        if not self.mapped:
            return 0
        key = (owner, group)
        if key not in self._namespaces:
            self._namespaces[key] = mapped_user_namespace(
                f"{owner} {self.uid} 1", f"{group} {self.gid} 1"
            )
        return self._namespaces[key]

    def fits(self, workspace: str) -> bool:
        """Whether the workspace can be lent to it."""
        try:
            self.try_on(workspace)
        except OSError:
            return False
        return True

    def try_on(self, workspace: str) -> None:
        """Lend the workspace to it, for a moment.

        Raises:
            OSError: If that can't be done.
        """
        if not self.mapped:
            return
        owner = Path(workspace).stat()
        namespace = self.owner_map(owner.st_uid, owner.st_gid)
        tree = clone_tree(workspace)
        try:
            set_tree_attributes(tree, 0, namespace)
        finally:
            os.close(tree)

    def close(self) -> None:
        """Let go of the maps, which mounts that use them keep, and of the claim to the id.

        Others that forked from this process keep the claim: the launcher, which outlives all.
        """
        while self._namespaces:
            os.close(self._namespaces.popitem()[1])
        if self.claim >= 0:
            os.close(self.claim)
            self.claim = -1

    def become(self) -> None:
        """Turn this process into the sandbox's user, without any capability, for good."""
        drop_bounding_capabilities()
        if self.mapped:
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)
        drop_capabilities()


def choose(workspace: str) -> tuple[Identity, str]:
    """The strongest identity this host allows for this workspace, and why.

    As root that is an unprivileged user of the sandbox's own, to whom an id-mapped mount lends the
    workspace. Where that can't be had, the kernel keeps the person's id, in a user namespace.
    """
    if os.geteuid() != 0:
        return own()
    identity = claimed()
    try:
        identity.try_on(workspace)
    except OSError as error:
        identity.close()
        return own()[0], f"root's own id: no id-mapped mounts here ({error.strerror})"
    return identity, explained(identity)


def claimed() -> Identity:
    """A user of the next sandbox's own, for a root host."""
    uid, claim = _unused()
    return Identity(uid=uid, gid=uid, mapped=True, claim=claim)


def explained(identity: Identity) -> str:
    """One line on what an identity can do."""
    if identity.mapped:
        return f"the kernel runs as user {identity.uid}, which owns nothing"
    return f"the kernel keeps the id of user {identity.uid}, without any capability"


def _unused(register: Path = _REGISTER) -> tuple[int, int]:
    """A user id of nobody, and a descriptor that claims it against other launchers.

    Where there is no place for the claims, or all attempts met one in use, chance must do.
    """
    numbers = random.SystemRandom()  # a forked launcher shares the state of other generators
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        claim = os.open(register, flags, 0o600)
    except OSError:
        return _FIRST_UID + numbers.randrange(_UIDS), -1
    for _ in range(_ATTEMPTS):
        number = numbers.randrange(_UIDS)
        with suppress(OSError):
            fcntl.fcntl(claim, fcntl.F_OFD_SETLK, _byte(number))
            return _FIRST_UID + number, claim
    os.close(claim)
    return _FIRST_UID + numbers.randrange(_UIDS), -1


def _byte(number: int) -> bytes:
    """An exclusive lock on one byte, as `struct flock`."""
    return struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0)


def own() -> tuple[Identity, str]:
    """The person's own identity, to be powerless in a user namespace, and one line on that."""
    uid = os.geteuid()
    identity = Identity(uid=uid, gid=os.getegid(), mapped=False)
    return identity, explained(identity)

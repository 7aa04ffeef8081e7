"""A sandbox in namespaces of its own: a root host's way, and an ordinary user's where they can."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from . import landlock, seccomp, view
from .identity import Identity
from .layers import Layers
from .spec import LIBRARIES, NAMESPACED, Layer, Spec
from .syscalls import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    MOUNT_ATTR_RDONLY,
    MS_PRIVATE,
    MS_REC,
    attach_tree,
    clone_tree,
    die_with_parent,
    drop_bounding_capabilities,
    drop_capabilities,
    mount,
    no_new_privileges,
    set_tree_attributes,
    undumpable,
    unshare,
)

_NAMESPACES = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS


class Namespaced:
    """A root directory, processes, network and IPC of its own.

    Args:
        spec: The sandbox.
        identity: Whom the kernel runs as.
        why: One line on that.
        entered: Whether this process is in its namespaces already.
    """

    required: tuple[Layer, ...] = NAMESPACED

    def __init__(self, spec: Spec, identity: Identity, why: str, *, entered: bool = False) -> None:
        self._spec = spec
        self._identity = identity
        self._why = why
        self._entered = entered

    def begin(self) -> None:
        """Let the next process be the first of a namespace: its end will be the end of all."""
        set_apart(self._identity)

    def enter(self, layers: Layers) -> None:
        """The other namespaces, and the new root in them."""
        if not self._entered:
            leave_the_host()
        view.build(self._spec, self._identity)
        self._identity.close()
        undumpable()
        view.enter(self._spec.mount_point)
        layers.hold("namespaces", "own mounts, processes, IPC and host name")
        layers.hold("network", "an empty network namespace: not even loopback is up")

    def retire(self) -> None:
        """Keep no capability."""
        no_new_privileges()
        drop_bounding_capabilities()
        drop_capabilities()

    def environment(self) -> Mapping[str, str]:
        """The specification's."""
        return self._spec.environment

    def libraries(self) -> Mapping[str, str]:
        """Where the view shows them."""
        return {name: f"{LIBRARIES}/{name}" for name in self._spec.libraries}

    def tasks(self) -> int:
        """The specification's: the user has no processes elsewhere that would count."""
        return self._spec.processes

    def confine(self, layers: Layers) -> None:
        """Drop to the identity, then Landlock and seccomp, should the namespaces have a hole."""
        no_new_privileges()
        self._identity.become()
        os.umask(0o022)
        if self._identity.uid != 0:
            layers.hold("uid", self._why)
        else:
            layers.lack("uid", self._why)
        Path(self._spec.environment["HOME"]).mkdir(parents=True, exist_ok=True)
        self._hold_files(layers)
        seccomp.restrict([*seccomp.rules(), *seccomp.without_descriptors()])
        layers.hold("seccomp", "no sockets, mounts, tracing or namespaces")

    def sweep(self) -> None:
        """Nothing: the system ends what is left."""

    def take_down(self) -> None:
        """Nothing."""

    def _hold_files(self, layers: Layers) -> None:
        version = landlock.abi()
        if not version:
            layers.lack("landlock", "this kernel has no Landlock (it came with Linux 5.13)")
            return
        spec = self._spec
        landlock.restrict(
            landlock.Paths(
                run=[*view.SYSTEM, *spec.interpreter, LIBRARIES],
                read=["/etc", "/proc", view.PROCESSORS, *spec.data],
                write=[spec.workspace, "/tmp", "/dev/shm", *view.DEVICES],
                listed=["/"],  # there are no directories but those of the view
            )
        )
        told = f"version {version}: reads, writes and runs only what it is shown"
        layers.hold("landlock", told)


def set_apart(identity: Identity) -> None:
    """Let the next process that is forked be the first of a new PID namespace. In the launcher."""
    if identity.mapped:
        unshare(CLONE_NEWPID)
    else:
        _unshare_as(identity, CLONE_NEWPID)


def leave_the_host() -> None:
    """Go into new namespaces, and end with the launcher. In that first process."""
    die_with_parent()
    unshare(_NAMESPACES)


def refusal(identity: Identity, mount_point: str) -> str:
    """Why an ordinary user can have no namespaces here; empty if they can.

    Some systems allow the namespace and then refuse what it is for, so it is all tried, in a
    process that ends thereafter.
    """
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        _try(identity, mount_point, writing)
    os.close(writing)
    told = os.read(reading, 1024).decode()
    os.close(reading)
    os.waitpid(child, 0)
    return "" if told == "held" else told or "the attempt was killed"


def _try(identity: Identity, mount_point: str, writing: int) -> None:
    """Body of the process that tries; never returns."""
    told = "held"
    try:
        _unshare_as(identity, _NAMESPACES)
        mount(None, "/", None, MS_REC | MS_PRIVATE)
        tree = clone_tree("/usr")
        set_tree_attributes(tree, MOUNT_ATTR_RDONLY)
        mount("tmpfs", mount_point, "tmpfs", 0)
        target = Path(mount_point, "usr")
        target.mkdir()
        attach_tree(tree, str(target))
        unshare(CLONE_NEWPID)
    except OSError as error:
        told = f"{error.filename}: {error.strerror}"
    finally:
        os.write(writing, told.encode())
        os._exit(0)


def _unshare_as(identity: Identity, namespaces: int) -> None:
    """Namespaces under one that gives an ordinary user, who stays who they are, power in them."""
    unshare(CLONE_NEWUSER | namespaces)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{identity.uid} {identity.uid} 1")
    Path("/proc/self/gid_map").write_text(f"{identity.gid} {identity.gid} 1")

"""Which way of isolation is taken where, and what is refused rather than weakened."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import Limits
from sessions.isolation.alone import Alone
from sessions.isolation.enclosure import Unenclosed
from sessions.isolation.modes import enclosure
from sessions.isolation.namespaced import Namespaced
from sessions.isolation.spec import ALONE, NAMESPACED, Held, Spec, suffices
from sessions.specification import specification
from tests.support.cells import run_cells
from tests.support.identities import ROOT, Identity, command, environment, possible, python


def spec(workspace: Path) -> Spec:
    return replace(specification(workspace, Limits.quick()), mount_point=str(workspace.parent))


_AS = {
    Identity.ROOT: {*NAMESPACED, "uid"},
    Identity.USER: {*NAMESPACED, "uid"},
    Identity.NO_NAMESPACES: {*ALONE},
    Identity.REFUSED: {*ALONE},
    Identity.NO_MOUNTS: {*ALONE},
}


@pytest.mark.parametrize("who", possible())
def test_the_strongest_way_is_taken(workspace: Path, who: Identity) -> None:
    (told,) = run_cells(who, ["1"], workspace)
    assert _AS[who] <= set(told.layers)
    assert suffices(told.layers)
    assert ("namespaces" in told.layers) == ("namespaces" in _AS[who])


@pytest.mark.parametrize("mode", ["user-namespace", "no-namespaces"])
def test_code_of_the_host_can_choose_a_weaker_one(workspace: Path, mode: str) -> None:
    (told,) = run_cells(Identity.USER, ["6 * 7"], workspace, mode=mode)
    assert told.value == 42
    assert ("namespaces" in told.layers) == (mode == "user-namespace")


def test_what_is_asked_for_and_can_not_be_had_is_refused(workspace: Path) -> None:
    cells = ["open('made', 'w')"]
    (told,) = run_cells(Identity.NO_NAMESPACES, cells, workspace, mode="user-namespace")
    assert told.status == "IsolationError"
    assert not (workspace / "made").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets this refusal")
def test_root_does_without_namespaces_never(workspace: Path) -> None:
    assert isinstance(enclosure(spec(workspace)), Namespaced)
    with pytest.raises(PermissionError, match="root needs namespaces"):
        enclosure(replace(spec(workspace), mode="no-namespaces"))


def test_no_isolation_is_a_choice_of_its_own(workspace: Path) -> None:
    assert isinstance(enclosure(replace(spec(workspace), isolated=False)), Unenclosed)


def test_each_way_lacks_none_of_its_layers() -> None:
    for required in (NAMESPACED, ALONE):
        assert Held(active=required, reasons={}, required=required).missing == ()
        for layer in required:
            rest = tuple(other for other in required if other != layer)
            assert Held(active=rest, reasons={}, required=required).missing == (layer,)
            assert not suffices(rest)
    assert Namespaced.required == NAMESPACED
    assert Alone.required == ALONE


_SCOPE = """
import os, signal, sys
from sessions.isolation import landlock, scope
bystander = os.getppid()
if sys.argv[1] == "broken": landlock.restrict_signals = lambda: None
if sys.argv[1] == "old": landlock.landlock_abi = lambda: 5
child = os.fork()
if child == 0:
    try: scope.enter()
    except OSError as error: print("refused:", error, flush=True); os._exit(0)
    for _ in range(3):
        if os.fork() == 0:
            os.setsid(); signal.pause()
    scope.end_all_below()
    print("swept", flush=True)
    os._exit(0)
os.waitpid(child, 0)
os.kill(bystander, 0)
print("alive", flush=True)
"""


@pytest.mark.parametrize(
    ("how", "says"),
    [("right", "swept"), ("broken", "reach beyond"), ("old", "Linux 6.12")],
)
def test_nothing_is_swept_before_the_scope_is_proven(tmp_path: Path, how: str, says: str) -> None:
    line = command(Identity.USER, python("-c", _SCOPE, how), own=[tmp_path])
    env = environment(tmp_path)
    with subprocess.Popen(["sleep", "30"]) as bystander:
        ran = subprocess.run(
            line, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
        )
        assert bystander.poll() is None
        bystander.kill()
    assert says in ran.stdout, ran.stderr


_SHARED = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.shared_memory import SharedMemory
context = multiprocessing.get_context("fork")
with multiprocessing.Lock(), context.Pool(2) as pool: mapped = pool.map(abs, [-1, 2])
with ProcessPoolExecutor(2, mp_context=context) as pool: also = list(pool.map(abs, [-3, 4]))
memory = SharedMemory(create=True, size=100); memory.buf[0] = 7; first = memory.buf[0]
memory.close(); memory.unlink()
queue = context.Queue(); queue.put(5)
[mapped, also, first, queue.get()]
"""
_TOO_MUCH = """
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(create=True, size=300 << 20)
memory.buf[:] = bytes(300 << 20)
"""


@pytest.mark.parametrize("who", [who for who in possible() if "namespaces" in _AS[who]])
def test_processes_share_memory_where_it_is_private(workspace: Path, who: Identity) -> None:
    before = {path.name for path in Path("/dev/shm").iterdir()}
    shared, flood, after = run_cells(who, [_SHARED, _TOO_MUCH, "1"], workspace)
    assert shared.value == [[1, 2], [3, 4], 7, 5], shared.text
    assert flood.status != "ok"
    assert after.status == "ok"
    assert {path.name for path in Path("/dev/shm").iterdir()} == before

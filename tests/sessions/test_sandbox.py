"""Starting a sandbox, and what a failure to start says."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import resource
import signal
import socket
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sessions import Limits, Session, interpreter
from sessions.errors import IsolationError, KernelError
from sessions.isolation.spec import Mode, Spec
from sessions.process import start_cold
from sessions.sandbox import Sandbox
from sessions.specification import specification
from sessions.usage import descendants
from sessions.zygote import Zygote


def test_a_specification_survives_the_way_to_the_launcher(tmp_path: Path) -> None:
    spec = specification(tmp_path, Limits.quick(), libraries={"tools": tmp_path}, data=[tmp_path])
    assert Spec.from_json(spec.to_json()) == spec
    assert json.loads(spec.to_json())["workspace"] == str(tmp_path)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("mode", ["strongest", "no-namespaces"])
def test_a_host_that_ends_while_it_makes_the_directory_leaves_none(
    tmp_path: Path, warm: bool, mode: Mode
) -> None:
    plain = specification(tmp_path, Limits.quick())
    spec = replace(plain, mode=mode, mount_point=str(tmp_path / "agent-x" / "root"))
    with ExitStack() as stack:
        host, inside = (stack.enter_context(end) for end in socket.socketpair())
        unused = [stack.enter_context(Path(os.devnull).open()).fileno() for _ in range(2)]
        start = start_cold
        if warm:
            zygote = stack.enter_context(closing(Zygote(preload=[])))
            assert zygote.wait_ready()
            start = zygote.start
        process = stack.enter_context(closing(start([inside.fileno(), *unused], spec)))
        host.sendall(spec.to_json().encode() + b"\n")
        Path(spec.mount_point).mkdir(parents=True)
        inside.close()
        host.close()
        assert process.wait(20)
    assert not (tmp_path / "agent-x").exists()


@pytest.mark.parametrize("machine", ["darwin", "win32"])
def test_other_systems_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    monkeypatch.setattr(sys, "platform", machine)
    with pytest.raises(IsolationError, match="use Linux on x86-64"):
        Sandbox(specification(tmp_path, Limits.quick()))


async def test_on_other_systems_guard_and_limits_alone_are_a_choice(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.sandbox._here", lambda: ("darwin", "arm64"))
    with pytest.raises(IsolationError, match=r"WSL 2.*isolation = 'off'"):
        async with Session(workspace, Limits.quick()):
            pass
    assert list(workspace.iterdir()) == []
    async with Session(workspace, Limits.quick(), isolated=False) as session:
        assert (await session.execute("6 * 7")).value == 42
        assert (await session.execute("import socket")).status == "refused"
        assert "seccomp" not in session.layers


def test_other_processors_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(IsolationError, match="riscv64"):
        Sandbox(specification(tmp_path, Limits.quick()))


def test_a_kernel_that_cannot_start_is_no_matter_of_isolation(tmp_path: Path) -> None:
    before = set(descendants(os.getpid()))
    spec = replace(specification(tmp_path, Limits.quick()), environment={"PATH": "/bin"})
    sandbox = Sandbox(spec)
    with pytest.raises(KernelError, match=r"did not start.*HOME"):
        sandbox.wait_ready()
    assert set(descendants(os.getpid())) <= before


def test_a_wall_that_cannot_be_put_up_stops_everything(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    sandbox = Sandbox(specification(missing, Limits.quick()))
    with pytest.raises(IsolationError, match="nothing was run"):
        sandbox.wait_ready()


async def test_packages_that_isolated_mode_leaves_out_are_found(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "lib" / "site-packages"
    own.mkdir(parents=True)
    (own / "a_package_of_the_users.py").write_text("answer = 42\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(own)])
    async with Session(workspace, Limits.quick()) as session:
        code = "import a_package_of_the_users as p; p.answer"
        assert (await session.execute(code)).value == 42


def test_the_interpreter_does_not_bring_this_projects_source_along() -> None:
    own = Path(interpreter.__file__).resolve().parents[1]
    assert str(own) not in interpreter.directories()
    assert any(sys.base_prefix == d or d in sys.base_prefix for d in interpreter.directories())


def test_descriptors_beyond_a_thousand_are_no_trouble(workspace: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = [os.dup(0) for _ in range(1100)]
    try:
        sandbox = Sandbox(specification(workspace, Limits.quick(), snapshots=True))
        assert sandbox.wait_ready().active
        sandbox.close()
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_kernel_without_walls_ends_with_what_watches_it(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), isolated=False) as session:
        pid = (await session.execute("import os; os.getpid()")).value
        init = next(iter(descendants(session._process.pid)))
        os.kill(init, signal.SIGKILL)
        end = time.monotonic() + 5
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)

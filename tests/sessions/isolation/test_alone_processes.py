"""Without namespaces: other processes and sockets stay out of reach, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.cells import attack, run_cells
from tests.support.identities import (
    ROOT,
    Identity,
    command,
    environment,
    ordinary_uid,
    python,
)

_WHO = Identity.NO_NAMESPACES


@contextmanager
def bystander() -> Iterator[int]:
    """A process of the same user, outside."""
    line = command(Identity.USER, ["sleep", "60"])
    with subprocess.Popen(line, env=environment(Path("/nowhere")) | {"SECRET": "sesame"}) as one:
        end = time.monotonic() + 10
        while Path(f"/proc/{one.pid}/comm").read_text() != "sleep\n":
            assert time.monotonic() < end
            time.sleep(0.01)
        try:
            yield one.pid
            assert one.poll() is None
        finally:
            one.kill()


def test_other_processes_are_left_alone(workspace: Path) -> None:
    with bystander() as pid:
        before = os.sched_getaffinity(pid), os.getpriority(os.PRIO_PROCESS, pid)
        told = attack(
            _WHO,
            workspace,
            f"""
            import resource
            pid = {pid}
            for target in (pid, -pid, os.getppid(), -1, -os.getpgid(pid)):
                for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
                    attempt(os.kill, target, number)
            libc.syscall(234, pid, pid, 9); libc.syscall(200, pid, 9); libc.syscall(129, pid, 9, 0)
            attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 9))
            attempt(resource.prlimit, pid, resource.RLIMIT_CPU, (0, 0))
            for which, who in ((0, pid), (2, 0), (2, os.getuid())):
                attempt(os.setpriority, which, who, 19)
            libc.syscall(251, 1, pid, 3 << 13); libc.syscall(251, 3, os.getuid(), 3 << 13)
            attempt(os.sched_setaffinity, pid, [0])
            for name in ('environ', 'cmdline', 'mem', 'maps', 'cwd/', 'root/etc/passwd', 'fd/',
                         'stack', 'status', 'cgroup', 'exe', 'oom_score_adj'):
                attempt(lambda: open(f'/proc/{{pid}}/{{name}}', 'rb').read(99))
            attempt(lambda: open(f'/proc/{{pid}}/oom_score_adj', 'w').write('1000'))
            print([libc.ptrace(16, pid, 0, 0), libc.syscall(312, os.getpid(), pid, 0, 0, 0)])
            print(libc.syscall(310, pid, 0, 0, 0, 0, 0), libc.syscall(298, 0, pid, -1, -1, 0))
            """,
        )
        after = os.sched_getaffinity(pid), os.getpriority(os.PRIO_PROCESS, pid)
        assert "sesame" not in told.text
        assert "sleep" not in told.text
        assert after == before
        assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "0"


def test_no_socket_of_anybody_is_reached(workspace: Path) -> None:
    place = workspace / "socket"
    kinds: list[tuple[int, int, Any]] = [
        (socket.AF_UNIX, socket.SOCK_STREAM, str(place)),
        (socket.AF_UNIX, socket.SOCK_DGRAM, f"{place}-2"),
        (socket.AF_UNIX, socket.SOCK_STREAM, f"\0agent-test-{os.getpid()}"),
        (socket.AF_UNIX, socket.SOCK_DGRAM, f"\0agent-test-{os.getpid()}-2"),
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
    ]
    servers = [socket.socket(family, kind) for family, kind, _ in kinds]
    for server, (_, kind, address) in zip(servers, kinds, strict=True):
        server.bind(address)
        server.settimeout(0)
        if kind == socket.SOCK_STREAM:
            server.listen()
    aims = [(int(f), int(k), s.getsockname()) for s, (f, k, _) in zip(servers, kinds, strict=True)]
    attack(
        _WHO,
        workspace,
        f"""
        import struct
        for family, kind, address in {aims!r}:
            for other in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                for pair in (socket.socketpair, lambda *a: (socket.socket(*a),)):
                    with contextlib.suppress(OSError):
                        for end in pair(family, other):
                            for action in (end.connect, lambda to: end.sendto(b'x', to),
                                           lambda to: end.sendmsg([b'x'], [], 0, to)):
                                attempt(action, address)
        for number in range(3, 64):
            with contextlib.suppress(OSError):
                end = socket.socket(fileno=os.dup(number))
                for *_, address in {aims!r}: attempt(end.connect, address)
        attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW)
        attempt(socket.socket, 40, socket.SOCK_STREAM)
        """,
    )
    for server, (_, kind, _) in zip(servers, kinds, strict=True):
        with server, pytest.raises(BlockingIOError):
            server.accept() if kind == socket.SOCK_STREAM else server.recv(9)


def test_no_memory_queue_or_key_is_shared_with_others(workspace: Path) -> None:
    shared = Path(f"/dev/shm/agent-test-{os.getpid()}")
    shared.write_text("treasure")
    shared.chmod(0o666)
    try:
        told = attack(
            _WHO,
            workspace,
            f"""
            shared = {str(shared)!r}
            attempt(lambda: open(shared).read()); attempt(lambda: open(shared, 'w').write('taken'))
            attempt(os.unlink, shared)
            for name, number in dict(
                    shmget=29, semget=64, msgget=68, mq_open=240, add_key=248, keyctl=250,
                    request_key=249, memfd=319, bpf=321, io_uring=425, perf=298, userfaultfd=323,
                    inotify=294, fanotify=300, handle=303, mount=165, unshare=272, setns=308,
                    statmount=457, listmount=458).items():
                print(name, libc.syscall(number, 0x1234, 0, 0, 0, 0))
            """,
        )
        assert shared.read_text() == "treasure"
    finally:
        shared.unlink()
    assert "treasure" not in told.text
    results = [line.split() for line in told.text.splitlines() if line.split()[-1] == "-1"]
    assert len(results) == 20


_CHAIN = """
import os, time
for number in range(6):
    if os.fork() == 0:
        os.setsid()
        if number < 3: time.sleep(600)
        while True:
            if os.fork(): os._exit(0)
            time.sleep(0.002)
time.sleep(0.2)
"""


def _processes_of(uid: int) -> dict[str, str]:
    """Process id → what the system says of each that is no zombie."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                found[entry.name] = (entry / "stat").read_text()
        except OSError:
            continue
    return {pid: s for pid, s in found.items() if s.rpartition(")")[2].split()[0] != "Z"}


@pytest.mark.skipif(
    os.geteuid() != 0,
    reason="only root can make up a user who has no other processes, which all count here",
)
@pytest.mark.parametrize("victim", ["nobody", "launcher", "init", "host"])
def test_nothing_survives_whoever_is_killed(workspace: Path, victim: str) -> None:
    others = _processes_of(ordinary_uid())
    cell = f"{_CHAIN}\nprint('rea' + 'dy'); time.sleep({2 if victim == 'nobody' else 60})"
    program = (
        "import asyncio, os, sys\n"
        "from sessions import Session\n"
        "async def main():\n"
        "    async with Session(sys.argv[1], policy=None) as session:\n"
        "        print(session._process.pid, flush=True)\n"
        "        async for event in session.stream(sys.argv[2]):\n"
        "            if 'ready' in str(event): print('ready', flush=True)\n"
        "asyncio.run(main())"
    )
    line = command(_WHO, python("-u", "-c", program, str(workspace), cell), own=[workspace.parent])
    env = environment(workspace.parent)
    with subprocess.Popen(line, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        launcher = int(host.stdout.readline())
        while "ready" not in host.stdout.readline():
            assert host.poll() is None
        # host, launcher, init, kernel and three that sleep; others fork too fast to be counted
        assert len(_processes_of(ordinary_uid()).keys() - others) >= 7
        family = _line_of_descent(launcher)
        if victim != "nobody":
            os.kill({**family, "host": host.pid}[victim], signal.SIGKILL)
        host.wait(30)
    _wait_for_nobody(but=others)


def _line_of_descent(launcher: int) -> dict[str, int]:
    found = {"launcher": launcher}
    for name in ("gate", "init"):
        above = list(found.values())[-1]
        children = Path(f"/proc/{above}/task/{above}/children").read_text().split()
        found[name] = int(children[0])
    return found


def _wait_for_nobody(but: Mapping[str, str]) -> None:
    end = time.monotonic() + 5
    while left := _processes_of(ordinary_uid()).keys() - but:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_fork_bomb_stays_inside(workspace: Path) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: break\nos._exit(0)"
    told = run_cells(_WHO, ["x = 1", bomb, "x"], workspace)
    assert told[-1].value == 1

"""What the walls hold, told by the harm that does not happen.

Each attack goes round the in-kernel guard on purpose: the operating system must stop it.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.isolation.spec import REQUIRED
from sessions.usage import descendants

Wrap = Callable[[str], str]


async def test_every_required_layer_holds(session: Session) -> None:
    assert set(REQUIRED) <= set(session.layers)
    assert set(session.layers) <= set(session.layer_reasons)


async def test_files_of_the_host_are_not_there(
    session: Session, tmp_path: Path, unguarded: Wrap
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("treasure")
    for path in (secret, Path("/etc/shadow"), Path.home() / ".ssh", Path("/root/.bashrc")):
        code = unguarded(f"import os; print(os.path.exists({str(path)!r}))")
        assert (await session.execute(code)).stdout == "False\n"
    listing = await session.execute(unguarded(f"import os; print(os.listdir({str(tmp_path)!r}))"))
    assert listing.stdout == "['workspace']\n"


async def test_links_in_the_workspace_lead_nowhere(
    session: Session, workspace: Path, tmp_path: Path, unguarded: Wrap
) -> None:
    (tmp_path / "secret.txt").write_text("treasure")
    (workspace / "link").symlink_to(tmp_path / "secret.txt")
    code = unguarded("print(open('link').read())")
    assert "treasure" not in (await session.execute(code)).stdout


async def test_the_interpreter_can_be_read_but_not_changed(
    session: Session, unguarded: Wrap
) -> None:
    planted = Path(os.__file__).parent / "planted_by_a_cell.py"
    await session.execute(unguarded(f"open({str(planted)!r}, 'w')"))
    assert not planted.exists()
    assert (await session.execute("import csv, json; 1")).status == "ok"


async def test_no_network_not_even_the_hosts_loopback(session: Session, unguarded: Wrap) -> None:
    reached = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(3)
        listener = threading.Thread(target=_note_connection, args=(server, reached))
        listener.start()
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        execution = await session.execute(unguarded(code))
        assert execution.status == "error"
        listener.join()
    assert not reached.is_set()


def _note_connection(server: socket.socket, reached: threading.Event) -> None:
    try:
        server.accept()[0].close()
        reached.set()
    except TimeoutError:
        pass


async def test_unix_sockets_of_the_host_are_out_of_reach(
    session: Session, workspace: Path, unguarded: Wrap
) -> None:
    path = workspace / "host.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(0.5)
        code = (
            "import socket\n"
            f"s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); s.send(b'x')"
        )
        assert (await session.execute(unguarded(code))).status == "error"
        with pytest.raises(TimeoutError):
            server.accept()


async def test_other_processes_cannot_be_seen_or_signalled(
    session: Session, unguarded: Wrap
) -> None:
    code = "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"
    seen = (await session.execute(unguarded(code))).stdout
    assert str(os.getpid()) not in seen.strip("[]\n").split(", ")
    with subprocess.Popen(["sleep", "60"]) as bystander:
        await session.execute(unguarded(f"import os; os.kill({bystander.pid}, 9)"))
        await session.execute(unguarded("import os; os.kill(-1, 9)"))
        assert bystander.poll() is None
        bystander.terminate()


async def test_the_environment_has_nothing_of_the_host(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, unguarded: Wrap
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sesame")
    async with Session(workspace, Limits.quick()) as session:
        code = (
            "import os, glob\n"
            "for path in glob.glob('/proc/[0-9]*/environ'):\n"
            "    try: print(open(path, 'rb').read())\n"
            "    except OSError: pass\n"
            "print(dict(os.environ))"
        )
        told = (await session.execute(unguarded(code))).stdout
        assert "HOME" in told
        assert "sesame" not in told


async def test_the_kernel_has_no_power(session: Session, unguarded: Wrap) -> None:
    execution = await session.execute(unguarded("print(open('/proc/self/status').read())"))
    status = dict(line.split(":\t", 1) for line in execution.stdout.splitlines() if ":\t" in line)
    assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    if os.geteuid() == 0 and "uid" in session.layers:
        assert all(int(uid) > 65536 for uid in status["Uid"].split())


async def test_system_calls_that_open_the_machine_are_refused(
    session: Session, unguarded: Wrap
) -> None:
    code = textwrap.dedent(
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        calls = dict(mount=165, unshare=272, ptrace=101, bpf=321, keyctl=250, io_uring_setup=425,
                     setns=308, open_by_handle_at=304, socket=41, memfd_create=319, clone3=435)
        for name, number in calls.items():
            ctypes.set_errno(0)
            libc.syscall(number, 0, 0, 0, 0, 0)
            print(name, ctypes.get_errno())
        """
    )
    told = dict(
        line.split() for line in (await session.execute(unguarded(code))).stdout.splitlines()
    )
    assert len(told) == 11
    assert set(told.values()) <= {"1", "38"}  # EPERM, ENOSYS


async def test_a_cell_cannot_make_set_user_id_programs(
    session: Session, workspace: Path, unguarded: Wrap
) -> None:
    code = textwrap.dedent(
        """
        import os
        open('program', 'w').close()
        for attempt in (
            lambda: os.chmod('program', 0o4755),
            lambda: os.close(os.open('other', os.O_CREAT | os.O_WRONLY, 0o6755)),
            lambda: os.fchmod(os.open('program', os.O_RDONLY), 0o2755),
        ):
            try: attempt()
            except OSError: pass
        """
    )
    await session.execute(unguarded(code))
    modes = [path.stat().st_mode for path in workspace.iterdir() if path.is_file()]
    assert modes
    assert not any(mode & (stat.S_ISUID | stat.S_ISGID) for mode in modes)


async def test_programs_in_the_workspace_do_not_run(
    session: Session, workspace: Path, unguarded: Wrap
) -> None:
    shutil.copy("/bin/true", workspace / "program")
    code = "import subprocess; print('ran', subprocess.run(['./program']).returncode)"
    assert "ran" not in (await session.execute(unguarded(code))).stdout


async def test_files_of_cells_belong_to_the_workspaces_owner(
    session: Session, workspace: Path
) -> None:
    await session.execute("open('made', 'w').write('x')")
    assert (workspace / "made").stat().st_uid == workspace.stat().st_uid
    (workspace / "given").write_text("from outside")
    (workspace / "given").chmod(0o600)
    assert (await session.execute("open('given').read()")).value == "from outside"


async def test_a_workspace_on_the_path_shadows_no_library(
    session: Session, workspace: Path
) -> None:
    (workspace / "csv.py").write_text("raise RuntimeError")
    (workspace / "helper.py").write_text("answer = 42")
    assert (await session.execute("import csv, helper; helper.answer")).value == 42


async def test_memory_of_the_running_kernel_is_its_own(session: Session, unguarded: Wrap) -> None:
    code = "open('/proc/1/mem', 'rb')"
    assert (await session.execute(unguarded(code))).status == "error"


async def test_more_data_directories_are_read_only(
    workspace: Path, tmp_path: Path, unguarded: Wrap
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "table.csv").write_text("a\n1\n")
    async with Session(workspace, Limits.quick(), data=[data]) as session:
        assert (
            await session.execute(f"open({str(data / 'table.csv')!r}).read()")
        ).value == "a\n1\n"
        await session.execute(unguarded(f"open({str(data / 'new')!r}, 'w')"))
    assert [path.name for path in data.iterdir()] == ["table.csv"]


_PROGRAM = """
import asyncio, sys
from sessions import Session
from sessions.errors import AgentError
async def main():
    try:
        async with Session(sys.argv[1]) as session:
            execution = await session.execute("open('made', 'w').write('x'); 6 * 7")
            print(execution.status, execution.value, *session.layers)
    except AgentError as error:
        print(type(error).__name__, error)
asyncio.run(main())
"""


def _run_in_user_namespace(workspace: Path, *setup: str) -> str:
    """Run a session as somebody who is not root, as far as the program can tell."""
    inner = [sys.executable, "-c", _PROGRAM, str(workspace)]
    command = ["unshare", "--user", *setup, *inner]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_an_ordinary_user_is_isolated_too(workspace: Path) -> None:
    told = _run_in_user_namespace(workspace, "--map-user=1000", "--map-group=1000").split()
    assert told[:2] == ["ok", "42"]
    assert {"namespaces", "network", "seccomp", "rlimits"} <= set(told[2:])
    assert (workspace / "made").read_text() == "x"


def test_where_no_namespace_can_be_had_nothing_runs(workspace: Path) -> None:
    limit = "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all "
    shell = f'{limit} --inh-caps=-all "$@"'
    inner = ["bash", "-c", shell, "bash", sys.executable, "-c", _PROGRAM, str(workspace)]
    command = ["unshare", "--user", "--map-root-user", *inner]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.startswith("IsolationError code can't be isolated on this machine")
    assert not (workspace / "made").exists()


_STAYS = """
import multiprocessing, os, time
def stay():
    os.setsid()
    time.sleep(600)
multiprocessing.Process(target=stay).start()
time.sleep(0.2)
6 * 7
"""


async def test_without_isolation_only_guard_and_limits_hold(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), isolated=False) as session:
        assert set(session.layers) - {"cgroup"} == {"rlimits"}
        launcher = session._process.pid
        assert (await session.execute("import socket")).status == "refused"
        assert (await session.execute(_STAYS)).value == 42
        family = list(descendants(launcher))
        assert len(family) >= 3
    assert not any(Path(f"/proc/{process}").exists() for process in family)


async def test_without_isolation_a_kernel_has_a_home_where_nobody_left_anything(
    workspace: Path,
) -> None:
    code = "import os; home = os.environ['HOME']\n[home, os.stat(home).st_mode, os.listdir(home)]"
    homes = []
    for _ in range(2):
        async with Session(workspace, Limits.quick(), isolated=False) as session:
            home, mode, found = (await session.execute(code)).value
            assert Path(home).parent == session._process.scratch.parent
            assert stat.filemode(mode) == "drwx------"
            assert set(found) <= {".cache", ".config", ".ipython"}
            homes.append(home)
    assert homes[0] != homes[1]
    assert not any(Path(home).exists() for home in homes)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="an ordinary user's kernel may go through a private home"
)
def test_an_interpreter_below_a_private_home_works(workspace: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sys.prefix, home / "venv", symlinks=True, ignore=_heavy)
    for path in [home, *home.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
    inner = [str(home / "venv" / "bin" / "python"), "-c", _PROGRAM, str(workspace)]
    told = subprocess.run(inner, capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.split()[:2] == ["ok", "42"]


def _heavy(folder: str, names: list[str]) -> set[str]:
    """What a kernel does not need, so that the copy is quick."""
    wanted = ("pandas", "numpy", "pyarrow", "mypy", "ruff", "matplotlib", "anthropic", "openai")
    return {name for name in names if name.startswith(wanted) or name == "__pycache__"}


async def test_no_descriptor_of_the_host_comes_along(session: Session, unguarded: Wrap) -> None:
    code = textwrap.dedent(
        """
        import os
        for name in os.listdir('/proc/self/fd'):
            try: print(os.readlink(f'/proc/self/fd/{name}').split(':')[0])
            except OSError: pass
        """
    )
    kinds = set((await session.execute(unguarded(code))).stdout.split())
    assert kinds <= {"/dev/null", "socket", "pipe", "anon_inode", "/proc/2/fd", "/dev/urandom"} | {
        "/proc/2/pagemap"
    }


async def test_sockets_handed_in_lead_to_nobody_but_the_session(
    session: Session, unguarded: Wrap
) -> None:
    code = textwrap.dedent(
        """
        import os, socket
        for name in os.listdir('/proc/self/fd'):
            try: s = socket.socket(fileno=os.dup(int(name)))
            except OSError: continue
            try:
                for attempt in (s.getpeername, s.getsockname): attempt()
                s.connect('/run/docker.sock'); print('connected')
            except OSError: pass
            s.detach()
        """
    )
    assert "connected" not in (await session.execute(unguarded(code))).stdout

"""Without namespaces: the harm that Landlock, seccomp and limits keep from everything outside."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sessions.isolation.spec import ALONE
from sessions.workspace import environment as installed_packages
from tests.support.cells import attack, run_cells
from tests.support.identities import (
    ROOT,
    WITHOUT_NAMESPACES,
    Identity,
    command,
    environment,
    ordinary_uid,
    python,
)

_WHO = Identity.NO_NAMESPACES


@pytest.mark.parametrize("who", WITHOUT_NAMESPACES)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_a_kernel_starts_and_says_what_holds(workspace: Path, who: Identity, warm: bool) -> None:
    (told,) = run_cells(who, ["open('made', 'w').write('x'); 6 * 7"], workspace, warm=warm)
    assert (told.status, told.value) == ("ok", 42)
    assert set(ALONE) <= set(told.layers)
    assert not {"namespaces", "uid"} & set(told.layers)
    assert "none can be had" in told.reasons["namespaces"]
    assert "find out which files" in told.reasons["namespaces"]
    assert "no socket" in told.reasons["network"]
    assert (workspace / "made").read_text() == "x"


def test_where_landlock_is_refused_as_well_nothing_runs(workspace: Path) -> None:
    code = (
        "import runpy, sys\n"
        "from sessions.isolation.seccomp import Rule, restrict\n"
        "restrict([Rule(call=444, error=38)])\n"
        "sys.argv = ['cells.py', sys.argv[1]]\n"
        "runpy.run_path('tests/support/cells.py', run_name='__main__')"
    )
    wanted = f'{{"workspace": "{workspace}", "cells": ["open(\'made\', \'w\')"], '
    wanted += '"warm": false, "mode": "strongest"}'
    line = command(_WHO, python("-c", code, wanted), own=[workspace.parent])
    env = environment(workspace.parent)
    ran = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert "IsolationError" in ran.stdout
    assert "Linux 6.12" in ran.stdout
    assert not (workspace / "made").exists()


def test_files_outside_can_be_neither_read_nor_changed(workspace: Path) -> None:
    outside = workspace.parent / "outside"
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("treasure")
    secret.chmod(0o640)
    (workspace / "link").symlink_to(secret)
    before = secret.stat()
    told = attack(
        _WHO,
        workspace,
        f"""
        secret, outside = {str(secret)!r}, {str(outside)!r}
        for path in (secret, '../outside/secret', 'link', '/etc/passwd',
                     '/proc/self/cwd/../outside/secret'):
            for flags in (os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
                attempt(lambda: os.read(os.open(path, flags), 99))
        attempt(lambda: os.read(os.open('/proc/self/fd/%d' % os.open(secret, os.O_PATH), 0), 99))
        attempt(lambda: os.read(os.open('secret', 0, dir_fd=os.open(outside, os.O_PATH)), 99))
        for path in ('/', '/home', outside, '/tmp', '/root'): attempt(os.listdir, path)
        attempt(os.link, secret, 'hard'); attempt(os.rename, secret, 'moved')
        attempt(os.unlink, secret); attempt(os.truncate, secret, 0); attempt(shutil.rmtree, outside)
        attempt(os.mkdir, outside + '/made'); attempt(os.symlink, 'x', outside + '/made')
        attempt(os.rename, 'link', outside + '/made'); attempt(os.mkfifo, outside + '/made')
        os.chmod(secret, 0o777); os.utime(secret, (1, 1))
        attempt(os.setxattr, secret, 'user.x', b'y')
        attempt(os.chdir, outside); attempt(lambda: open('secret').read())
        attempt(lambda: open('made', 'w'))
        """,
    )
    after = secret.stat()
    assert "treasure" not in told.text
    assert "root:" not in told.text
    assert secret.read_text() == "treasure"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert os.listxattr(secret) == []
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert not (workspace / "hard").exists()


@pytest.mark.parametrize("existing", [True, False], ids=["existing", "missing"])
def test_protected_names_cannot_be_changed(workspace: Path, existing: bool) -> None:
    if existing:
        (workspace / ".git" / "hooks").mkdir(parents=True)
        (workspace / ".git" / "config").write_text("original")
        (workspace / ".agent").mkdir()
        (workspace / ".agent" / "private").write_text("private")
        (workspace / "learned_skills").mkdir()
        (workspace / "learned_skills" / "known.py").write_text("answer = 42")
        (workspace / "agent.toml").write_text("tier = 'quick'\n")
    told = attack(
        _WHO,
        workspace,
        """
        def write(path):
            os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
            open(path, 'a').write('planted')
        os.symlink('.git', 'way'); os.symlink(os.path.abspath('.git'), 'far'); os.mkdir('sub')
        for path in ('.git/hooks/pre-commit', '.GIT/config', '.agent/lock', '.agent/private',
                     'learned_skills/evil.py', 'learned_skills/known.py', 'agent.toml',
                     'far/config', '.git/config', 'way/config', './sub/../.git/config',
                     '../workspace/.git/x'):
            attempt(write, path)
            attempt(os.truncate, path, 0)
            attempt(os.link, path, 'linked')
            attempt(lambda: open(path).read())
        for name in ('.git', '.agent', 'learned_skills', 'agent.toml'):
            for action in (os.remove, shutil.rmtree, os.rmdir, os.listdir): attempt(action, name)
            attempt(os.rename, name, 'moved'); attempt(os.rename, 'sub', name)
            attempt(os.symlink, '/tmp', name)
            attempt(lambda: open('pre', 'w', opener=lambda p, f: os.open(
                p, f, dir_fd=os.open(name, os.O_PATH))))
        os.chdir('.git'); attempt(lambda: open('config', 'w')); attempt(os.listdir, '.')
        """,
    )
    files = [path for path in workspace.rglob("*") if path.is_file()]
    assert not any("planted" in file.read_text() for file in files), told.text
    if existing:
        assert "original" not in told.text
        assert "private" not in told.text.replace(".agent/private", "")
        assert (workspace / ".git" / "config").read_text() == "original"
        assert (workspace / ".agent" / "private").read_text() == "private"
        assert (workspace / "learned_skills" / "known.py").read_text() == "answer = 42"
        assert (workspace / "agent.toml").read_text() == "tier = 'quick'\n"
        assert not (workspace / "linked").exists()
    else:
        assert {path.name for path in workspace.iterdir()} == {"way", "far", "sub"}


def test_a_path_that_changes_while_it_is_looked_at_leads_nowhere(workspace: Path) -> None:
    (workspace / ".git").mkdir()
    (workspace / ".git" / "config").touch()
    told = attack(
        _WHO,
        workspace,
        """
        import threading
        os.mkdir('.got'); os.mkdir('real')
        path, over = ctypes.create_string_buffer(b'.got/x'), time.monotonic() + 3
        def turn():
            while time.monotonic() < over: path[2] = b'i'; path[2] = b'o'
        def swap():
            while time.monotonic() < over:
                with contextlib.suppress(OSError): os.symlink('.git', 'dir'); os.unlink('dir')
                with contextlib.suppress(OSError):
                    os.rename('real', 'dir'); os.rename('dir', 'real')
        def write():
            while time.monotonic() < over:
                with contextlib.suppress(OSError): open('dir/y', 'w').close()
        for body in (turn, swap, write): threading.Thread(target=body).start()
        opened = 0
        while time.monotonic() < over:
            descriptor = libc.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
            if descriptor >= 0: opened += 1; os.close(descriptor)
        print('opened', opened)
        """,
    )
    assert int(told.text.split()[-1]) > 100
    assert [path.name for path in (workspace / ".git").iterdir()] == ["config"]


_WORK = """
import os, pathlib, shutil, sqlite3, tarfile, tempfile, zipfile
import pandas
os.makedirs("a/b/c"); pathlib.Path("a/b/c/x.txt").write_text("hello")
os.rename("a/b/c/x.txt", "a/y.txt"); shutil.copy2("a/y.txt", "z.txt"); shutil.copytree("a", "a2")
os.symlink("z.txt", "s"); os.link("z.txt", "h")
assert open("s").read() == open("h").read() == "hello"
shutil.move(tempfile.mkstemp()[1], "moved"); os.replace("moved", "moved2")
with zipfile.ZipFile("z.zip", "w") as f: f.write("z.txt")
with zipfile.ZipFile("z.zip") as f: f.extractall("unzipped")
with tarfile.open("t.tgz", "w:gz") as f: f.add("a2")
with tarfile.open("t.tgz") as f: f.extractall("untarred", filter="data")
db = sqlite3.connect("d.sqlite"); db.execute("pragma journal_mode=wal")
db.execute("create table t(a)"); db.execute("insert into t values (7)"); db.commit(); db.close()
frame = pandas.DataFrame({"a": [1, 2]}); frame.to_csv("f.csv"); frame.to_parquet("f.parquet")
with tempfile.TemporaryDirectory() as d: pathlib.Path(d, "t").write_text("t")
with tempfile.NamedTemporaryFile(dir=".") as f: f.write(b"x")
with open("z.txt", "r+") as f: f.truncate(2)
os.truncate("z.txt", 1); os.chmod("z.txt", 0o600); os.utime("z.txt")
os.mkdir("cwd"); os.chdir("cwd"); open("here", "w").close(); os.chdir("..")
os.unlink("s"); shutil.rmtree("a"); os.rmdir("untarred/a2/b/c")
[os.path.exists("cwd/here"), open("z.txt").read(), len(pandas.read_parquet("f.parquet")),
 sorted(os.listdir("unzipped")), sorted(p.name for p in pathlib.Path("a2").rglob("*"))]
"""


@pytest.mark.parametrize("who", [Identity.NO_NAMESPACES, Identity.USER])
def test_ordinary_work_with_files(workspace: Path, who: Identity) -> None:
    (told,) = run_cells(who, [_WORK], workspace)
    assert told.value == [True, "h", 2, ["z.txt"], ["b", "c", "y.txt"]], told.text
    assert (workspace / "cwd" / "here").stat().st_uid == ordinary_uid()


def test_a_state_that_came_back_can_still_use_the_workspace(workspace: Path) -> None:
    cells = [
        "x = 1",
        "x = 2",
        "@undo",
        "open('a', 'w').write('b'); x",
        "import os; os.kill(os.getpid(), 9)",
    ]
    told = run_cells(_WHO, [*cells, "open('.git/x', 'w')", "open('a').read(), x"], workspace)
    assert [one.status for one in told[2:4]] == ["ok", "killed"]
    assert "Read-only" in told[4].text
    assert told[5].value == ["b", 1]


def test_what_needs_shared_memory_says_why_it_fails(workspace: Path) -> None:
    cells = [
        "import multiprocessing; multiprocessing.Lock()",
        "import multiprocessing; multiprocessing.Pool(2)",
        "import multiprocessing.shared_memory",
        "ends = multiprocessing.Pipe()\n"
        "child = multiprocessing.get_context('fork').Process(target=ends[1].send, args=[42])\n"
        "child.start(); got = ends[0].recv(); child.join(); got",
    ]
    *refused, done = run_cells(_WHO, cells, workspace)
    assert all("user namespaces" in told.text for told in refused)
    assert done.value == 42


def test_nothing_of_ours_stays(workspace: Path) -> None:
    code = "import os, tempfile; open(tempfile.mkstemp()[1], 'w').write('x'); tempfile.gettempdir()"
    (told,) = run_cells(_WHO, [code], workspace)
    place = Path(told.value)
    assert place.parts[-3].startswith("agent-")
    assert not place.parent.parent.exists()
    assert list(workspace.iterdir()) == []


def test_programs_of_the_workspace_do_not_run(workspace: Path) -> None:
    shutil.copy("/bin/true", workspace / "program")
    told = attack(
        _WHO,
        workspace,
        """
        import subprocess, tempfile
        shutil.copy('program', tempfile.gettempdir())
        for path in ('./program', tempfile.gettempdir() + '/program'):
            attempt(lambda: ('ran', subprocess.run([path]).returncode))
        """,
    )
    assert "ran" not in told.text


def test_temporary_files_are_limited_though_no_file_system_limits_them(workspace: Path) -> None:
    flood = "import os, tempfile, time\nplace = tempfile.mkdtemp()\nn = 0\nwhile True:\n"
    flood += "    n += 1\n    open(f'{place}/{n}', 'wb').write(bytes(8 << 20)); time.sleep(0.02)"
    size = "sum(os.stat(f'{place}/{name}').st_size for name in os.listdir(place)) >> 20"
    told = run_cells(_WHO, ["x = 1", flood, f"[x, {size}]"], workspace)
    assert told[1].status in ("error", "killed")
    assert told[1].limits_hit == ("disk",)
    if told[2].status == "ok":
        assert told[2].value[0] == 1
        assert told[2].value[1] < 400


def test_installed_packages_can_be_imported_and_not_changed(workspace: Path) -> None:
    layer = installed_packages(workspace) / "1"
    layer.mkdir(parents=True)
    (layer / "installed_here.py").write_text("answer = 42")
    (workspace / ".agent" / "private").write_text("private")
    code = "import installed_here as i\nprint(i.answer); open(i.__file__, 'a')"
    told = run_cells(_WHO, [code, "open('.agent/private').read()"], workspace)
    assert told[0].text.startswith("42")
    assert "Read-only" in told[0].text
    assert "No such file" in told[1].text
    assert (layer / "installed_here.py").read_text() == "answer = 42"

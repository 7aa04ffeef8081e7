"""Code that the host runs and that lies in the workspace: cells can't change what it will be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import sessions
from sessions import Limits, Session, interpreter, workspace
from sessions.errors import UsageError

_ATTACK = """
import os

def attempt(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        pass

def write(path):
    with open(path, "a") as file:
        file.write("print('planted')\\n")

python = "tools/.venv/lib/python{0}.{1}/site-packages".format(*os.sys.version_info)
for path in ("tools/source/sessions/__init__.py", "tools/source/sitecustomize.py",
             "tools/.venv/bin/agent", python + "/sitecustomize.py", python + "/planted.pth"):
    attempt(write, path)
for path in ("tools", "tools/source", "tools/source/sessions", "tools/.venv"):
    attempt(os.rename, path, path + ".away")
attempt(os.makedirs, python)
attempt(write, python + "/sitecustomize.py")
open("tools/mine.txt", "w").write("mine")
"""

_HOST = """
import asyncio, sys
from sessions import Limits, Session

async def main():
    async with Session(sys.argv[1], Limits.quick()) as session:
        print((await session.execute(sys.argv[2])).status)

asyncio.run(main())
"""


def _environment_in(folder: Path) -> Path:
    """A virtual environment with our package installed from source, all below a folder."""
    source, environment = folder / "source", folder / ".venv"
    shutil.copytree(Path(sessions.__file__).parent, source / "sessions")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    installed = sysconfig.get_path("purelib")
    (packages / "installed.pth").write_text(f"{source}\n{installed}\n")
    return environment / "bin" / "python"


def _programs(folder: Path) -> dict[Path, str]:
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".pth")]
    return {path: path.read_text() for path in files}


def test_a_cell_cannot_change_what_the_host_runs_next(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    python = _environment_in(folder / "tools")
    before = _programs(folder)
    attack = f"exec({_ATTACK!r}, {{'__name__': 'elsewhere'}})"
    command = [str(python), "-c", _HOST, str(folder), attack]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert told.stdout == "ok\n", told.stderr
    assert _programs(folder) == before
    next_start = subprocess.run(
        [python, "-c", "import sessions"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert next_start.stdout == ""
    assert (folder / "tools" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "folder",
    [
        sys.prefix,
        sysconfig.get_path("purelib"),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("scripts"),
        str(Path(sessions.__file__).parent),
        "/usr/bin",
    ],
)
def test_a_folder_of_programs_is_no_workspace(folder: str) -> None:
    with pytest.raises(UsageError, match="outside the sandbox"):
        workspace.resolve(folder)


def test_a_folder_that_python_imports_from_is_no_workspace_but_one_below_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, packages = tmp_path / "project", tmp_path / "site-packages"
    (project / "data").mkdir(parents=True)
    packages.mkdir()
    (packages / "project.pth").write_text(f"# a comment\nimport sys\n{project}\n")
    monkeypatch.setattr(interpreter, "packages", lambda: (str(packages),))
    with pytest.raises(UsageError, match="imports from at every start"):
        workspace.resolve(project)
    assert workspace.resolve(project / "data") == project / "data"
    assert project in workspace.code_below(tmp_path)


def test_a_link_to_the_environment_is_refused_because_a_cell_could_exchange_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (tmp_path / "environment").mkdir()
    (folder / ".venv").symlink_to(tmp_path / "environment")
    monkeypatch.setattr(sys, "prefix", str(folder / ".venv"))
    with pytest.raises(UsageError, match="symbolic link to code"):
        Session(folder).begin()


async def test_a_worktree_whose_git_is_a_file_keeps_it(
    tmp_path: Path, unguarded: Callable[[str], str]
) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere\n")
    async with Session(tmp_path, Limits.quick()) as session:
        plant = "open('.git', 'w').write('gitdir: evil')"
        assert (await session.execute(unguarded(plant))).status == "error"
    assert (tmp_path / ".git").read_text() == "gitdir: /elsewhere\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root serves the workspaces of others")
async def test_root_serves_the_workspace_of_another_user(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    os.chown(folder, 23456, 23457)
    async with Session(folder, Limits.quick()) as session:
        assert (await session.execute("open('made', 'w').write('x')")).ok
    assert ((folder / "made").stat().st_uid, (folder / "made").stat().st_gid) == (23456, 23457)

"""What cells see of an installation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.errors import UsageError
from sessions.packages.registries import Registries
from tests.support.registry import PackageServer

GREETS = {"greets.py": "def hello() -> str:\n    return 'hello'\n"}


@pytest.fixture
def registries(registry: PackageServer) -> Registries:
    return Registries.of([registry.index])


async def value(session: Session, code: str) -> object:
    execution = await session.execute(code)
    assert execution.ok, execution.error
    return execution.value


async def test_it_is_there_at_once_and_after_undo_restart_and_reopening(
    workspace: Path, session: Session, registry: PackageServer, registries: Registries
) -> None:
    registry.add("greets", GREETS, version="1.5")
    use = "import greets, importlib.metadata as m\n(greets.hello(), m.version('greets'))"
    assert (await session.execute("import greets")).status == "error"
    await session.execute("x = 1")
    done = await session.install("greets", registries=registries)
    assert done.versions == {"greets": "1.5"}
    assert await value(session, use) == ["hello", "1.5"]
    await session.undo()
    assert await value(session, use) == ["hello", "1.5"]
    assert await value(session, "x") == 1
    await session.restart()
    assert await value(session, use) == ["hello", "1.5"]
    await session.close()
    async with Session(workspace, Limits.quick()) as later:
        assert await value(later, use) == ["hello", "1.5"]


async def test_a_running_cell_goes_on_meanwhile(
    session: Session, registry: PackageServer, registries: Registries
) -> None:
    registry.add("greets", GREETS)
    code = (
        "import time\nfor _ in range(200):\n    time.sleep(.1)\n    try:\n        import greets\n"
    )
    code += "        break\n    except ImportError: pass\ngreets.hello()"
    cell = asyncio.create_task(value(session, code))
    await session.install("greets", registries=registries)
    assert await cell == "hello"


async def test_cells_can_not_change_it(
    workspace: Path,
    session: Session,
    registry: PackageServer,
    registries: Registries,
    unguarded: Callable[[str], str],
) -> None:
    registry.add("greets", GREETS)
    await session.install("greets", registries=registries)
    attack = """
import greets, os, pathlib, shutil
home = pathlib.Path(greets.__file__).parent
def attempt(action):
    try:
        action()
    except OSError:
        pass
attempt(lambda: open(greets.__file__, 'a').write('HACKED = 1'))
attempt(lambda: (home.parent / '9').mkdir())
attempt(lambda: home.rename(home.parent / '7'))
attempt(lambda: os.unlink(greets.__file__))
attempt(lambda: shutil.rmtree(pathlib.Path.cwd() / '.agent'))
attempt(lambda: os.rename('.agent', 'agent'))
"""
    assert (await session.execute(unguarded(attack))).ok
    layers = workspace / ".agent/environments/cpython-311/site-packages"
    assert [p.name for p in layers.iterdir()] == ["1"]
    assert (layers / "1/greets.py").read_text() == GREETS["greets.py"]


async def test_nothing_the_kernel_has_is_shadowed_and_nothing_starts_by_itself(
    workspace: Path, session: Session, registry: PackageServer, registries: Registries
) -> None:
    started = "import pathlib; pathlib.Path.cwd().joinpath('started').touch()\n"
    hostile = {
        **{f"{name}/__init__.py": started for name in ("numpy", "pandas", "agent_tools", "email")},
        "sitecustomize.py": started,
        "usercustomize.py": started,
        "_agent_kernel/__init__.py": started,
        "hostile.pth": started,
        "hostile.py": "",
    }
    registry.add("hostile", hostile)
    await session.install("hostile", registries=registries)
    await session.restart()
    origins = "import hostile, numpy, pandas, email, sys\n"
    origins += "[m.__file__ for m in (numpy, pandas, email, sys.modules['_agent_kernel'])]"
    files = await value(session, origins)
    assert isinstance(files, list)
    assert [file for file in files if file.startswith("/opt/agent/site-packages")] == []
    assert not (workspace / "started").exists()


async def test_the_host_is_not_touched_by_what_it_installed(
    workspace: Path, registry: PackageServer, registries: Registries, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    started = f"open({str(trace)!r}, 'w')\n"
    files = {"wrecks.pth": f"import os; {started}", "wrecks.py": started, "conftest.py": started}
    registry.add("wrecks", {**files, "sitecustomize.py": started, "sessions.py": started})
    async with Session(workspace, Limits.quick()) as session:
        await session.install("wrecks", registries=registries)
    program = "import site, sys; from sessions import Session; Session('.')"
    command = [sys.executable, "-c", program]
    subprocess.run(
        command, cwd=workspace, check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert not trace.exists()


async def test_an_extension_module_can_be_loaded(
    session: Session, registry: PackageServer, registries: Registries
) -> None:
    from pandas._libs import missing

    library = Path(missing.__file__)
    registry.add("binary", {f"binary/{library.name}": library.read_bytes()})
    await session.install("binary", registries=registries)
    load = "from importlib.machinery import ExtensionFileLoader\n"
    load += "from importlib.util import spec_from_file_location\nimport binary\n"
    load += f"path = list(binary.__path__)[0] + '/{library.name}'\n"
    load += f"spec = spec_from_file_location({missing.__name__!r}, path)\n"
    load += "ExtensionFileLoader(spec.name, path).create_module(spec).__name__"
    assert await value(session, load) == missing.__name__


async def test_pip_in_a_cell_is_told_the_way(session: Session) -> None:
    for code in ("%pip install greets", "!pip install greets", "import pip"):
        execution = await session.execute(code)
        assert execution.status == "refused"
    assert execution.error is not None
    assert "install_packages" in execution.error.message
    assert "--with" in execution.error.message


async def test_a_workspace_without_packages_is_left_as_it_was(workspace: Path) -> None:
    async with Session(workspace, Limits.quick()):
        pass
    assert list(workspace.iterdir()) == []


async def test_a_session_that_is_not_open_installs_nothing(workspace: Path) -> None:
    with pytest.raises(UsageError, match="not open"):
        await Session(workspace).install("greets")

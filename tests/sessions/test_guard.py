"""The guard teaches: it refuses early, says what to do instead, and lets ordinary work through."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.kernel.guard import checker
from sessions.kernel.policy import Policy
from sessions.kernel.refusals import PolicyError

_REFUSED = {
    "import subprocess": "starts no programs",
    "from subprocess import run": "starts no programs",
    "import os.path, socket": "no network",
    "import urllib.request": "no network",
    "from urllib import request": "no network",
    "from http import client": "no network",
    "import requests as r": "no network",
    "import ctypes": "native code",
    "import os\nos.system('ls')": "starts no programs",
    "from os import system": "starts no programs",
    "import os\nrun = os.popen": "starts no programs",
    "__import__('socket')": "no network",
    "import importlib\nimportlib.import_module('requests')": "no network",
    "!ls": "no shell",
    "x = !ls": "no shell",
    "!!ls": "no shell",
    "%sx ls": "no shell",
    "%system ls": "no shell",
    "%%bash\nls": "no shell",
    "%%script sh\nls": "no shell",
    "%%python3\nprint(1)": "starts no programs",
    "%pip install left-pad": "packages are not installed",
    "%conda install x": "packages are not installed",
    "get_ipython().system('ls')": "no shell",
    "get_ipython().run_line_magic('sx', 'ls')": "no shell",
    "%%capture\nimport socket": "no network",
    "%%time\nimport socket": "no network",
    "%timeit __import__('socket')": "no network",
    "%%timeit\nimport socket": "no network",
    "def f():\n    import socket\nf()": "no network",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Status and message of each cell that should be refused, from one real kernel."""
    return asyncio.run(_run_all(tmp_path_factory.mktemp("workspace")))


async def _run_all(workspace: Path) -> dict[str, tuple[str, str]]:
    told: dict[str, tuple[str, str]] = {}
    async with Session(workspace, Limits.quick()) as session:
        for code in _REFUSED:
            execution = await session.execute(code)
            told[code] = (execution.status, execution.error.message if execution.error else "")
    return told


@pytest.mark.parametrize("code", _REFUSED)
def test_what_leaves_the_sandbox_is_refused_with_advice(
    results: dict[str, tuple[str, str]], code: str
) -> None:
    status, message = results[code]
    assert status == "refused"
    assert _REFUSED[code] in message


async def test_a_refused_cell_does_nothing_at_all(session: Session) -> None:
    execution = await session.execute("touched = 1\nimport socket")
    assert execution.status == "refused"
    assert (await session.execute("touched")).status == "error"


async def test_imports_hidden_in_strings_are_refused_when_they_run(session: Session) -> None:
    execution = await session.execute("exec('import socket')")
    assert (execution.status, execution.error is not None) == ("refused", True)


async def test_modules_of_the_workspace_are_held_to_the_policy(
    session: Session, workspace: Path
) -> None:
    (workspace / "helper.py").write_text("import socket\n")
    assert (await session.execute("import helper")).status == "refused"


async def test_libraries_import_what_they_need(session: Session) -> None:
    code = "import multiprocessing.managers, asyncio, pandas, matplotlib.pyplot, sqlite3; 1"
    assert (await session.execute(code)).status == "ok"


async def test_clearing_the_hooks_does_not_clear_the_guard(session: Session) -> None:
    await session.execute(
        "ip = get_ipython()\n"
        "ip.ast_transformers.clear(); ip.input_transformers_post.clear()\n"
        "ip.events.reset_all() if hasattr(ip.events, 'reset_all') else None"
    )
    assert (await session.execute("import socket")).status == "refused"
    await session.restart()
    assert (await session.execute("import socket")).status == "refused"


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys, pathlib, shutil, tempfile, zipfile, pickle, json, csv, sqlite3",
        "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').write('x')",
        "import sqlite3\nsqlite3.connect('data.db').execute('create table t (n)')",
        "%timeit -n1 -r1 1 + 1",
        "%%capture out\nprint(1)",
        "%who",
        "len?",
        "import pickle\npickle.loads(pickle.dumps([1]))",
        "eval('1 + 1'); exec('y = 2'); y",
        "class Meta(type): pass\nclass A(metaclass=Meta): pass\nA()",
        "match [1, 2]:\n    case [a, b]: a",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('plot.png')",
        "import logging\nlogging.getLogger().warning('w')",
        "import cProfile\ncProfile.run('1 + 1')",
        "import concurrent.futures as f\nlist(f.ThreadPoolExecutor().map(abs, [-1]))",
        "import urllib.parse\nurllib.parse.quote('a b')",
        "%cd .",
        "%%writefile note.txt\nhello",
        "import shutil\nopen('a', 'w').close()\nshutil.copy2('a', 'b')",
    ],
)
async def test_ordinary_work_goes_through(session: Session, code: str) -> None:
    execution = await session.execute(code)
    assert execution.status == "ok", execution.error


def test_a_guard_that_fails_refuses() -> None:
    class Broken(Policy):
        def module(self, name: str) -> str | None:
            raise RuntimeError

    with pytest.raises(PolicyError, match="could not be checked, so it was not run"):
        checker(Broken())(ast.parse("import json"), {})


def test_everything_refused_is_told_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        checker(Policy())(ast.parse("import socket, subprocess"), {})
    assert str(caught.value).count("is not allowed here") == 2


async def test_without_a_policy_there_is_no_guard(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), policy=None) as session:
        for code in (
            "import socket, subprocess",
            "from importlib import import_module as f\nf('pip')",
        ):
            assert (await session.execute(code)).status == "ok"
        refused = await session.execute("import socket; socket.socket()")
        assert refused.status == "error"  # by the system, which no policy can switch off

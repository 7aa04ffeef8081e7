"""What only shows at run time is refused then, and does no harm; careless code keeps its guard."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sessions import Limits, Session

_TOUCH = "touch ran"
_ATTEMPTS = (
    "exec('import socket')",
    "exec('import socket', {})",
    "exec('exec(\"import socket\", {})', {})",
    "exec(compile('from urllib import request', '<mine>', 'exec'), {})",
    "eval('__import__(\"socket\")')",
    "eval('(lambda: __import__(\"socket\"))()', {})",
    "import types; types.FunctionType(compile('import socket', '<f>', 'exec'), {})()",
    "__import__('soc' + 'ket')",
    "list(map(__import__, ['socket']))",
    "import importlib; importlib.import_module('soc' + 'ket')",
    "import importlib; importlib.__import__('soc' + 'ket')",
    "import importlib as i; f = i.import_module; f('socket')",
    "import timeit; timeit.timeit('import socket', number=1)",
    "import cProfile; cProfile.run('import socket')",
    "import runpy; runpy.run_path('asks.py')",
    "%run asks.py",
    "import asks",
    "from package import asks",
    "%load_ext asks",
    "%prun -q exec('import socket')",
    "%%prun\nimport socket",
    "%%capture\n%%time\nexec('import socket')",
    "%time exec('import socket')",
    "get_ipython().run_cell('import socket').raise_error()",
    "get_ipython().ex('import socket')",
    "import pandas\npandas.read_csv('http://127.0.0.1/a.csv')",
    "import asyncio\nawait asyncio.open_connection('127.0.0.1', 80)",
    "import logging.handlers as h\nh.SysLogHandler(address=('127.0.0.1', 514))",
    "import numpy.ctypeslib as c\nc.ctypes.CDLL(None)",
    f"import os; getattr(os, 'sys' + 'tem')({_TOUCH!r})",
    f"import os; list(map(vars(os)['system'], [{_TOUCH!r}]))",
    f"import os; vars(os)['popen']({_TOUCH!r}).read()",
    "import os; vars(os)['posix_spawn']('/bin/touch', ['touch', 'ran'], {})",
    "import os; vars(os)['execv']('/bin/touch', ['touch', 'ran'])",
    "import os; vars(os)['spawnlp'](0, 'touch', 'touch', 'ran')",
    "import os; vars(os)['fork']() or (open('ran', 'w'), os._exit(0))",
    "import sys; sys.modules['subprocess'].run(['touch', 'ran'])",
    "import asyncio\nawait asyncio.create_subprocess_exec('touch', 'ran')",
    f"import asyncio\nawait asyncio.create_subprocess_shell({_TOUCH!r})",
    f"magic = 'sx'\nget_ipython().run_line_magic(magic, {_TOUCH!r})",
    f"magic = 'bash'\nget_ipython().run_cell_magic(magic, '', {_TOUCH!r})",
    f"call = get_ipython().system\ncall({_TOUCH!r})",
)
_IN_THREADS = (
    f"import os, threading\nt = threading.Thread(target=vars(os)['system'], args=({_TOUCH!r},))",
    "import sys, threading\n"
    "t = threading.Thread(target=sys.modules['subprocess'].run, args=(['touch', 'ran'],))",
)
_CARELESS = (
    "ip = get_ipython(); ip.ast_transformers.clear(); ip.ast_transformers = []",
    "ip.input_transformers_cleanup.clear(); ip.input_transformers_post.clear()",
    "ip.events.callbacks = {name: [] for name in ip.events.callbacks}",
    "ip.transform_ast = lambda node: node",
    "type(ip).transform_ast = lambda self, node: node",
    "del type(ip).transform_ast",
    "ip.__class__ = type(ip).__mro__[2]",
    "for kind in type(ip).__mro__[2:-1]:\n    kind.transform_ast = lambda self, node: node",
    "type(ip).guard = ip.guard = None",
    "ip.showtraceback = lambda *a, **k: None",
    "del ip.showtraceback",
    "import builtins, importlib, sys\nbuiltins.__import__ = importlib.__import__",
    "importlib.import_module = importlib._bootstrap._gcd_import",
    "importlib.reload(importlib); importlib.reload(builtins); importlib.reload(sys)",
    "import _agent_kernel.guard",
    "for name in [n for n in sys.modules if n.startswith('_agent')]:\n"
    "    for key, value in list(vars(sys.modules[name]).items()):\n"
    "        if 'guard' in key.lower() or 'Policy' in key: setattr(sys.modules[name], key, None)",
    "sys.modules['_agent_kernel.app'].hand_check(lambda tree, names: None)",
    "for name in [n for n in sys.modules if n.startswith('_agent_kernel.refusals')]:\n"
    "    importlib.reload(sys.modules[name])",
    "import ast, dis\nast.walk = lambda tree: []",
    "sys.addaudithook(lambda *a: None); sys.settrace(None); sys.setprofile(None)",
    "__name__ = 'library'; __file__ = '/usr/lib/python3/library.py'",
    "__builtins__ = dict(vars(builtins), __import__=importlib.__import__)",
    "async def run_code(self, code, result=None, *, async_=False):\n"
    "    exec(code, self.user_global_ns, self.user_ns)\n"
    "type(ip).run_code = run_code",
    "%reset -f",
)
_PROBES = (
    "import socket",
    "exec('import socket')",
    "exec('import socket', {})",
    "import importlib; importlib.import_module('soc' + 'ket')",
    f"import os; getattr(os, 'sys' + 'tem')({_TOUCH!r})",
    f"!{_TOUCH}",
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("attempts") / "workspace"
    (workspace / "package").mkdir(parents=True)
    for name in ("asks.py", "package/asks.py"):
        (workspace / name).write_text("import socket\n")
    return workspace


async def _told(session: Session, code: str) -> tuple[str, str]:
    execution = await session.execute(code)
    return execution.status, execution.error.message if execution.error else ""


@pytest.fixture(scope="module")
def attempts(places: Path) -> dict[str, tuple[str, str]]:
    async def run() -> dict[str, tuple[str, str]]:
        async with Session(places, Limits.quick()) as session:
            return {code: await _told(session, code) for code in _ATTEMPTS}

    return asyncio.run(run())


@pytest.mark.parametrize("code", _ATTEMPTS)
def test_an_attempt_is_refused(
    attempts: dict[str, tuple[str, str]], places: Path, code: str
) -> None:
    status, message = attempts[code]
    assert status == "refused", message
    assert "is not allowed here: " in message
    assert not (places / "ran").exists()


@pytest.mark.parametrize("code", _IN_THREADS)
async def test_a_thread_is_held_to_the_policy(session: Session, workspace: Path, code: str) -> None:
    execution = await session.execute(f"{code}\nt.start(); t.join()")
    assert "is not allowed here: " in execution.stderr
    assert not (workspace / "ran").exists()


@pytest.fixture(scope="module")
def careless(places: Path) -> dict[str, list[str]]:
    """After each careless cell, all in one kernel: the status of each probe."""

    async def run() -> dict[str, list[str]]:
        async with Session(places, Limits.quick()) as session:
            return {
                code: [(await _told(session, cell))[0] for cell in (code, *_PROBES)]
                for code in _CARELESS
            }

    return asyncio.run(run())


@pytest.mark.parametrize("code", _CARELESS)
def test_careless_code_keeps_its_guard(
    careless: dict[str, list[str]], places: Path, code: str
) -> None:
    assert dict(zip(_PROBES, careless[code][1:], strict=True)) == dict.fromkeys(_PROBES, "refused")
    assert not (places / "ran").exists()


async def test_a_transformer_of_a_cell_comes_before_the_check(session: Session) -> None:
    await session.execute(
        "import ast\n"
        "class Plant(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node):\n"
        "        return ast.parse('__import__(\"socket\")').body[0].value\n"
        "get_ipython().ast_transformers.append(Plant())"
    )
    assert (await session.execute("7")).status == "refused"


async def test_a_failing_transformer_takes_no_check_along(session: Session) -> None:
    await session.execute(
        "class Failing:\n"
        "    def visit(self, node): raise RuntimeError\n"
        "get_ipython().ast_transformers.append(Failing())"
    )
    assert (await session.execute("import socket")).status == "refused"


async def test_a_check_that_fails_refuses_the_cell(session: Session) -> None:
    await session.execute("import ast\nast.Import = None")
    execution = await session.execute("done = 1")
    assert execution.status == "refused"
    assert execution.error is not None
    assert "could not be checked, so it was not run" in execution.error.message


async def test_the_guard_is_the_same_after_a_restart_and_a_crash(session: Session) -> None:
    async def probe() -> list[str]:
        return [(await session.execute(code)).status for code in _PROBES]

    await session.execute("x = 1")
    await asyncio.sleep(0.2)
    assert (await session.execute("import os; os.abort()")).status == "killed"
    assert set(await probe()) == {"refused"}
    await session.restart()
    assert set(await probe()) == {"refused"}


async def test_refused_imports_can_be_done_without(session: Session, workspace: Path) -> None:
    (workspace / "careful.py").write_text(
        "try:\n    import requests\nexcept ImportError:\n    requests = None\n"
    )
    assert (await session.execute("import careful; careful.requests is None")).value is True


async def test_libraries_that_look_for_programs_do_without(session: Session) -> None:
    """They expect that there may be none, and so an `OSError`."""
    code = "import platform, uuid\nplatform.processor(), uuid.getnode() > 0"
    found = await session.execute(code)
    assert found.status == "ok", found.error

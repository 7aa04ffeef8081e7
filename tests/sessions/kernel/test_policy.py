"""A policy is data: it travels, is added to and taken from, and knows modules by their parents."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import Limits, Session
from sessions.kernel.checking import refusals
from sessions.kernel.policy import DEFAULT, Policy


def _told(code: str, policy: Policy = DEFAULT, **variables: object) -> list[str]:
    return [refusal.reason for refusal in refusals(ast.parse(code), policy, variables)]


def test_it_travels_as_json() -> None:
    policy = DEFAULT.refusing("duckdb").allowing("socket").strictly()
    assert Policy.from_plain(json.loads(json.dumps(policy.plain()))) == policy


def test_what_is_refused_is_refused_with_all_below() -> None:
    assert DEFAULT.module("xmlrpc.client")
    assert DEFAULT.module("xmlrpcx") is None
    assert DEFAULT.module("urllib.parse") is None


def test_the_longest_name_decides() -> None:
    policy = Policy(modules={"xmlrpc": "no", "xmlrpc.client": "", "xmlrpc.client.deep": "no"})
    assert policy.module("xmlrpc.client") is policy.module("xmlrpc.client.x") is None
    assert policy.module("xmlrpc.client.deep.er")
    assert policy.module("xmlrpc.server")


def test_allowing_takes_in_what_is_below_and_refusing_too() -> None:
    policy = DEFAULT.allowing("http", "os", "%bash")
    assert policy.module("http.client") is policy.call("os.system") is policy.magic("bash") is None
    again = policy.refusing("http", "os")
    assert again.module("http.client")
    assert again.call("os.system")
    assert DEFAULT.module("http.client")  # policies do not change


@pytest.mark.parametrize("name", ["", "%", "a b", "a..b", ".a", "a.", "rm -rf", "%%%a", "1a"])
def test_what_is_no_name_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a module"):
        DEFAULT.refusing(name)


_names = st.from_regex(r"[a-z]{1,3}(\.[a-z]{1,3}){0,2}", fullmatch=True)


@given(st.lists(_names), _names)
def test_the_last_word_counts(others: list[str], name: str) -> None:
    assert DEFAULT.allowing(*others).refusing(name).name(name)
    assert DEFAULT.refusing(*others, name).allowing(name).name(name) is None


@pytest.mark.parametrize(
    "code",
    [
        "import os as o\no.system('x')",
        "from os import path, system as s",
        "import os\ngetattr(os, 'system')('x')",
        "import urllib\nurllib.request.urlopen('x')",
        "from http.client import *",
        "def f():\n    async def g():\n        import socket",
        "[__import__('socket') for _ in 'x']",
        "match 1:\n    case 1 if __import__('socket'): pass",
        "lambda: __import__('socket')",
        "@__import__('socket').x\ndef f(): pass",
        "f'{__import__(\"socket\")}'",
    ],
)
def test_aliases_and_corners_are_looked_through(code: str) -> None:
    assert _told(code)


@pytest.mark.parametrize(
    "code",
    [
        "from . import socket",
        "from .socket import x",
        "socket = 1\nsocket.bit_length()",
        "platform.system()",
        "system = 1\nsystem",
        "df.subprocess.run",
        "class http:\n    client = 1\nhttp.client",
        "x['os.system']",
    ],
)
def test_what_only_looks_alike_is_let_through(code: str) -> None:
    assert _told(code) == []


def test_names_of_earlier_cells_are_known() -> None:
    import os

    assert _told("o.system('x')", o=os)
    assert _told("system('x')", system=os.system) == []  # the audit hook sees it
    assert _told("o.system('x')", o=1) == []


def test_a_module_is_told_once() -> None:
    told = _told("import subprocess\nsubprocess.run('x'); subprocess.call('y')")
    assert len(set(told)) == 1


async def test_a_session_has_its_own_policy(workspace: Path) -> None:
    policy = DEFAULT.refusing("os.remove", "colorsys", "%who").allowing("socket")
    async with Session(workspace, Limits.quick(), policy=policy) as session:
        for code in ("import os; os.remove('x')", "exec('import colorsys')", "%who", "!ls"):
            execution = await session.execute(code)
            assert (execution.status, execution.error is None) == ("refused", False), code
        assert (await session.execute("import socket; socket.AF_UNIX")).status == "ok"
        await session.restart()
        assert (await session.execute("import colorsys")).status == "refused"


async def test_what_is_allowed_still_meets_the_walls(workspace: Path) -> None:
    async with Session(workspace, Limits.quick(), policy=DEFAULT.allowing("socket")) as session:
        execution = await session.execute("import socket; socket.socket()")
        assert execution.status == "error"
        assert execution.error is not None
        assert execution.error.name == "PermissionError"

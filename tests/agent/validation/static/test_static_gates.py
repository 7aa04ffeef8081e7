"""The gates that only read: what blocks, what is advice, and that nothing silences them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.running.bench import Bench
from agent.validation.static import dependencies as packages
from agent.validation.static.checkers import CheckerError, checked
from agent.validation.static.dependencies import dependencies
from agent.validation.static.lint import lint
from agent.validation.static.policy import policy
from agent.validation.static.secret_values import secrets
from agent.validation.static.security import dangerous_code, security
from agent.validation.static.typecheck import types, without_comments
from benchmarks.insecure import Planted, read_planted

PLANTED = read_planted()
HELD_BACK = [planted for planted in PLANTED if planted.held_back and planted.insecure]
NOQA, IGNORE = "# no" + "qa", "# type: " + "ignore"  # no exemptions of this file


def of(source: str) -> Candidate:
    return Candidate(name="f", source=source, tests="def test_f():\n    f()\n")


async def safety(candidate: Candidate, desk: Bench) -> list[Finding]:
    gates = (policy, dangerous_code, security, secrets, dependencies)
    return [await gate(candidate, desk) for gate in gates]


@pytest.mark.parametrize(
    "planted",
    [planted for planted in PLANTED if planted not in HELD_BACK],
    ids=lambda planted: planted.id,
)
async def test_planted_weaknesses_are_found_and_clean_programs_are_left_alone(
    planted: Planted, desk: Bench
) -> None:
    found = [finding for finding in await safety(planted.candidate, desk) if finding.problems]
    assert bool(found) == planted.insecure, found


async def test_nearly_all_weaknesses_that_no_gate_was_made_for_are_found(desk: Bench) -> None:
    found = 0
    for planted in HELD_BACK:
        found += any(finding.problems for finding in await safety(planted.candidate, desk))
    assert found >= 0.95 * len(HELD_BACK)  # which ones, nobody looks: they stay held back


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return eval(x)  # nosec\n",
        f"def f(x):\n    return eval(x)  {NOQA}\n",
        f"# ruff: {NOQA[2:]}\ndef f(x):\n    return eval(x)\n",
        f"def f(x):\n    return eval(x)  {NOQA}: S307 -- checked\n",
    ],
)
async def test_no_comment_silences_security(desk: Bench, source: str) -> None:
    assert (await security(of(source), desk)).problems
    assert (await dangerous_code(of(source), desk)).problems


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return unknown\n",
        f"def f():\n    return unknown  {NOQA}\n",
        f"# ruff: {NOQA[2:]}\ndef f():\n    return unknown\n",
        f"# flake8: {NOQA[2:]}\ndef f():\n    x = 1\n    return x is 'a'\n",
    ],
)
async def test_lint_blocks_mistakes_whatever_comments_say(desk: Bench, source: str) -> None:
    assert (await lint(of(source), desk)).problems


async def test_style_is_advice(desk: Bench) -> None:
    found = await lint(of("import re\n\n\ndef f(l = []):\n    if l == None: return 1\n"), desk)
    assert not found.problems
    assert found.advice


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(n: int) -> str:\n    return n + 1\n", "return-value"),
        ("def f(text: str) -> str:\n    return text.uper()\n", "attr-defined"),
        (f"def f(text: str) -> str:\n    return text.uper()  {IGNORE}\n", "attr-defined"),
        ("# mypy: ignore-errors\ndef f(text: str) -> str:\n    return text.uper()\n", "attr-def"),
        (f"{IGNORE}\ndef f(text: str) -> str:\n    return text.uper()\n", "attr-defined"),
    ],
)
async def test_contradictions_of_types_block(desk: Bench, source: str, code: str) -> None:
    assert code in "".join((await types(of(source), desk)).problems)


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    return n\n",
        "import nowhere_to_be_found\n\n\ndef f(n: int) -> int:\n    return n\n",
        "def f(n: int) -> int:\n    if n:\n        return 1\n    return None\n",
    ],
)
async def test_what_strict_types_would_like_is_advice_at_most(desk: Bench, source: str) -> None:
    assert not (await types(of(source), desk)).problems


async def test_another_candidate_is_not_taken_for_the_last_one(desk: Bench) -> None:
    right, wrong = (f"def f(n: int) -> int:\n    return n{end}\n" for end in ("+1", ".x"))
    assert not (await types(of(right), desk)).problems
    assert (await types(of(wrong), desk)).problems
    assert not (await types(of(right), desk)).problems


def test_comments_go_and_lines_stay() -> None:
    source = f'x = "# no comment"  {IGNORE}\n# mypy: ignore-errors\ny = 1\n'
    assert without_comments(source) == 'x = "# no comment"\n\ny = 1\n'


async def test_configuration_in_the_working_directory_is_not_read(
    desk: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ruff.toml").write_text('lint.ignore = ["ALL"]\nexclude = ["*"]\n')
    (tmp_path / "mypy.ini").write_text("[mypy]\nignore_errors = True\n")
    (tmp_path / "mypy.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "ruff.py").write_text("raise SystemExit(0)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("RUFF_CONFIG", str(tmp_path / "ruff.toml"))
    monkeypatch.setenv("MYPYPATH", str(tmp_path))
    bad = of("def f(text: str) -> str:\n    return text.uper(unknown, eval('1'))\n")
    for gate in (lint, types, security):
        assert (await gate(bad, desk)).problems, gate


async def test_a_checker_that_is_missing_is_told_and_security_fails_closed(
    desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.validation.static.checkers._program", lambda _: [os.devnull])
    with pytest.raises(CheckerError, match="can't be run"):
        await checked("ruff")
    fine = of("def f() -> int:\n    return 1\n")
    assert (await security(fine, desk)).problems
    assert (await lint(fine, desk)).unsure
    assert (await types(fine, desk)).unsure


@pytest.mark.parametrize(
    "value",
    [
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "sk-ant-" + "a1B2c3" * 5,
        "-----BEGIN " + "PRIVATE KEY-----",
        "postgres://user:" + "hunter22@host/db",
        "xoxb-" + "123456789012-abcdef",
        "q8Zx3Lw0Rt6Yb1Nm5Kc9Vd2Hf7Js4Gp",
    ],
)
async def test_forms_of_secrets_are_known_in_code_and_tests(desk: Bench, value: str) -> None:
    assert (await secrets(of(f"def f():\n    return {value!r}\n"), desk)).problems
    tests = f"def test_f():\n    assert f() == {value!r}\n"
    assert (await secrets(Candidate(name="f", source="", tests=tests), desk)).problems


@pytest.mark.parametrize(
    "source",
    [
        "ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'\n",
        "def f(password: str = ''):\n    return password\n",
        "TOKEN_PATTERN = r'[a-z]+'\n",
        "def f(user):\n    return user['password'] == user['repeated']\n",
        "URL = 'https://example.org/a/b?c=d'\n",
        "NAMES = {'password': 'the password', 'token': None}\n",
    ],
)
async def test_what_only_looks_like_a_secret_is_none(desk: Bench, source: str) -> None:
    assert not (await secrets(of(source), desk)).problems


async def test_names_one_slip_from_a_popular_package_are_refused(desk: Bench) -> None:
    for name in ("nunpy", "pandsa", "requets", "reqeusts"):
        assert (await dependencies(of(f"import {name}\n"), desk)).problems, name
    for name in ("numpy", "pandas", "json", "learned_skills"):
        assert not (await dependencies(of(f"import {name}\n"), desk)).problems, name


async def test_licences_and_weak_versions_come_from_the_metadata(
    desk: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    info = tmp_path / "pillow-9.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: pillow\nVersion: 9.0.0\nLicense: GPL-3.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packages, "_owners", lambda: {"PIL": ["pillow"]})
    found = await dependencies(of("from PIL import Image\n"), desk)
    assert "CVE-" in found.problems[0]
    assert "GPL-3.0" in found.advice[0]


async def test_what_is_not_installed_is_said_not_to_be_checked(desk: Bench) -> None:
    found = await dependencies(of("import nowhere_to_be_found\n"), desk)
    assert not found.problems
    assert "neither licence nor weaknesses" in found.advice[0]


@pytest.mark.parametrize(
    "source",
    [
        "import sys\n\n\ndef f():\n    return sys.maxsize\n",
        "from sys import maxsize\n\n\ndef f():\n    return maxsize\n",
        "import collections\n\n\ndef f(x):\n    return isinstance(x, collections.abc.Iterable)\n",
        "def f(input):\n    return input + 1\n",
    ],
)
async def test_policy_lets_harmless_uses_through(desk: Bench, source: str) -> None:
    assert not (await policy(of(source), desk)).problems


@pytest.mark.parametrize(
    "source",
    [
        "import sys\n\n\ndef f():\n    return sys.modules\n",
        "import sys as s\n\n\ndef f():\n    return s.argv\n",
        "import sys\n\n\ndef f():\n    t = sys\n    return t.argv\n",
        "from sys import modules\n\n\ndef f():\n    return modules\n",
        "import random\n\n\ndef f():\n    return random._os.environ\n",
        "from random import _os\n\n\ndef f():\n    return _os\n",
        "import statistics as s\n\n\ndef f():\n    return s.sys.argv\n",
        "def f():\n    return input('name')\n",
    ],
)
async def test_policy_refuses_ways_to_what_lies_around(desk: Bench, source: str) -> None:
    assert (await policy(of(source), desk)).problems

"""The promises that the repository's files make to each other and to their readers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("sessions", "tools_registry", "subagents", "agent")
TOP_LEVEL = [
    *PACKAGES,
    *("learned_skills", "notebooks", "tests", "benchmarks", "pyproject.toml", "README.md"),
    *("COMPLETE.md", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *(".ci/run", ".pre-commit-config.yaml", "requirements.lock"),
]
# Paths that exist on one machine only.
ONLY_HERE = re.compile(r"(?<![\w.])/(?:work|Users)/|(?<![\w-])shared/(?:bench|facts|seeds)\b")
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
LARGEST_FILE = 1_000_000
# What no module of ours imports, and why it is a dependency all the same.
NOT_IMPORTED = {
    "anthropic": "pydantic-ai speaks to Anthropic by it",
    "openai": "pydantic-ai speaks to everything OpenAI-compatible by it",
    "pyarrow": "for code in the kernel: pandas reads and writes Parquet by it",
    "nbformat": "for the notebook that a session is paired with",
    "psutil": "for figures of the kernel's processes",
    "mypy": "a gate asks it about a candidate, as a process of its own",
    "ruff": "gates ask it about a candidate, as a process of its own",
}


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [f for name in listing.stdout.split("\0") if (f := ROOT / name).is_file() and name]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return {name_of(file): ast.parse(file.read_text("utf-8")) for file in tracked("*.py")}


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def lock() -> dict[str, str]:
    """Version of each locked distribution."""
    return {canonicalize_name(name): version for name, version in pins()}


def pins() -> Iterator[tuple[str, str]]:
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^ ]+) ", line):
            yield found[1], found[2]


def requirements(pyproject: dict[str, Any]) -> list[Requirement]:
    project = pyproject["project"]
    groups = [
        project["dependencies"],
        pyproject["build-system"]["requires"],
        *project["optional-dependencies"].values(),
        *pyproject["dependency-groups"].values(),
    ]
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_the_top_level_stands(name: str) -> None:
    assert tracked(name), f"{name} is missing, or not in git"


def test_no_file_names_a_place_that_readers_do_not_have() -> None:
    guilty = [
        f"{name_of(file)}:{number}: {line.strip()[:80]}"
        for file in tracked()
        for number, line in enumerate(file.read_text("utf-8", "ignore").splitlines(), 1)
        if ONLY_HERE.search(line)
    ]
    assert guilty == []


@pytest.mark.parametrize("parts", [("", "work", "main"), ("..", "shared", "bench", "a.csv")])
def test_a_place_that_readers_do_not_have_is_recognised(parts: tuple[str, ...]) -> None:
    assert ONLY_HERE.search(f"open('{'/'.join(parts)}')")


def test_no_file_is_large() -> None:
    assert [name_of(file) for file in tracked() if file.stat().st_size > LARGEST_FILE] == []


def test_every_dependency_is_capped(pyproject: dict[str, Any]) -> None:
    free = [
        str(requirement)
        for requirement in requirements(pyproject)
        if not any(part.operator in {"<", "==", "~="} for part in requirement.specifier)
    ]
    assert free == []


def test_the_lock_has_every_dependency(pyproject: dict[str, Any], lock: dict[str, str]) -> None:
    missing = [
        str(requirement)
        for requirement in requirements(pyproject)
        if (version := lock.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(version)
    ]
    assert missing == [], "run `make lock`"


def test_the_lock_pins_and_hashes_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(entries) > 100
    assert [entry.split()[0] for entry in entries if "==" not in entry.split()[0]] == []
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links", text) == []


def test_every_dependency_is_used(declared: set[str], imported: dict[str, set[str]]) -> None:
    used = {distribution for owners in imported.values() for distribution in owners}
    assert sorted(declared - used - set(NOT_IMPORTED)) == []


def test_every_import_is_declared(declared: set[str], imported: dict[str, set[str]]) -> None:
    foreign = {name for name, owners in imported.items() if not owners & {*declared, "ipysmith"}}
    assert sorted(foreign) == []


@pytest.fixture(scope="module")
def declared(pyproject: dict[str, Any]) -> set[str]:
    """Distributions that come with ours, or can be had with it."""
    extras = pyproject["project"]["optional-dependencies"]
    lines = [*pyproject["project"]["dependencies"], *extras["onnx"]]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.fixture(scope="module")
def imported(modules: dict[str, ast.Module]) -> dict[str, set[str]]:
    """What our packages import beyond themselves and the standard library, and whose it is."""
    names = {
        found.split(".")[0]
        for name, tree in modules.items()
        if name.split("/")[0] in PACKAGES
        for found in imported_by(tree)
    }
    owners = packages_distributions()
    foreign = names - sys.stdlib_module_names - {*PACKAGES}
    return {name: {str(canonicalize_name(o)) for o in owners.get(name, [name])} for name in foreign}


def imported_by(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def test_every_module_says_what_it_is(modules: dict[str, ast.Module]) -> None:
    silent = [name for name, tree in modules.items() if not ast.get_docstring(tree)]
    # A skill file says it in its one function.
    assert [name for name in silent if not name.startswith("learned_skills/")] == []


def test_no_module_is_long() -> None:
    lengths = {name_of(file): len(file.read_bytes().splitlines()) for file in tracked("*.py")}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_function_is_long(modules: dict[str, ast.Module]) -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_every_exemption_from_lint_says_from_what() -> None:
    blanket = re.compile(r"#\s*(?:noqa(?!:\s*[A-Z]+\d)|type:\s*ignore(?!\[)|ruff:\s*noqa)", re.I)
    guilty = [
        f"{name_of(file)}:{number}"
        for file in tracked("*.py")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if blanket.search(line)
    ]
    assert guilty == []

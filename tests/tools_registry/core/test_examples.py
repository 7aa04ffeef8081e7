"""Every core tool has types, a complete docstring, and examples that hold."""

import ast
import doctest
import importlib
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tools_registry.core

FOLDER = Path(tools_registry.core.__file__).parent


def categories() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("[!_]*.py"))


def tools() -> Iterator[tuple[str, ast.FunctionDef]]:
    for category in categories():
        for node in ast.parse((FOLDER / f"{category}.py").read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield category, node


TOOLS = [pytest.param(category, node, id=node.name) for category, node in tools()]


def load(category: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"tools_registry.core.{category}"), name
    )
    return found


@pytest.mark.parametrize(("category", "node"), TOOLS)
def test_examples_hold(category: str, node: ast.FunctionDef) -> None:
    function = load(category, node.name)
    [test] = doctest.DocTestFinder(recurse=False).find(
        function, node.name, globs={node.name: function}
    )
    calls = [example for example in test.examples if f"{node.name}(" in example.source]
    assert len(calls) >= 2, "a tool needs two examples or more"
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize(("category", "node"), TOOLS)
def test_says_what_it_takes_and_gives(category: str, node: ast.FunctionDef) -> None:
    doc = ast.get_docstring(node) or ""
    arguments = [*node.args.args, *node.args.kwonlyargs]
    assert node.returns is not None
    assert all(argument.annotation for argument in arguments)
    assert "\nReturns:\n" in doc
    assert all(f"\n    {argument.arg}: " in doc for argument in arguments)
    assert inspect.cleandoc(doc).splitlines()[0].endswith(".")


def test_names_are_unique_and_many() -> None:
    counts = Counter(node.name for _, node in tools())
    assert [name for name, count in counts.items() if count > 1] == []
    assert len(counts) >= 80


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_importing_costs_only_the_standard_library(file: Path) -> None:
    """Anything heavier is imported where it is used; nothing else of the product is there."""
    nodes = ast.walk(ast.parse(file.read_text()))
    relative = [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.level]
    assert all(name is None or (FOLDER / f"{name}.py").is_file() for name in relative)
    body = ast.parse(file.read_text()).body
    names = [alias.name for node in body if isinstance(node, ast.Import) for alias in node.names]
    names += [n.module or "" for n in body if isinstance(n, ast.ImportFrom) and not n.level]
    heavy = ("pandas", "numpy", "matplotlib", "IPython", "tools_registry", "sessions", "agent")
    assert not [name for name in names if name.split(".")[0] in heavy]

"""What a package offers is what its `__all__` says: no more, no less, and all of it is there."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("sessions", "tools_registry", "subagents", "agent")


def package_files() -> dict[str, Path]:
    files = (file for layer in LAYERS for file in sorted((ROOT / layer).rglob("__init__.py")))
    return {".".join(file.relative_to(ROOT).parent.parts): file for file in files}


def listed(tree: ast.Module) -> list[str]:
    """The names in `__all__`; none if there is none."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return list(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                return list(ast.literal_eval(value))
    return []


def exported(tree: ast.Module) -> set[str]:
    """Public names that the package binds and that are its own: no library it uses."""
    names = {name for node in at_top(tree.body) for name in bound_by(node)}
    return {name for name in names if not name.startswith("_")}


def at_top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from at_top(node.body)
        yield node


def bound_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module=module, level=level, names=names):
            if level or (module or "").split(".")[0] in LAYERS:
                yield from (alias.asname or alias.name for alias in names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def in_order(names: Iterable[str]) -> list[str]:
    """Constants, then classes, then functions, each by name: what ruff's RUF022 writes."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


PACKAGES = package_files()


def parse(package: str) -> ast.Module:
    return ast.parse(PACKAGES[package].read_text("utf-8"))


@pytest.mark.parametrize("package", PACKAGES)
def test_all_lists_what_the_package_exports(package: str) -> None:
    tree = parse(package)
    names = listed(tree)
    assert set(names) == exported(tree)
    assert len(names) == len(set(names))
    assert names == in_order(names)


@pytest.mark.parametrize("package", [name for name in PACKAGES if listed(parse(name))])
def test_every_listed_name_resolves(package: str) -> None:
    module = importlib.import_module(package)
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert missing == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from .tool import Tool, _hidden", {"Tool"}),
        ("from sessions.errors import UsageError as Mistake", {"Mistake"}),
        ("from typing import Any\nimport os", set()),
        ("if TYPE_CHECKING:\n    from .late import Late", {"Late"}),
        ("LIMIT: int = 3\ndef make(): ...\nclass Made: ...", {"LIMIT", "make", "Made"}),
    ],
)
def test_the_check_sees_what_is_exported(source: str, names: set[str]) -> None:
    assert exported(ast.parse(source)) == names

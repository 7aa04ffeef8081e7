"""Imports point down (sessions <- tools_registry <- subagents <- agent), never in a circle.

Everything counts: imports inside functions, under TYPE_CHECKING, and by `import_module("…")`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("sessions", "tools_registry", "subagents", "agent")
BESIDE = frozenset({"benchmarks", "learned_skills", "notebooks", "tests"})
PRIVATE_NAMES = {
    "_agent_installer": "sessions.installer",
    "_agent_isolation": "sessions.isolation",
    "_agent_kernel": "sessions.kernel",
}
SELF_CONTAINED = ("sessions.kernel", "sessions.installer", "tools_registry.core")
ISOLATION = "sessions.isolation"
ISOLATION_MAY_USE = frozenset({"sessions.errors", "sessions.limits"})
KERNEL_ENTRY = "sessions.kernel.serving"  # where the launcher hands over

Modules = Mapping[str, tuple[Path, ast.Module]]


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import statement: which module asks for which."""

    source: str
    target: str
    relative: bool
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def module_name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read_modules(root: Path) -> Modules:
    files = (file for layer in LAYERS for file in sorted((root / layer).rglob("*.py")))
    return {module_name(f, root): (f, ast.parse(f.read_text("utf-8"), str(f))) for f in files}


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def base_of(node: ast.ImportFrom, source: str, *, is_package: bool) -> str:
    """The module after `from`, absolute."""
    if not node.level:
        return node.module or ""
    up = node.level - is_package
    parts = source.split(".")[: -up or None]
    return ".".join([*parts, *filter(None, [node.module])])


def targets_of(node: ast.AST, source: str, modules: Modules) -> Iterator[str]:
    is_package = modules[source][0].name == "__init__.py"
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(names=names):
            base = base_of(node, source, is_package=is_package)
            for alias in names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in modules else base
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            first, dot, rest = name.partition(".")
            yield PRIVATE_NAMES.get(first, first) + dot + rest


def find_imports(modules: Modules) -> list[Import]:
    return [
        Import(
            source=source,
            target=target,
            relative=isinstance(node, ast.ImportFrom) and node.level > 0,
            line=getattr(node, "lineno", 0),
        )
        for source, (_, tree) in modules.items()
        for node in ast.walk(tree)
        for target in targets_of(node, source, modules)
    ]


def upward(found: Import) -> bool:
    """A lower layer asks for a higher one, or a package for what is not installed with it."""
    source, target = found.source.split(".")[0], found.target.split(".")[0]
    if target in BESIDE:
        return True
    return target in LAYERS and LAYERS.index(target) > LAYERS.index(source)


def leaves_the_kernel(found: Import) -> bool:
    """What runs inside asks for other code of ours, or for itself by a name only the host has."""
    home = next((home for home in SELF_CONTAINED if is_within(found.source, home)), None)
    if home is None or found.target.split(".")[0] not in LAYERS:
        return False
    return not (found.relative and is_within(found.target, home))


def enters_the_core_tools(found: Import) -> bool:
    """The host reads core tools by `ast`; only the kernel executes them."""
    core = "tools_registry.core"
    return is_within(found.target, core) and not is_within(found.source, core)


def burdens_isolation(found: Import) -> bool:
    """Every kernel starts through isolation: it can afford the standard library, no more."""
    if not is_within(found.source, ISOLATION) or is_within(found.target, ISOLATION):
        return False
    allowed = found.target in {*ISOLATION_MAY_USE, KERNEL_ENTRY}
    return not allowed and found.target.split(".")[0] not in sys.stdlib_module_names


def find_cycle(imports: list[Import]) -> list[str]:
    """One cycle of modules, first and last the same; empty if there is none."""
    below: dict[str, set[str]] = {}
    for found in imports:
        below.setdefault(found.source, set()).add(found.target)
    done: set[str] = set()

    def descend(module: str, path: tuple[str, ...]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for target in sorted(below.get(module, ())):
            if cycle := descend(target, (*path, module)):
                return cycle
        done.add(module)
        return []

    return next(filter(None, (descend(module, ()) for module in sorted(below))), [])


Rule = Callable[[Import], bool]
RULES: tuple[Rule, ...] = (upward, leaves_the_kernel, enters_the_core_tools, burdens_isolation)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return find_imports(read_modules(ROOT))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_import_breaks_the_rule(imports: list[Import], rule: Rule) -> None:
    assert [str(found) for found in imports if rule(found)] == []


def test_no_module_waits_for_itself(imports: list[Import]) -> None:
    assert find_cycle(imports) == []


def plant(root: Path, sources: Mapping[str, str]) -> list[Import]:
    """The imports of a small tree of modules."""
    for name, source in sources.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
    return find_imports(read_modules(root))


UNDER_TYPE_CHECKING = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from subagents import runner
"""


@pytest.mark.parametrize(
    ("file", "source", "rule"),
    [
        ("sessions/session.py", "from tools_registry import tool", upward),
        ("sessions/session.py", "def late():\n    import agent.events", upward),
        ("tools_registry/tool.py", UNDER_TYPE_CHECKING, upward),
        ("subagents/runner.py", "import importlib\nimportlib.import_module('agent')", upward),
        ("agent/build.py", "from learned_skills import slug", upward),
        ("sessions/kernel/guard.py", "from sessions.errors import Refused", leaves_the_kernel),
        ("sessions/kernel/guard.py", "from sessions.kernel.hooks import a", leaves_the_kernel),
        ("sessions/kernel/guard.py", "from ..errors import Refused", leaves_the_kernel),
        ("tools_registry/core/text.py", "from ..tool import Tool", leaves_the_kernel),
        ("tools_registry/registry.py", "from .core import text", enters_the_core_tools),
        ("sessions/isolation/launcher.py", "import psutil", burdens_isolation),
        (
            "sessions/isolation/launcher.py",
            "from importlib import import_module\nimport_module('_agent_kernel.shell')",
            burdens_isolation,
        ),
        ("sessions/isolation/launcher.py", "from sessions.session import S", burdens_isolation),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, source: str, rule: Rule) -> None:
    assert any(rule(found) for found in plant(tmp_path, {file: source}))


def test_imports_that_point_down_are_left_alone(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "sessions/kernel/guard.py": "from . import hooks\nfrom .hooks import install",
            "sessions/kernel/hooks.py": "import IPython",
            "sessions/isolation/launcher.py": "import ctypes\nfrom sessions.errors import A\n"
            "from . import spec",
            "sessions/isolation/spec.py": "from __future__ import annotations",
            "tools_registry/registry.py": "from sessions.errors import UsageError\nimport numpy",
            "agent/build.py": "from subagents.runner import Runner\nimport tools_registry.registry",
        },
    )
    assert len(planted) == 11
    assert [str(found) for found in planted if any(rule(found) for rule in RULES)] == []
    assert find_cycle(planted) == []


def test_a_planted_cycle_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "sessions/__init__.py": "from .session import Session",
            "sessions/session.py": "def late():\n    from .client import Client",
            "sessions/client.py": "from . import Session",
        },
    )
    assert find_cycle(planted) == ["sessions", "sessions.session", "sessions.client", "sessions"]

"""The parts of an agent's file, taken from its text; nothing in it is run."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from subagents.agent_role import FORBIDDEN, GRANTABLE
from subagents.plain_types import plain_type
from tools_registry.skills import skill_name
from tools_registry.skills.dependencies import imports_of
from tools_registry.skills.hidden import visible
from tools_registry.source import SourceError, parse, public_functions

TAKEN = frozenset(
    {
        *("coordinator", "code_generator", "test_generator", "reviewer", "agent_generator"),
        *("referee", "code", "test", "review", "agent", "agents", "skills"),
    }
)
"""Roles that come with the package, to which their cost is counted, and what they are called."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST_INSTRUCTIONS = 12_000
_MOST_FUNCTIONS = 12
_MOST_BYTES = 64 * 1024
_RESERVED = frozenset({*GRANTABLE, *FORBIDDEN})


@dataclass(frozen=True, kw_only=True)
class FileParts:
    """What stands in the file.

    Attributes:
        summary: Its docstring on one line.
        instructions: The text of `INSTRUCTIONS`.
        role: The expression of `ROLE`; None if there is none.
        code: Imports and functions, as they stand there.
        problems: What is wrong, each in a few words.
    """

    summary: str = ""
    instructions: str = ""
    role: ast.expr | None = None
    code: str = ""
    problems: tuple[str, ...] = ()


def read_parts(name: str, text: str) -> FileParts:
    """Take a file apart; what is missing or odd becomes a problem."""
    if len(text.encode("utf-8", "replace")) > _MOST_BYTES:
        return FileParts(problems=(f"it is larger than {_MOST_BYTES // 1024} KB",))
    try:
        tree = parse(visible(text))
    except SourceError as error:
        return FileParts(problems=(f"line {error.line}: the file {error}",))
    summary = " ".join((ast.get_docstring(tree) or "").split())
    instructions = _text(_assigned(tree, "INSTRUCTIONS")).strip()
    problems = [
        *filter(None, [objection(name)]),
        *(["it has no docstring that says what the agent does"] if not summary else []),
        *_problems_of_instructions(instructions),
        *_problems_at_top(tree),
        *_problems_of_imports(tree),
        *(problem for function in functions_of(tree) for problem in _problems_of(function)),
    ]
    if len(functions_of(tree)) > _MOST_FUNCTIONS:
        problems.append(f"it has more than {_MOST_FUNCTIONS} functions for its model")
    return FileParts(
        summary=summary,
        instructions=instructions,
        role=_assigned(tree, "ROLE"),
        code=_code(tree, text),
        problems=tuple(problems),
    )


def functions_of(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions that the agent's model may call."""
    return [f for f in public_functions(tree).values() if isinstance(f, ast.FunctionDef)]


def objection(name: str) -> str:
    """Why a name can't be that of an agent; "" if it can."""
    if not _NAME.fullmatch(name):
        return "its name must be at most 64 lower-case letters, digits and _, a letter first"
    if name in TAKEN:
        return "its name is that of a sub-agent that comes with the package"
    if name.startswith("test_"):
        return "its name begins with test_, as those of tests do"
    if keyword.iskeyword(name) or hasattr(builtins, name):
        return "its name is a word of the language"
    return ""


def _problems_of_instructions(text: str) -> Iterator[str]:
    if not text:
        yield "it has no INSTRUCTIONS: assign a text to that name"
    elif len(text) > _LONGEST_INSTRUCTIONS:
        yield f"its INSTRUCTIONS are longer than {_LONGEST_INSTRUCTIONS} characters"


def _problems_at_top(tree: ast.Module) -> Iterator[str]:
    seen: set[str] = set()
    for index, node in enumerate(tree.body):
        match node:
            case ast.Expr(value=ast.Constant(value=str())) if index == 0:
                continue
            case ast.Import() | ast.FunctionDef():
                continue
            case ast.ImportFrom(names=names) if all(alias.name != "*" for alias in names):
                continue
            case ast.Assign(targets=[ast.Name(id="INSTRUCTIONS" | "ROLE" as name)]):
                if name in seen:
                    yield f"line {node.lineno}: {name} is assigned twice"
                seen.add(name)
                continue
        yield (
            f"line {node.lineno}: at the top level only the docstring, imports by name, "
            "INSTRUCTIONS, ROLE and functions (not async) may stand"
        )


def _problems_of_imports(tree: ast.Module) -> Iterator[str]:
    """Skills change under who imports them, and their dependents are tested again: skills alone."""
    try:
        if found := imports_of(tree):
            yield f"it imports the skill {found[0]}, which only skills may: copy what it needs"
    except SourceError as error:
        yield f"line {error.line}: it {error}"


def _problems_of(function: ast.FunctionDef) -> Iterator[str]:
    where = f"line {function.lineno}: {function.name}"
    arguments = function.args
    if function.name in _RESERVED:
        yield f"{where} is the name of a tool that comes with the package"
    elif reason := skill_name.objection(function.name):
        yield f"{where} can't be the name of a tool: {reason}"
    if function.decorator_list:
        yield f"{where} has a decorator"
    if not ast.get_docstring(function):
        yield f"{where} has no docstring for the model to read"
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        yield f"{where} must name its parameters, all to be given by keyword"
    for arg in [*arguments.args, *arguments.kwonlyargs]:
        if not arg.arg.isascii():
            yield f"{where}, parameter {arg.arg!a}: use the letters a to z"
        try:
            plain_type(ast.unparse(arg.annotation) if arg.annotation else "nothing")
        except ValueError as error:
            yield f"{where}, parameter {arg.arg}: {error}"


def _assigned(tree: ast.Module, name: str) -> ast.expr | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
    return None


def _text(node: ast.expr | None) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def _code(tree: ast.Module, text: str) -> str:
    """Imports and functions with their comments."""
    lines = text.splitlines()
    wanted = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom | ast.FunctionDef)]
    pieces = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in wanted]
    return "\n\n\n".join(pieces)

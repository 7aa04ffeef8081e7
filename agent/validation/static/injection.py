"""Texts that become commands: queries, pages and paths put together from what a caller gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from agent.validation.static.dangers import Danger, Function
from agent.validation.static.names import dotted, imported

_SQL = re.compile(
    r"^\s*(?:select\b.+\bfrom\b|insert\s+into\b|update\b.+\bset\b|delete\s+from\b"
    r"|drop\s+table\b|alter\s+table\b|create\s+table\b|(?:select|where)\b.+=\s*'?$)",
    re.IGNORECASE | re.DOTALL,
)
_SINKS = re.compile(
    r"(?:^|\.)(?:execute|executemany|executescript|read_sql\w*|raw|xpath|search_s)$"
)
_TAG = re.compile(r"<(?:[a-z][a-z0-9]*)(?:\s[^<>]*)?/?>|(?:href|src|onclick)\s*=", re.IGNORECASE)
_CLEANED = re.compile(r"escape|quote|sanitiz|bleach|Markup|urlencode|\bint\(|\bfloat\(|\blen\(")
_NUMERIC = re.compile(r"[deEfFgGnxXob%]$")
_OPENERS = ("open", "io.open", "codecs.open", "os.remove", "os.unlink", "shutil.rmtree")
_PATH_METHODS = frozenset(
    {
        *("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink"),
        *("rmdir", "iterdir"),
    }
)
_CONFINED = re.compile(
    r"is_relative_to|relative_to|commonpath|commonprefix|basename|secure_filename|\.name\b"
    r"|\.resolve\(|realpath|normpath|fullmatch|isalnum|isidentifier|\.isdigit"
)
_BASE = re.compile(r"base|root|upload|public|static|sandbox|^[A-Z][A-Z_]+$", re.IGNORECASE)
_INTERNAL = re.compile(
    r"https?://(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\."
    r"|\[::1|metadata\.)|^169\.254\.169\.254",
    re.IGNORECASE,
)


def injections(tree: ast.Module) -> Iterator[Danger]:
    """Places where what a caller gives could become part of a command."""
    names = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _in_function(node, names)
        match node:
            case ast.Constant(value=str(text)) if _INTERNAL.search(text):
                yield node.lineno, f"it names an internal address: {text[:60]}"


def _in_function(function: Function, names: Mapping[str, str]) -> Iterator[Danger]:
    built = _built_texts(function)
    for node in ast.walk(function):
        if isinstance(node, ast.expr) and _is_built(node):
            yield from _in_text(node)
        if isinstance(node, ast.Call):
            yield from _in_call(node, dotted(node.func, names), built)
    yield from _in_paths(function, names)


def _in_text(node: ast.expr) -> Iterator[Danger]:
    fixed, filled = _parts(node)
    if _SQL.search(fixed) and filled:
        yield node.lineno, "a query is put together from texts: pass values as parameters"
    loose = [part for part in filled if not _CLEANED.search(part)]
    if loose and _TAG.search(fixed):
        yield node.lineno, f"{loose[0][:40]} goes into a page as it is: use html.escape"


def _in_call(call: ast.Call, name: str, built: frozenset[str]) -> Iterator[Danger]:
    first = call.args[0] if call.args else None
    if first is None or not _SINKS.search(name):
        return
    if _is_built(first) or (isinstance(first, ast.Name) and first.id in built):
        yield call.lineno, f"{name} gets a text that was put together: pass values as parameters"


def _in_paths(function: Function, names: Mapping[str, str]) -> Iterator[Danger]:
    """Files opened below a fixed folder by a name that may climb out of it."""
    if _CONFINED.search(ast.unparse(function)):
        return
    given = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    joined = {name for name, node in _assigned(function) if _climbs(node, given, names)}
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        opened = _opened(node, names)
        if opened is None:
            continue
        inner = [n for n in ast.walk(opened) if isinstance(n, ast.expr)]
        by_name = any(isinstance(n, ast.Name) and n.id in joined for n in inner)
        if by_name or any(_climbs(n, given, names) for n in inner):
            yield node.lineno, "the name may lead out of the folder: check with is_relative_to"


def _opened(call: ast.Call, names: Mapping[str, str]) -> ast.expr | None:
    """What a call opens, if it opens something."""
    if dotted(call.func, names) in _OPENERS and call.args:
        return call.args[0]
    if isinstance(call.func, ast.Attribute) and call.func.attr in _PATH_METHODS:
        return call.func.value
    return None


def _climbs(node: ast.expr, given: set[str], names: Mapping[str, str]) -> bool:
    """Whether it joins a base folder and something that the caller gives."""
    match node:
        case ast.BinOp(left=left, op=ast.Div() | ast.Add(), right=right):
            parts = [left, right]
        case ast.Call(args=[_, _, *_] as parts) if dotted(node.func, names).endswith(
            ("path.join", "Path", "joinpath")
        ):
            pass
        case ast.Call(func=ast.Attribute(value=owner, attr="joinpath"), args=arguments):
            parts = [owner, *arguments]
        case ast.JoinedStr(values=[first, *_] as values):
            parts = [first, *(v.value for v in values if isinstance(v, ast.FormattedValue))]
        case _:
            return False
    return _is_base(parts[0]) and any(
        isinstance(n, ast.Name) and n.id in given for part in parts[1:] for n in ast.walk(part)
    )


def _is_base(node: ast.expr) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value:
            return inner.value.rstrip().endswith("/") or inner.value.startswith(("/", "./", "~"))
        if isinstance(inner, ast.Name) and inner.id != "Path" and _BASE.search(inner.id):
            return True
    return False


def _assigned(function: Function) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _built_texts(function: Function) -> frozenset[str]:
    """Variables that hold texts put together."""
    built = {name for name, value in _assigned(function) if _is_built(value)}
    for node in ast.walk(function):
        match node:
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                built |= set() if isinstance(value, ast.Constant) else {name}
    return frozenset(built)


def _is_built(node: ast.expr) -> bool:
    fixed, filled = _parts(node)
    return bool(fixed.strip()) and bool(filled)


def _parts(node: ast.expr) -> tuple[str, list[str]]:
    """The fixed text of an expression, and what is filled in as source, numbers left out."""
    match node:
        case ast.JoinedStr(values=values):
            fixed = "".join(str(v.value) for v in values if isinstance(v, ast.Constant))
            filled = [v for v in values if isinstance(v, ast.FormattedValue) and not _number(v)]
            return fixed, [ast.unparse(value.value) for value in filled]
        case ast.BinOp(left=ast.Constant(value=str(fixed)), op=ast.Mod(), right=right):
            return (fixed, [ast.unparse(right)]) if "%s" in fixed else ("", [])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            (one, first), (other, second) = _side(left), _side(right)
            return one + other, [*first, *second] if one + other else []
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(fixed)), attr="format")):
            given = [*node.args, *(k.value for k in node.keywords)]
            return fixed, [ast.unparse(value) for value in given]
    return "", []


def _side(node: ast.expr) -> tuple[str, list[str]]:
    if isinstance(node, ast.Constant):
        return (node.value if isinstance(node.value, str) else ""), []
    if isinstance(node, (ast.BinOp, ast.JoinedStr)):
        return _parts(node)
    return "", [ast.unparse(node)]


def _number(value: ast.FormattedValue) -> bool:
    """Whether it is formatted as a number, which can't carry a command."""
    return value.format_spec is not None and bool(
        _NUMERIC.search(ast.unparse(value.format_spec).strip("f'\""))
    )

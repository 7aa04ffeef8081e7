"""Read the functions of a Python file as tools, by `ast`: the file is never imported or run."""

from __future__ import annotations

import ast
import contextlib
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools_registry.docstrings import Docstring, split
from tools_registry.files import FileRefusedError, Problem, read_file
from tools_registry.tool import Kind, Parameter, SkillStatus, Tool

MAX_BYTES = 256 * 1024
"""A larger file is not read: no tool needs that much, and parsing takes memory and time."""

_SIGNATURE = 2000
"""Most characters of a signature: it goes into every listing, and to the model."""

_PARSING = threading.Lock()
_ATTEMPTS = 5
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Zl", "Zp"})
_KEPT = frozenset("\n\t\u200c\u200d")
"""The joiners are part of how some scripts, and pictures of people, are written."""

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_UTF8 = {"utf-8", "utf8", "ascii", "us-ascii"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the tools of one file have in common.

    Attributes:
        kind: Where they come from.
        module: What to import them from inside the kernel.
        category: Their group in listings.
        file: The file.
        status: For skills, how far the review is.
    """

    kind: Kind
    module: str
    category: str
    file: Path
    status: SkillStatus | None = None


class SourceError(ValueError):
    """Text that is not usable Python.

    Attributes:
        line: Where, from 1; 0 if it can't be told.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def read_tools(origin: Origin) -> tuple[list[Tool], list[Problem]]:
    """The public functions of a file, and what was wrong with it; one of the two is empty."""
    try:
        text = decode(read_file(origin.file, limit=MAX_BYTES))
        return parse_tools(text, origin), []
    except SourceError as error:
        return [], [Problem(file=origin.file, line=error.line, message=str(error))]
    except (FileRefusedError, OSError) as error:
        return [], [Problem(file=origin.file, message=str(error))]


def parse_tools(text: str, origin: Origin) -> list[Tool]:
    """The public top-level functions in a source text, in order.

    Raises:
        SourceError: If it does not parse, or a signature is too long to be listed.
    """
    return tools_in(parse(text), origin)


def tools_in(tree: ast.Module, origin: Origin) -> list[Tool]:
    """The public top-level functions of a module, in order.

    Raises:
        SourceError: If a signature is too long to be listed, or can't be written out.
    """
    try:
        return [_tool(function, origin) for function in public_functions(tree).values()]
    except SourceError:
        raise
    except (RecursionError, ValueError) as error:  # a number of too many digits
        msg = "is nested too deeply, or has a default that can't be shown"
        raise SourceError(msg) from error


def decode(content: bytes) -> str:
    """UTF-8 text of a source file; a checkout with the line ends of Windows is the same.

    Raises:
        SourceError: If it is something else, or declares to be.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        msg = "is not UTF-8 text"
        raise SourceError(msg) from error
    for line in text.split("\n", 2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie and cookie[1].lower().replace("_", "-") not in _UTF8:
            msg = f"declares the encoding {cookie[1]}; only UTF-8 is read"
            raise SourceError(msg)
    return text


def lines_of(code: str) -> list[str]:
    """The lines of some code as Python ends them, which is not everywhere `splitlines` does."""
    return _LINE_END.split(code.removesuffix("\n")) if code else []


def parse(text: str) -> ast.Module:
    """Parse a source text; a warning about its style is nobody's business here.

    Raises:
        SourceError: With the line, if it is no Python.
    """
    try:
        return _parse(text)
    except SyntaxError as error:
        msg = f"is not valid Python: {error.msg}"
        raise SourceError(msg, error.lineno or 0) from error
    except (RecursionError, MemoryError, SystemError) as error:
        msg = "is not valid Python: it is nested too deeply"
        raise SourceError(msg) from error
    except ValueError as error:
        msg = f"is not valid Python: {error}"
        raise SourceError(msg) from error


def _parse(text: str) -> ast.Module:
    """Parse, one thread at a time.

    CPython 3.11 counts the depth of a tree per interpreter, not per thread. If the garbage
    collector runs Python code half-way, another thread may parse, and the first fails with a
    SystemError. We can't lock out what other code parses, so it is tried again. The warning
    filters, too, are one for all threads.
    """
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(SystemError):
                return ast.parse(text)
        return ast.parse(text)


def public_functions(tree: ast.Module) -> dict[str, _Function]:
    """Top-level functions whose name has no leading underscore; a later definition wins."""
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, _Function) and not node.name.startswith("_")
    }


def _tool(function: _Function, origin: Origin) -> Tool:
    doc = split(_clean(ast.get_docstring(function) or ""))
    returns = _source(function.returns)
    return Tool(
        name=function.name,
        kind=origin.kind,
        module=origin.module,
        category=origin.category,
        signature=_signature(function, returns),
        summary=doc.summary,
        doc=doc.text,
        parameters=tuple(_parameters(function.args, doc)),
        returns=returns,
        examples=doc.examples,
        status=origin.status,
        file=origin.file,
    )


def _signature(function: _Function, returns: str) -> str:
    prefix = "async " if isinstance(function, ast.AsyncFunctionDef) else ""
    arguments = _one_line(ast.unparse(function.args))
    signature = f"{prefix}{function.name}({arguments})" + (f" -> {returns}" if returns else "")
    if len(signature) > _SIGNATURE:
        msg = f"the signature of {function.name[:80]} is longer than {_SIGNATURE} characters"
        raise SourceError(msg, function.lineno)
    return signature


def _parameters(args: ast.arguments, doc: Docstring) -> Iterator[Parameter]:
    positional = [*args.posonlyargs, *args.args]
    missing = len(positional) - len(args.defaults)
    defaults = [*[None] * missing, *args.defaults, *args.kw_defaults]
    for arg, default in zip([*positional, *args.kwonlyargs], defaults, strict=True):
        yield Parameter(
            name=arg.arg,
            annotation=_source(arg.annotation),
            default=None if default is None else _source(default),
            doc=doc.args.get(arg.arg, ""),
        )


def _source(node: ast.expr | None) -> str:
    return "" if node is None else _one_line(ast.unparse(node))


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _clean(text: str) -> str:
    """With all spelled out that nobody sees, or that could command a terminal.

    Lone surrogates, which an escape can smuggle in and nothing can print, are replaced.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(map(_seen, text.encode("utf-8", "replace").decode()))


def _seen(char: str) -> str:
    hidden = char not in _KEPT and unicodedata.category(char) in _UNSEEN
    return ascii(char)[1:-1] if hidden else char

"""The examples of a docstring as a test: the text is read here, and run only in the kernel."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterable
from textwrap import indent

from sessions.errors import UsageError

_HEAD = """
def test_docstring_examples() -> None:
    import contextlib
    import io
    import re

    from learned_skills.{name} import {name}
"""
_TRIED = """
printed = io.StringIO()
raised = ""
value = None
try:
    with contextlib.redirect_stdout(printed):
        pass
except Exception as error:
    raised = f"{type(error).__name__}: {error}"
"""
_RAISES = "assert raised == {want!r}, {place!r} + (raised or 'no error')"
_SHOWS = """
assert not raised, {place!r} + raised
shown = printed.getvalue() + ("" if value is None else f"{{value!r}}\\n")
assert re.fullmatch({want!r}, shown, re.DOTALL), {place!r} + shown
"""


def doc_examples(source: str, name: str) -> tuple[doctest.Example, ...]:
    """The `>>>` examples in the docstring of a function, in order; skipped ones are left out.

    Args:
        source: Code that parses and defines it.
        name: The function.

    Raises:
        UsageError: If they can't be read as examples.
    """
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    doc = next((ast.get_docstring(node) for node in functions if node.name == name), None)
    try:
        examples = doctest.DocTestParser().get_examples(doc or "")
        for example in examples:
            ast.parse(example.source)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        msg = f"the examples in the docstring of {name} can't be read: {error}"
        raise UsageError(msg) from error
    return tuple(e for e in examples if not e.options.get(doctest.SKIP))


def as_call(example: doctest.Example) -> str:
    """The example as `call == result`, if it is one expression with a result; else ""."""
    if not example.want or example.exc_msg is not None or "\n" in example.source.strip():
        return ""
    return f"{example.source.strip()} == {example.want.strip()}"


def as_test(examples: Iterable[doctest.Example], name: str) -> str:
    """Code of a test function that runs the examples one after the other, as `doctest` would.

    It compares what is shown; `...` stands for any text where the example says `+ELLIPSIS`.
    """
    body = [part for number, example in enumerate(examples, 1) for part in _steps(example, number)]
    steps = "\n".join(indent(ast.unparse(node), "    ") for node in body)
    return f"{_HEAD.format(name=name)}{steps}\n" if body else ""


def _steps(example: doctest.Example, number: int) -> list[ast.stmt]:
    place = f"example {number}, {example.source.strip()[:80]}: "
    steps = ast.parse(_TRIED).body
    _with(steps).body = _statements(example)
    if example.exc_msg is not None:
        kind, colon, rest = example.exc_msg.strip().partition(": ")
        want = f"{kind.rpartition('.')[2]}: {rest if colon else ''}"
        return [*steps, *ast.parse(_RAISES.format(want=want, place=place)).body]
    return [*steps, *ast.parse(_SHOWS.format(want=_pattern(example), place=place)).body]


def _with(steps: list[ast.stmt]) -> ast.With:
    """The statement whose body the example becomes."""
    return next(node for step in steps for node in ast.walk(step) if isinstance(node, ast.With))


def _statements(example: doctest.Example) -> list[ast.stmt]:
    """The example; the value of an expression is kept."""
    body = ast.parse(example.source).body
    if len(body) == 1 and isinstance(body[0], ast.Expr):
        target = ast.Name(id="value", ctx=ast.Store())
        return [ast.fix_missing_locations(ast.Assign(targets=[target], value=body[0].value))]
    return body or [ast.Pass()]


def _pattern(example: doctest.Example) -> str:
    want = example.want.replace("<BLANKLINE>\n", "\n")
    if example.options.get(doctest.ELLIPSIS):
        return ".*".join(map(re.escape, want.split("...")))
    return re.escape(want)

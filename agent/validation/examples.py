"""Examples of calls, read from text: `f(1, "a") == 2`, `f('x') -> 'y'`, `f(3) = 4`.

Only literals count: nothing that a person types here is ever evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agent.validation import tables
from sessions.errors import UsageError

_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(")
_RETURNS = re.compile(
    r"\s*(?:==>|==|->|=>|[→➞⇒]|=|(?:should |must |will )?(?:return|give)s?\b|is\b)\s*"
)
_LITERAL = re.compile(
    r"""[rbuRBU]{0,2}'(?:\\.|[^'\\\n])*' | [rbuRBU]{0,2}"(?:\\.|[^"\\\n])*"
    | [-+]?(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][-+]?\d+)? | (?:True|False|None)\b | set\(\)""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_LONGEST = 4000
_MOST = 50
_HOW = 'write it like NAME(1, "a") == 2, with plain values'


@dataclass(frozen=True, kw_only=True)
class Example:
    """One call and what it returns.

    Attributes:
        arguments: The positional arguments, as plain values.
        expected: The plain value that the call must return.
    """

    arguments: tuple[Any, ...]
    expected: Any


@dataclass(frozen=True, kw_only=True)
class FoundExample:
    """An example inside a text.

    Attributes:
        name: The function that is called.
        example: Arguments and result.
        start: Where it begins in the text.
        end: Where it ends.
    """

    name: str
    example: Example
    start: int
    end: int


def find_examples(text: str) -> list[FoundExample]:
    """Every example in a text, in order; what doesn't read as one is passed over."""
    found: list[FoundExample] = []
    for match in _CALL.finditer(text):
        if not found or match.start() >= found[-1].end:
            found += _example_at(text, match)
    return found


def read_examples(texts: Iterable[str], name: str) -> tuple[Example, ...]:
    """The examples of one function.

    Args:
        texts: One example each.
        name: The function they must call.

    Raises:
        UsageError: If one can't be read, calls another function or is too long, or there are
            too many.
    """
    examples = tuple(_read(text, name) for text in texts)
    if len(examples) > _MOST:
        msg = f"{len(examples)} examples are too many: give the {_MOST} most telling ones"
        raise UsageError(msg)
    return examples


def read_with_tables(texts: Iterable[str], name: str) -> tuple[Example, ...]:
    """The same, where tables and arrays may be written as calls that make them of literals.

    Raises:
        UsageError: As `read_examples`.
    """
    return tuple(_of_tables(text, name) or read_examples([text], name)[0] for text in texts)


def _of_tables(text: str, name: str) -> Example | None:
    """An example such as `f(pd.DataFrame({"a": [1]})) == 1`; None if there is no table in it."""
    try:
        body = ast.parse(text.strip(), mode="eval").body if len(text) <= _LONGEST else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    match body:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id=called), args=arguments, keywords=[]),
            ops=[ast.Eq()],
            comparators=[right],
        ) if called == name and any(isinstance(n, ast.Call) for n in (*arguments, right)):
            try:
                given = tuple(_made_or_literal(argument) for argument in arguments)
                return Example(arguments=given, expected=_made_or_literal(right))
            except (ValueError, TypeError, MemoryError, RecursionError):
                return None
    return None


def _made_or_literal(node: ast.expr) -> Any:
    return tables.made(node) if isinstance(node, ast.Call) else _value(node)


def _read(text: str, name: str) -> Example:
    shown = text.strip()[:60]
    if len(text) > _LONGEST:
        msg = f"an example of {len(text)} characters is too long (at most {_LONGEST}): {shown}…"
        raise UsageError(msg)
    found = find_examples(text.strip())
    if len(found) != 1 or found[0].start != 0 or found[0].end != len(text.strip()):
        msg = f"the example {shown!r} can't be read: {_HOW.replace('NAME', name)}"
        raise UsageError(msg)
    if found[0].name != name:
        msg = f"the example {shown!r} calls {found[0].name!r}, not {name!r}"
        raise UsageError(msg)
    return found[0].example


def _example_at(text: str, call: re.Match[str]) -> Iterator[FoundExample]:
    end = _balanced(text, call.end() - 1)
    arguments = None if end is None else _arguments(text[call.start() : end])
    separator = None if end is None else _RETURNS.match(text, end)
    if arguments is None or separator is None:
        return
    literal = _literal_at(text, separator.end())
    if literal is not None:
        expected, stop = literal
        example = Example(arguments=arguments, expected=expected)
        yield FoundExample(name=call[1], example=example, start=call.start(), end=stop)


def _arguments(source: str) -> tuple[Any, ...] | None:
    """The literal positional arguments of a call, or None if it has others."""
    try:
        call = ast.parse(source, mode="eval").body
        if not isinstance(call, ast.Call) or call.keywords:
            return None
        return tuple(_value(argument) for argument in call.args)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None


def _value(node: ast.expr | str) -> Any:
    return ast.literal_eval(node)


def _literal_at(text: str, start: int) -> tuple[Any, int] | None:
    """The literal that begins here, and where it ends."""
    match = _LITERAL.match(text, start)
    end = match.end() if match else _balanced(text, start)
    if end is None or len(text[start:end]) > _LONGEST:
        return None
    try:
        return _value(text[start:end]), end
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None


def _balanced(text: str, start: int) -> int | None:
    """Where the bracket that opens here is closed, or None."""
    expected: list[str] = []
    position = start
    while position < len(text):
        quoted = _LITERAL.match(text, position) if text[position] in "'\"" else None
        if quoted:
            position = quoted.end()
            continue
        _track(text[position], expected)
        position += 1
        if not expected:
            return position if position > start + 1 else None
    return None


def _track(character: str, expected: list[str]) -> None:
    """Follow opening and closing brackets; a wrong one can never be balanced again."""
    if character in _CLOSING:
        expected.append(_CLOSING[character])
    elif expected and character == expected[-1]:
        expected.pop()
    elif character in ")]}":
        expected.append("")

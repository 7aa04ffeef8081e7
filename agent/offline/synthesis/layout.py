"""One expression laid out as `ruff format` lays it out."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

_OPERANDS = (tokenize.NAME, tokenize.NUMBER)
_SIMPLE = (ast.Name, ast.Constant)
Edit = tuple[int, int, str]


def laid_out(source: str) -> str:
    """The expression, given as `ast.unparse` writes it."""
    source = double_quoted(source)
    while (edit := next(_edits(source), None)) is not None:
        start, end, text = edit
        source = source[:start] + text + source[end:]
    return _hugged_powers(source)


def _edits(source: str) -> Iterator[Edit]:
    """Places that still differ from the format."""
    for node in ast.walk(ast.parse(source, mode="eval")):
        if isinstance(node, ast.Call) and _takes_generator(node):
            yield from _twin_parentheses(node.args[0], source)
        if isinstance(node, ast.Slice):
            yield from _tight_slice(node, source)


def _takes_generator(call: ast.Call) -> bool:
    return len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.GeneratorExp)


def _twin_parentheses(node: ast.expr, source: str) -> Iterator[Edit]:
    """`sum((x for x in a))`, where one pair is enough."""
    start, end = _extent(node, source)
    if source[start - 1] == "(" and source[end : end + 1] == ")":
        yield start, end, source[start + 1 : end - 1]


def _tight_slice(node: ast.Slice, source: str) -> Iterator[Edit]:
    """`a[i:i + 2]`, which is `a[i : i + 2]`."""
    bounds = [b for b in (node.lower, node.upper, node.step) if b is not None]
    if all(map(_is_simple, bounds)):
        return
    start, end = _extent(node, source)
    wanted = _spaced_slice(node, source)
    if source[start:end] != wanted:
        yield start, end, wanted


def _is_simple(bound: ast.expr) -> bool:
    inner = bound.operand if isinstance(bound, ast.UnaryOp) else bound
    return isinstance(inner, _SIMPLE)


def _spaced_slice(node: ast.Slice, source: str) -> str:
    texts = [_text(bound, source) for bound in (node.lower, node.upper)]
    if node.step is not None:
        texts.append(_text(node.step, source))
    spaced = [f"{texts[0]} " if texts[0] else "", *(f" {t}" if t else "" for t in texts[1:])]
    return ":".join(spaced).replace(" :  ", " : ")


def _text(node: ast.expr | None, source: str) -> str:
    if node is None:
        return ""
    start, end = _extent(node, source)
    return source[start:end]


def _extent(node: ast.expr, source: str) -> tuple[int, int]:
    """Where the node begins and ends, in characters of a source of one line."""
    line = source.encode()
    return len(line[: node.col_offset].decode()), len(line[: node.end_col_offset].decode())


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    ends = (tokenize.NEWLINE, tokenize.ENDMARKER)
    stream = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token for token in stream if token.type not in ends]


def _hugged_powers(source: str) -> str:
    """`x**2` for plain operands, as the format wants it."""
    tokens = _tokens(source)
    for i in range(len(tokens) - 2, 0, -1):
        if tokens[i].string == "**" and _is_plain_power(tokens, i):
            start, end = tokens[i - 1].end[1], tokens[i + 1].start[1]
            source = f"{source[:start]}**{source[end:]}"
    return source


def _is_plain_power(tokens: list[tokenize.TokenInfo], i: int) -> bool:
    following = tokens[i + 2].string if i + 2 < len(tokens) else ""
    plain = tokens[i - 1].type in _OPERANDS and tokens[i + 1].type in _OPERANDS
    return plain and following not in ("(", "[", ".")


def double_quoted(source: str) -> str:
    """The source with its texts in double quotes, unless that would take backslashes."""
    pieces: list[str] = []
    column = 0
    for token in _tokens(source):
        pieces += [" " * (token.start[1] - column), _quoted(token)]
        column = token.end[1]
    return "".join(pieces)


def _quoted(token: tokenize.TokenInfo) -> str:
    text = token.string
    if token.type != tokenize.STRING or not text.startswith("'") or '"' in text:
        return text
    return _raw_if_plain(text) if "\\" in text else f'"{text[1:-1]}"'


def _raw_if_plain(text: str) -> str:
    """A raw literal if it has printable characters only, as a regular expression has."""
    value = str(ast.literal_eval(text))
    if value.isprintable() and not value.endswith("\\"):
        return f'r"{value}"'
    return '"' + text[1:-1].replace("\\'", "'") + '"'

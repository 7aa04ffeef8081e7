"""Sums as people write them: `12*7+3`, `what is 15% of 80`, `the square root of 2`."""

from __future__ import annotations

import ast
import re

from agent.offline.plan import Plan
from agent.offline.requests import Request
from agent.offline.synthesis.words import NUMBERS

_PIECE = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|\*\*|//|[^\W\d_]+(?:'\w+)?|\S"
)
_LONGEST = 400
_PHRASES: tuple[tuple[str, str], ...] = (
    ("to the power of", "**"),
    ("raised to the power of", "**"),
    ("raised to", "**"),
    ("multiplied by", "*"),
    ("multiplied with", "*"),
    ("divided by", "/"),
    ("square root of", "sqrt"),
    ("root of", "sqrt"),
    ("cube root of", "cbrt"),
    ("percent off", "% off"),
    ("percent of ", "% of "),
    ("factorial of", "factorial"),
    ("the sum of", "sum of"),
    ("modulo", "mod"),
)
_SIGNS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "·": "*", "x": "*", "/": "/",  # noqa: RUF001 -- as typed
    "÷": "/", "^": "**", "**": "**", "//": "//", "(": "(", ")": ")", "plus": "+",
    "minus": "-", "times": "*", "over": "/", "mod": "%", "squared": "**2", "cubed": "**3",
}  # fmt: skip
_FUNCTIONS = {
    "abs": "abs",
    "ln": "math.log",
    "round": "round",
    **{name: f"math.{name}" for name in ("sqrt", "cbrt", "factorial", "log", "exp")},
    **{name: f"math.{name}" for name in ("sin", "cos", "tan")},
}
_ASKING = frozenset(
    """
    what what's is calculate compute evaluate how much solve the result of please work out equals
    equal to does make are tell me can you do a an value answer whats find give
    """.split()  # noqa: SIM905 -- as in the lexicon
)
_AFTER = frozenset(("?", "=", ".", "!"))


def calculation(request: Request) -> Plan | None:
    """The plan for a request that is nothing but a calculation."""
    expression = formula(request.text)
    if expression is None:
        return None
    imports = ["import math", ""] if "math." in expression else []
    return Plan(code="\n".join([*imports, expression]), sentence=f"the value of {expression}")


def formula(text: str) -> str | None:
    """A calculation in words or signs as Python; None if the text is anything else."""
    if len(text) > _LONGEST or re.search(r"\d{4}-\d{1,2}-\d{1,2}|\d:\d", text):
        return None
    words = text.strip().lower()
    for phrase, short in _PHRASES:
        words = words.replace(phrase, f" {short} ")
    pieces = _trimmed(_PIECE.findall(words))
    translated = _translated(pieces)
    if translated is None or not _is_calculation(translated):
        return None
    return ast.unparse(ast.parse(translated, mode="eval"))


def _trimmed(pieces: list[str]) -> list[str]:
    """Without the words before and the marks after."""
    start = 0
    while start < len(pieces) and (pieces[start] in _ASKING or pieces[start] in ",:"):
        start += 1
    end = len(pieces)
    if end - start == 2 and pieces[end - 1] == "!":
        return pieces[start:end]
    while end > start and (pieces[end - 1] in _AFTER or pieces[end - 1] in _ASKING):
        end -= 1
    return pieces[start:end]


def _translated(pieces: list[str]) -> str | None:
    """Each piece as Python; None if one of them is no part of a calculation."""
    found: list[str] = []
    index = 0
    while index < len(pieces):
        step = _translate(found, pieces[index], pieces[index + 1 : index + 3])
        if step is None:
            return None
        index += 1 + step
    return " ".join(found)


def _translate(found: list[str], piece: str, rest: list[str]) -> int | None:
    """Add a piece as Python; how many of the rest it takes, None if it fits nowhere."""
    if piece == "%":
        return _percent(found, rest)
    if piece in _FUNCTIONS and not (piece == "factorial" and found and not rest):
        return _apply(found, piece, rest)
    if piece in ("!", "factorial") and found:
        found.append(f"math.factorial({found.pop()})")
    elif piece[0].isdigit() or piece[0] == ".":
        plain = piece.replace(",", "").lstrip("0") or "0"
        found.append(f"0{plain}" if plain[0] in ".e" else plain)
    elif piece in NUMBERS or piece == "one":
        found.append(str(NUMBERS.get(piece, 1)))
    elif piece in _SIGNS:
        found.append(_SIGNS[piece])
    elif piece not in ("the", "of", "is"):
        return None
    return 0


def _apply(found: list[str], name: str, rest: list[str]) -> int:
    """A function before a number takes that number; before a parenthesis what is in it."""
    if rest and rest[0][0].isdigit():
        found.append(f"{_FUNCTIONS[name]}({rest[0].replace(',', '')})")
        return 1
    found.append(_FUNCTIONS[name])
    return 0


def _percent(found: list[str], rest: list[str]) -> int | None:
    """`15 % of 80`, `20 % off 80`, `80 + 20 %`; how many pieces that takes besides `%`."""
    if not found or not re.fullmatch(r"[\d.]+", found[-1]):
        return None
    number = found.pop()
    if rest[:1] == ["of"]:
        found += [f"{number} / 100 *"]
        return 1
    if rest[:1] == ["off"]:
        found += [f"(1 - {number} / 100) *"]
        return 1
    if len(found) >= 2 and found[-1] in ("+", "-") and not rest:
        sign, before = found.pop(), " ".join(found)
        found[:] = [f"({before}) * (1 {sign} {number} / 100)"]
        return 0
    if rest[:1] and rest[0][0].isdigit():  # the remainder of a division
        found += [number, "%"]
        return 0
    return None


_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div,
    ast.FloorDiv, ast.Mod, ast.Pow, ast.USub, ast.UAdd, ast.Call, ast.Name, ast.Attribute, ast.Load,
)  # fmt: skip


def _is_calculation(expression: str) -> bool:
    """Whether it is Python, does something, and does nothing but calculate."""
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    nodes = list(ast.walk(tree))
    does = any(isinstance(node, ast.BinOp | ast.Call) for node in nodes)
    numbers = all(
        type(node.value) in (int, float) for node in nodes if isinstance(node, ast.Constant)
    )
    return does and numbers and all(isinstance(node, _ALLOWED) for node in nodes)

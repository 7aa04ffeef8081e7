"""The head of a function: what tests may know of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Self

from sessions.errors import UsageError
from tools_registry.source import SourceError, parse

_LONGEST = 2000
_CODE = (
    *(ast.Lambda, ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.JoinedStr),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Signature:
    """A function's name, parameters and return type; it has no room for a body.

    Attributes:
        text: `name(parameters) -> returns`; given with `def` and colon it is put into that form.

    Raises:
        UsageError: If the text is something else, or brings code along.
    """

    text: str

    def __post_init__(self) -> None:
        function = _read(self.text)
        _refuse_code(function)
        object.__setattr__(self, "text", _head(function))

    @classmethod
    def of(cls, function: FunctionNode) -> Self:
        """The signature of a parsed function.

        Raises:
            UsageError: If a default or an annotation holds code.
        """
        return cls(_head(function))

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.text.partition("(")[0]

    def fits(self, other: Signature) -> bool:
        """Whether the other is this one, perhaps with types where this one leaves them open."""
        mine, theirs = _read(self.text), _read(other.text)
        if mine.returns is None:
            theirs.returns = None
        for own, their in zip(_arguments(mine), _arguments(theirs), strict=False):
            if own.annotation is None:
                their.annotation = None
        return _head(mine) == _head(theirs)


def _arguments(function: FunctionNode) -> list[ast.arg]:
    found = function.args
    several = [arg for arg in (found.vararg, found.kwarg) if arg]
    return [*found.posonlyargs, *found.args, *found.kwonlyargs, *several]


def _read(text: str) -> FunctionNode:
    head = text.strip().removesuffix("...").rstrip().removesuffix(":").rstrip()
    head = head.removeprefix("async ").removeprefix("def ")
    try:
        body = parse(f"def {head}: ...").body if len(head) <= _LONGEST else []
    except SourceError:
        body = []
    match body:
        case [ast.FunctionDef(body=[ast.Expr(ast.Constant(value=value))]) as found] if value is ...:
            return found
    msg = f"{text[:80]!r} is no signature: write name(parameter: type, …) -> type and no body"
    raise UsageError(msg)


def _head(function: FunctionNode) -> str:
    returns = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"{function.name}({ast.unparse(function.args)}){returns}"


def _refuse_code(function: FunctionNode) -> None:
    for node in ast.walk(function):
        lines = (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value
        )
        if lines or isinstance(node, _CODE):
            msg = (
                f"the signature of {function.name[:80]} holds code ({ast.unparse(node)[:80]!r}): "
                "defaults and annotations are plain values and names"
            )
            raise UsageError(msg)

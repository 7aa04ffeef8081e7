"""What the host offers to code in a kernel: functions whose arguments are checked, never bent."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, Union, get_args, get_origin

from sessions.errors import UsageError

_LISTS = (list, Sequence)
_DICTS = (dict, Mapping)
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, kw_only=True)
class Handler:
    """One thing that code in a kernel can ask of the host.

    Attributes:
        run: Does it, on the host; takes the arguments by name and returns plain data.
        check: Raises `UsageError` for arguments that `run` does not take.
        signature: The arguments as a person would write them.
        summary: One line about it.
        needs_approval: Whether the person is asked before each call.
    """

    run: Callable[..., Awaitable[Any]]
    check: Callable[[Mapping[str, Any]], None]
    signature: str
    summary: str
    needs_approval: bool = False

    @classmethod
    def of(cls, function: Callable[..., Awaitable[Any]], *, needs_approval: bool = False) -> Self:
        """A handler that takes what the signature of a function says, by its plain types.

        Raises:
            TypeError: If a parameter has a type that JSON has no form for, or none at all.
        """
        signature = inspect.signature(function, eval_str=True)
        for parameter in signature.parameters.values():
            _require_plain(function.__name__, parameter)
        return cls(
            run=function,
            check=_Check(function.__name__, signature),
            signature=str(signature),
            summary=(inspect.getdoc(function) or "").partition("\n")[0],
            needs_approval=needs_approval,
        )


@dataclass(frozen=True)
class _Check:
    name: str
    signature: inspect.Signature

    def __call__(self, arguments: Mapping[str, Any]) -> None:
        parameters = self.signature.parameters
        for name in arguments:
            if name not in parameters:
                raise self._refusal(name, "there is no such argument")
        for name, parameter in parameters.items():
            if name in arguments:
                self._check_type(parameter, arguments[name])
            elif parameter.default is parameter.empty:
                raise self._refusal(name, "it is missing")

    def _check_type(self, parameter: inspect.Parameter, value: Any) -> None:
        if not fits(value, parameter.annotation):
            wanted = inspect.formatannotation(parameter.annotation)
            what = f"it must be {wanted}, not {type(value).__name__}"
            raise self._refusal(parameter.name, what)

    def _refusal(self, name: str, what: str) -> UsageError:
        parameters = ", ".join(map(str, self.signature.parameters.values()))
        return UsageError(f"{self.name}({parameters}), {ascii(name)[:80]}: {what}")


def fits(value: Any, kind: Any) -> bool:
    """Whether plain data is of a type: `True` is no number, "1" is none, and 1 is a float too."""
    if kind is Any:
        return True
    if kind is None:
        return value is None
    if kind is float:
        return type(value) in (int, float)
    if kind in _PLAIN:
        return type(value) is kind
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in inner)
    if origin in (Union, types.UnionType):
        return any(fits(value, choice) for choice in inner)
    if origin in _LISTS:
        return type(value) is list and all(fits(item, _last(inner)) for item in value)
    return type(value) is dict and all(fits(item, _last(inner)) for item in value.values())


def _require_plain(function: str, parameter: inspect.Parameter) -> None:
    by_name = (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    if parameter.kind not in by_name or not _is_plain(parameter.annotation):
        msg = f"{function}: `{parameter}` is not a named parameter of a plain type"
        raise TypeError(msg)


def _is_plain(kind: Any) -> bool:
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if kind is Any or kind is None or kind in _PLAIN:
        return True
    if origin is Literal:
        return all(type(choice) in _PLAIN for choice in inner)
    if origin in _DICTS and inner and inner[0] is not str:
        return False
    return origin in (Union, types.UnionType, *_LISTS, *_DICTS) and all(
        _is_plain(choice) for choice in (inner[1:] if origin in _DICTS else inner)
    )


def _last(inner: tuple[Any, ...]) -> Any:
    return inner[-1] if inner else Any

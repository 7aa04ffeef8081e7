"""What calls of a candidate give, told by the kernel and built anew on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.validation.assertions import Arguments
from agent.validation.candidate import Candidate
from agent.validation.comparison import same
from agent.validation.plain import NotPlainError, decoded
from agent.validation.running.bench import Bench, NoAnswerError

_SHOWN = 120


class CallFailedError(Exception):
    """A call gave no plain value.

    Attributes:
        known: Whether it gave a value of a library's type, which only the kernel can judge.
        late: Whether it took too long.
    """

    def __init__(self, text: str, *, known: bool = False, late: bool = False) -> None:
        super().__init__(text)
        self.known, self.late = known, late


async def outcomes(candidate: Candidate, bench: Bench, calls: Sequence[Arguments]) -> list[Any]:
    """What each call gave: a plain value, or a CallFailedError."""
    texts = [f"({positional!r}, {dict(named)!r})" for positional, named in calls]
    answer = await bench.ask("values_of", candidate, calls=texts)
    match answer:
        case [list(first), list(again)] if len(first) == len(again) == len(calls):
            return [_outcome(*pair) for pair in zip(first, again, strict=True)]
    msg = "the kernel left calls out"
    raise NoAnswerError(msg)


def _outcome(told: Any, again: Any) -> Any:
    try:
        value = _value(told)
        second = _value(again)
    except CallFailedError as error:
        return error
    if not same(second, value):
        return CallFailedError(f"gave {value!r} first and {second!r} then"[:_SHOWN])
    return value


def _value(told: Any) -> Any:
    """The value that a call is told to have given.

    Raises:
        CallFailedError: If it gave none.
    """
    match told:
        case ["value", content]:
            try:
                return decoded(content)
            except NotPlainError:
                pass
        case ["raised", str(text)]:
            raise CallFailedError(text if text.startswith("returned") else f"raised {text}")
        case ["late", _] | None:
            msg = "took too long"
            raise CallFailedError(msg, late=True)
        case ["other", str(kind), bool(known)]:
            msg = f"returned {kind}, which is not plain data"
            raise CallFailedError(msg, known=known)
    msg = "gave no outcome"
    raise CallFailedError(msg)


async def returned(
    candidate: Candidate, bench: Bench, arguments: tuple[Any, ...]
) -> tuple[Any] | None:
    """What one call gives, or None if it gives no plain value."""
    try:
        (value,) = await outcomes(candidate, bench, [(arguments, ())])
    except NoAnswerError:
        return None
    return None if isinstance(value, CallFailedError) else (value,)


def shown_call(name: str, arguments: Arguments) -> str:
    """A call as source, cut if it is long."""
    positional, named = arguments
    parts = [*map(repr, positional), *(f"{key}={value!r}" for key, value in named)]
    return f"{name}({', '.join(parts)})"[:_SHOWN]

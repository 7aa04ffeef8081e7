"""What a found expression returns for an input it was not made for."""

from __future__ import annotations

import ast
import bisect
import functools
import heapq
import itertools
import math
import operator
import re
import signal
import statistics
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

MODULES: dict[str, Any] = {
    "ast": ast,
    "bisect": bisect,
    "functools": functools,
    "heapq": heapq,
    "itertools": itertools,
    "math": math,
    "operator": operator,
    "re": re,
    "statistics": statistics,
}
NAMES: dict[str, Any] = {**MODULES, "Counter": Counter}
_SECONDS = 0.05


class FailedError(Exception):
    """The expression raised, or took too long."""


class TookTooLongError(FailedError):
    """The expression took too long."""


def compiled(expression: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    """The expression as a function of its parameters.

    Only for expressions that the search made out of its own components, inside the worker.
    """
    source = f"lambda {', '.join(parameters)}: {expression}"
    code: CodeType = compile(source, "<solution>", "eval")
    function: Callable[..., Any] = eval(code, dict(NAMES))
    return function


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What the function returns.

    Raises:
        FailedError: If it raises.
        TookTooLongError: If it takes longer than a twentieth of a second.
    """
    signal.signal(signal.SIGALRM, _too_long)
    try:
        return _timed(function, arguments)
    except _LateError as error:
        raise TookTooLongError(str(error)) from error
    except Exception as error:
        raise FailedError(str(error)) from error


def _timed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class _LateError(Exception):
    """Time is over."""


def _too_long(signum: int, frame: FrameType | None) -> None:
    raise _LateError

"""What the gate for properties runs inside the guarded kernel, after `inside.py`.

The host reads this file as text and never imports it.
"""

from __future__ import annotations

import ast
import copy
import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.validation.running.inside import candidate_module, limited

CALL_SECONDS = 0.2
SLIPS = (AttributeError, NameError, TypeError, IndexError, UnboundLocalError, RecursionError)


def try_properties(payload: str) -> str:
    """Try relations and what is usual on made-up inputs; tell the smallest that fails of each."""
    task = json.loads(payload)
    known = [ast.literal_eval(text) for text in task["known"]]
    end = time.monotonic() + task["budget"]
    with candidate_module(task) as module:
        function = module.__dict__[task["name"]]
        stated = [stated_relation(text, task, function) for text in task["relations"]]
        usual = [raises_nothing_odd(function), leaves_its_arguments(function)]
        told = [
            [failing(check, known, task, end) for check in checks] for checks in (stated, usual)
        ]
    return f"{[[text for text in group if text] for group in told]!r}"


def stated_relation(
    text: str, task: dict[str, Any], function: Callable[..., Any]
) -> Callable[..., str]:
    """A check of one relation."""
    code = compile(text, "relation", "eval", dont_inherit=True)

    def check(*arguments: Any) -> str:
        names = dict(zip(task["parameters"], arguments, strict=False))
        holds = eval(code, {task["name"]: function, **names})
        return "" if holds else f"{text} does not hold"

    return check


def raises_nothing_odd(function: Callable[..., Any]) -> Callable[..., str]:
    """A check that no error comes up which speaks of a slip rather than of a wrong input."""

    def check(*arguments: Any) -> str:
        try:
            function(*copy.deepcopy(arguments))
        except SLIPS as error:
            return f"raises {type(error).__name__}: {error}"[:120]
        except Exception:
            return ""
        return ""

    return check


def leaves_its_arguments(function: Callable[..., Any]) -> Callable[..., str]:
    """A check that what is given is not changed."""

    def check(*arguments: Any) -> str:
        given = copy.deepcopy(arguments)
        try:
            function(*given)
        except Exception:
            return ""
        return "" if given == arguments else "changes its arguments"

    return check


def failing(
    check: Callable[..., str], known: Sequence[Any], task: dict[str, Any], end: float
) -> str:
    """The smallest failing input with what is wrong, or ""."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    smallest: list[str] = [""]

    def trial(arguments: Any) -> None:
        if time.monotonic() > end:
            return
        with limited(CALL_SECONDS):
            problem = check(*arguments)
        if problem:
            smallest[0] = f"{task['name']}({', '.join(map(repr, arguments))[:120]}): {problem}"
        assert not problem

    made = st.tuples(*[like(list(column)) for column in zip(*known, strict=False)])
    phases = (Phase.generate, Phase.shrink)
    options = settings(
        database=None,
        derandomize=True,
        deadline=None,
        max_examples=task["tries"],
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    try:
        options(given(made)(trial))()
    except BaseException:  # told by `smallest`; a time limit or a strange input is no finding
        return smallest[0]
    return ""


def like(values: list[Any]) -> Any:
    """A strategy for values like these."""
    from hypothesis import strategies as st

    kinds = {type(value) for value in values}
    if len(kinds) != 1:
        return st.one_of([like([v for v in values if type(v) is kind]) for kind in kinds])
    (kind,) = kinds
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(min(0, 2 * min(values)), max(4, 2 * max(values)))
    if kind is float:
        return st.floats(min(0.0, 2 * min(values)), max(4.0, 2 * max(values)), allow_nan=False)
    if kind is str:
        letters = "".join(sorted(set("".join(values)))) or "ab c"
        return st.text(letters, max_size=2 * max(map(len, values)) + 2)
    if kind in (list, tuple):
        items = [item for value in values for item in value]
        inner = like(items) if items else st.integers(0, 9)
        fewest, most = min(map(len, values)), max(map(len, values))
        lists = st.lists(inner, min_size=min(fewest, 1), max_size=2 * most + 2)
        return lists.map(kind)
    return st.sampled_from(values)

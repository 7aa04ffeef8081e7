"""A found expression as the source of a skill, with its tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from agent.offline.annotations import annotation_of
from agent.offline.synthesis.evaluation import MODULES
from agent.offline.synthesis.hoisting import hoisted
from agent.offline.synthesis.layout import laid_out
from agent.validation.examples import Example

_SHOWN = 3
_LONGEST_EXAMPLE = 72
_LONGEST_BRIEF = 56
_LONGEST_SUMMARY = 80


def function_source(
    name: str,
    description: str,
    parameters: Sequence[str],
    expression: str,
    examples: Sequence[Example],
) -> str:
    """A module with one typed, documented function."""
    signature = _signature(name, parameters, examples)
    body = f"{signature}\n{_docstring(name, description, parameters, examples)}"
    imports = "".join(f"{line}\n" for line in _imports(expression))
    head = f"{imports}\n\n" if imports else ""
    assignments, rest = hoisted(expression, parameters)
    lines = "".join(f"    {variable} = {value}\n" for variable, value in assignments)
    return f"{head}{body}\n{lines}    return {rest}\n"


def parameter_names(examples: Sequence[Example], taken: str) -> tuple[str, ...]:
    """Names for the parameters, by the types of the arguments.

    Args:
        examples: One or more, all with as many arguments.
        taken: A name that must not be used: the function's own.
    """
    columns = [[e.arguments[i] for e in examples] for i in range(len(examples[0].arguments))]
    nouns = [_noun(column) for column in columns]
    numeric = all(noun in ("n", "value") for noun in nouns)
    if numeric and len(nouns) > 1:
        return tuple(
            f"{letter}_" if letter == taken else letter for letter in "abcdefgh"[: len(nouns)]
        )
    return tuple(_numbered(nouns, i, taken) for i in range(len(nouns)))


def _noun(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values}
    names: dict[type, str] = {str: "text", int: "n", float: "value", bool: "flag", dict: "mapping"}
    if kinds == {int, float}:
        return "value"
    if len(kinds) == 1:
        return names.get(kinds.pop(), "items")
    return "value"


def _numbered(nouns: Sequence[str], position: int, taken: str) -> str:
    noun = nouns[position]
    before = nouns[:position].count(noun)
    name = f"{noun}{before + 1}" if before else noun
    return f"{name}_" if name == taken else name


def tests_source(name: str, examples: Sequence[Example]) -> str:
    """A test module in the style of pytest, with a function for every example."""
    closeness = any(isinstance(e.expected, float) for e in examples)
    lines = [f'"""Tests of `{name}`, made from its examples."""', ""]
    lines += ["import math", ""] if closeness else []
    lines += [f"from learned_skills.{name} import {name}"]
    for number, example in enumerate(examples, 1):
        lines += ["", "", f"def test_example_{number}() -> None:"]
        lines.append(f"    assert {_check(call(name, example.arguments), example.expected)}")
    return "\n".join(lines) + "\n"


def _check(expression: str, expected: Any) -> str:
    if isinstance(expected, bool) or expected is None:
        return f"{expression} is {expected!r}"
    if isinstance(expected, float):
        return f"math.isclose({expression}, {expected!r})"
    return f"{expression} == {literal(expected)}"


def call(name: str, arguments: Sequence[Any]) -> str:
    """The source of a call with literal arguments."""
    return f"{name}({', '.join(map(literal, arguments))})"


def literal(value: Any) -> str:
    """The value as source."""
    return laid_out(repr(value))


def _signature(name: str, parameters: Sequence[str], examples: Sequence[Example]) -> str:
    annotated = [
        f"{parameter}: {annotation_of(e.arguments[i] for e in examples)}"
        for i, parameter in enumerate(parameters)
    ]
    returns = _returned([e.expected for e in examples])
    return f"def {name}({', '.join(annotated)}) -> {returns}:"


def _returned(values: Sequence[Any]) -> str:
    """What is returned; a tuple of one type may have any length, for `tuple(…)` does."""
    if all(isinstance(value, tuple) and value for value in values):
        item = annotation_of(item for value in values for item in value)
        if "|" not in item:
            return f"tuple[{item}, ...]"
    return annotation_of(values)


def _docstring(
    name: str, description: str, parameters: Sequence[str], examples: Sequence[Example]
) -> str:
    first = examples[0]
    arguments = [
        f"        {parameter}: For example `{_brief(first.arguments[i])}`."
        for i, parameter in enumerate(parameters)
    ]
    shown = [e for e in examples if len(call(name, e.arguments)) <= _LONGEST_EXAMPLE][:_SHOWN]
    session = [
        line
        for example in shown
        for line in (
            f"        >>> {call(name, example.arguments)}",
            f"        {example.expected!r}",
        )
    ]
    lines = [summary(description, name), "", "    Args:", *arguments, "", "    Returns:"]
    lines += [f"        For that example `{_brief(first.expected)}`."]
    lines += ["", "    Examples:", *session] if session else []
    text = "\n".join(lines)
    prefix = "r" if "\\" in text else ""
    return f'    {prefix}"""{text.replace(chr(34) * 3, chr(39) * 3)}\n    """'


def _brief(value: Any) -> str:
    text = literal(value)
    return text if len(text) <= _LONGEST_BRIEF else f"{text[:_LONGEST_BRIEF]}…"


def summary(description: str, name: str) -> str:
    """The description as one short sentence; from the name if there is none."""
    text = re.sub(r"[\"\\\s]+", " ", description).strip().rstrip(".:")
    text = "".join(filter(str.isprintable, text))
    text = text or name.replace("_", " ")
    if len(text) > _LONGEST_SUMMARY:
        text = text[:_LONGEST_SUMMARY].rsplit(" ", 1)[0]
    return text[0].upper() + text[1:] + "."


def _imports(expression: str) -> list[str]:
    """The import statements that an expression needs, in order."""
    tree = ast.parse(expression, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = [f"import {module}" for module in sorted(MODULES.keys() & names)]
    return [*lines, *(["from collections import Counter"] if "Counter" in names else [])]

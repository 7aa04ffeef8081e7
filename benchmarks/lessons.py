"""Problems as somebody would teach them: a description, examples, and answers to questions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.problems import Problem, read_problems

Manner = Callable[[Any], Any]
"""How tests look at a result: as it is, as a set, or as true or false."""

_MANNERS: dict[str, Manner] = {
    "": lambda value: value,
    **{kind.__name__: kind for kind in (set, frozenset, sorted, bool, list, tuple)},
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One assertion, read as an example.

    Attributes:
        arguments: Of the call.
        expected: What the call gives, looked at in the manner of the test.
        manner: `""`, or the function of Python that the test applies to the result.
    """

    arguments: tuple[Any, ...]
    expected: Any
    manner: str = ""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A problem, and what the learner is told of it.

    Attributes:
        problem: With the right program and the official tests.
        description: What the function does.
        told: Every example that its tests tell.
        visible: How many of them the learner sees.
    """

    problem: Problem
    description: str
    told: tuple[Told, ...]
    visible: int

    @property
    def examples(self) -> tuple[str, ...]:
        """What the learner sees, as texts."""
        return tuple(
            f"{self.problem.name}({', '.join(map(repr, one.arguments))}) == {one.expected!r}"
            for one in self.told[: self.visible]
        )

    @property
    def manner(self) -> str:
        """How results are looked at."""
        return self.told[0].manner if self.told else ""

    def seen(self, value: Any) -> Any:
        """A result in the manner of the tests, e.g. as a set where order is of no account.

        Raises:
            TypeError: If it can't be looked at so.
        """
        return _MANNERS[self.manner](value)


def read_lessons(file: Path, visible: int) -> list[Lesson]:
    """The problems of a file as lessons.

    Args:
        file: In one of the forms that `read_problems` knows.
        visible: How many assertions of the first form are shown; in the second form all
            examples of the docstring are.
    """
    return [_lesson(problem, visible) for problem in read_problems(file)]


def _lesson(problem: Problem, visible: int) -> Lesson:
    official = [n for n in ast.parse(problem.official).body if isinstance(n, ast.Assert)]
    shown = [n for text in problem.visible for n in ast.parse(text).body]
    asserted = official or [n for n in shown if isinstance(n, ast.Assert)]
    told = tuple(one for node in asserted for one in _told(node.test, problem.name))
    return Lesson(
        problem=problem,
        description=_description(problem),
        told=told,
        visible=visible if official else len(told),
    )


def _description(problem: Problem) -> str:
    """The words of the task; of a function's head its docstring up to the first example."""
    try:
        tree = ast.parse(problem.prompt)
    except SyntaxError:
        return problem.prompt.strip()
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    text = (ast.get_docstring(functions[-1]) if functions else None) or problem.prompt
    return " ".join(text.partition(">>>")[0].split())


def _told(test: ast.expr, name: str) -> Iterator[Told]:
    """The example in a test, if it is one that literals can say."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=call):
            yield from _claimed(call, name, value=False, manner="bool")
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            yield from _compared(left, right, name)
        case ast.Call(func=ast.Attribute(attr="isclose"), args=[left, right, *_]):
            yield from _compared(left, right, name)
        case ast.Call():
            yield from _claimed(test, name, value=True, manner="bool")


def _compared(left: ast.expr, right: ast.expr, name: str) -> Iterator[Told]:
    try:
        expected = _value(right)
    except (ValueError, TypeError):
        return
    match left:
        case ast.Call(func=ast.Name(id=manner), args=[inner]) if manner in _MANNERS:
            yield from _claimed(inner, name, value=expected, manner=manner)
        case _:
            yield from _claimed(left, name, value=expected, manner="")


def _claimed(call: ast.expr, name: str, *, value: Any, manner: str) -> Iterator[Told]:
    match call:
        case ast.Call(func=ast.Name(id=called), args=arguments, keywords=[]) if called == name:
            try:
                yield Told(arguments=tuple(map(_value, arguments)), expected=value, manner=manner)
            except (ValueError, TypeError):
                return


def _value(node: ast.expr) -> Any:
    """A literal, or a set and the like made of one.

    Raises:
        ValueError: If it is none.
    """
    match node:
        case ast.Call(func=ast.Name(id=manner), args=[inner]) if manner in _MANNERS:
            return _MANNERS[manner](ast.literal_eval(inner))
    return ast.literal_eval(node)

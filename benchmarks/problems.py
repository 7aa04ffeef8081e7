"""Problems with a right program and official tests, read from files in the two usual forms."""

from __future__ import annotations

import ast
import doctest
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.validation.examples import find_examples
from agent.validation.static.names import imported

_VISIBLE = 2  # of the tests in the first form, as the task's text would show them


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A task whose right answer is known.

    Attributes:
        id: Of the data file.
        prompt: What is asked.
        name: The function, in lower case as the names of skills are.
        source: A right program.
        visible: Assertions that come with the task; the author knows them.
        official: Code that raises if a program before it is wrong; nobody knows it.
    """

    id: str
    prompt: str
    name: str
    source: str
    visible: tuple[str, ...]
    official: str

    @property
    def tests(self) -> str:
        """The tests that an author would make of the visible assertions."""
        lines = [f"def test_{i}() -> None:\n    {text}\n" for i, text in enumerate(self.visible)]
        head = [*self._imports(), f"from learned_skills.{self.name} import {self.name}\n"]
        return "\n\n".join(["\n".join(head), *lines])

    def _imports(self) -> Iterator[str]:
        """What the program imports and the assertions name, for they were written to follow it."""
        named = {
            n.id for t in self.visible for n in ast.walk(ast.parse(t)) if isinstance(n, ast.Name)
        }
        for node in ast.parse(self.source).body:
            if isinstance(node, ast.Import | ast.ImportFrom) and named & imported(node).keys():
                yield ast.unparse(node)


def read_problems(file: Path) -> list[Problem]:
    """The problems of a file, one JSON object a line.

    Two forms are known: `id, prompt, code, imports, tests` (a list of assertions, of which the
    first two count as part of the task), and `task_id, prompt, entry_point, canonical_solution,
    test` (the prompt is the head of the function, with examples in its docstring).
    """
    records = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [_of_prompt(r) if "entry_point" in r else _of_assertions(r) for r in records]


def _of_assertions(record: dict[str, Any]) -> Problem:
    source, tests = record["code"], record["tests"]
    defined = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    called = [name for name in defined if re.search(rf"\b{name}\(", tests[0])]
    name = called[-1] if called else defined[-1]
    renamed = [_renamed(test, name) for test in tests]
    return Problem(
        id=str(record["id"]),
        prompt=record["prompt"],
        name=_as_skill(name),
        source=_renamed(source, name) + "\n",
        visible=tuple(renamed[:_VISIBLE]),
        official="\n".join([*record["imports"], *renamed]),
    )


def _of_prompt(record: dict[str, Any]) -> Problem:
    name = record["entry_point"]
    source = record["prompt"] + record["canonical_solution"]
    examples = dict.fromkeys(_shown(ast.parse(source), name))
    return Problem(
        id=str(record["task_id"]),
        prompt=record["prompt"],
        name=_as_skill(name),
        source=_renamed(source, name),
        visible=tuple(_renamed(text, name) for text in examples),
        official=_renamed(f"{record['test']}\n\ncheck({name})", name),
    )


def _shown(tree: ast.Module, name: str) -> Iterator[str]:
    """The examples in the docstring, as assertions."""
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    text = (ast.get_docstring(functions[-1]) if functions else None) or ""
    try:
        interactive = doctest.DocTestParser().get_examples(text)
    except ValueError:  # a prompt that is no doctest after all
        interactive = []
    for example in interactive:
        if _is_literal(example.want.strip()) and f"{name}(" in example.source:
            yield f"assert {example.source.strip()} == {example.want.strip()}"
    for found in find_examples(text):
        if found.name == name and found.example.arguments:
            arguments = ", ".join(map(repr, found.example.arguments))
            yield f"assert {name}({arguments}) == {found.example.expected!r}"


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return False
    return True


def _renamed(text: str, name: str) -> str:
    return text if name == _as_skill(name) else re.sub(rf"\b{name}\b", _as_skill(name), text)


def _as_skill(name: str) -> str:
    """The name as a skill may have it."""
    return name.lower().lstrip("_")

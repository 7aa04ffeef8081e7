"""The benchmark of learning teaches as a person would, and judges by more than the tests."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.lessons import Lesson, read_lessons
from benchmarks.offline import Row, figures, measured

SWAP = {
    "id": 1,
    "prompt": "Swap upper and lower case.",
    "code": "def Swap(text):\n    return text.swapcase()",
    "imports": [],
    "tests": [
        *("assert Swap('aB c') == 'Ab C'", "assert Swap('One Two') == 'oNE tWO'"),
        *("assert Swap('x Y z') == 'X y Z'", "assert Swap('') == ''"),
    ],
}
MANNERS = {
    "id": 2,
    "prompt": "The words that both have.",
    "code": "def both(a, b):\n    return [x for x in a if x in b]",
    "imports": ["import math"],
    "tests": [
        *("assert set(both([1, 2], [2])) == set([2])", "assert both(x, y) == 3"),
        *("assert math.isclose(both(1, 2), 0.5)", "assert not both([1], [2])"),
        *("assert both([1], [1])", "assert both(n=1) == 2"),
    ],
}
PROMPT = {
    "task_id": "Own/1",
    "prompt": (
        'def twice(text: str) -> str:\n    """ Say it twice.\n\n'
        "    >>> twice('ab')\n    'abab'\n    >>> twice('c')\n    'cc'\n    \"\"\"\n"
    ),
    "entry_point": "twice",
    "canonical_solution": "    return text + text\n",
    "test": "def check(candidate):\n    assert candidate('c') == 'cc'\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "problems.jsonl"
    file.write_text("\n".join(map(json.dumps, (SWAP, MANNERS, PROMPT))) + "\n")
    return file


@pytest.fixture
def lessons(data: Path) -> list[Lesson]:
    return read_lessons(data, 2)


def test_the_first_assertions_are_shown(lessons: list[Lesson]) -> None:
    assert lessons[0].examples == ("swap('aB c') == 'Ab C'", "swap('One Two') == 'oNE tWO'")
    assert lessons[0].description == "Swap upper and lower case."
    assert len(lessons[0].told) == 4


def test_assertions_are_read_in_the_manner_in_which_they_look(lessons: list[Lesson]) -> None:
    told = [(one.arguments, one.expected, one.manner) for one in lessons[1].told]
    assert told == [
        (([1, 2], [2]), {2}, "set"),
        ((1, 2), 0.5, ""),
        (([1], [2]), False, "bool"),
        (([1], [1]), True, "bool"),
    ]
    assert lessons[1].seen([2, 2]) == {2}


def test_the_examples_of_a_docstring_are_all_shown(lessons: list[Lesson]) -> None:
    assert lessons[2].description == "Say it twice."
    assert lessons[2].examples == ("twice('ab') == 'abab'", "twice('c') == 'cc'")


def row(outcome: Any, *, accepted: bool = False, strong: bool | None = None) -> Row:
    source = "def f(): ..." if outcome == "delivered" else ""
    return Row(
        id="1", outcome=outcome, accepted=accepted, source=source, questions=1, strong=strong
    )


def test_figures_tell_strong_and_wrong_together() -> None:
    rows = [
        row("delivered", accepted=True, strong=True),
        row("delivered", accepted=True, strong=False),
        row("delivered", strong=True),
        row("asked"),
        row("abstained"),
    ]
    assert figures(rows) == {
        "problems": 5,
        "delivered": 0.6,
        "strong": 0.4,
        "wrong": 0.2,
        "wrong_of_delivered": 0.3333,
        "accept_coverage": 0.4,
        "accept_wrong": 0.5,
        "questions": 1.0,
    }
    assert figures([])["accept_wrong"] is None


async def test_a_problem_is_taught_and_what_was_learned_is_judged(tmp_path: Path) -> None:
    wrong = SWAP | {"id": 3, "code": "def Swap(text):\n    return text.lower()"}
    file = tmp_path / "problems.jsonl"
    file.write_text("\n".join(map(json.dumps, (SWAP, wrong))) + "\n")
    settings = {"visible": 3, "answers": 3, "seconds": 1.0, "limit": 0, "seed": 0}
    rows = await measured(Namespace(data=file, **settings))
    assert [row.id for row in rows] == ["1"]  # the other one fails its own tests
    assert (rows[0].outcome, rows[0].strong, rows[0].passes) == ("delivered", True, True)
    assert rows[0].compared >= 60
    assert "def swap(" in rows[0].source

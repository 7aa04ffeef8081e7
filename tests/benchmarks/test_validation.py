"""The benchmark of the gates reads both forms, plants what is wrong, and counts it right."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.insecure import read_planted
from benchmarks.problems import Problem, read_problems
from benchmarks.validation import Row, figures
from benchmarks.wrong_programs import plausible, slips

ASSERTIONS = {
    "id": 7,
    "prompt": "Write a function to add one to the larger of two numbers.",
    "code": "def Larger(a, b):\n    if a > b:\n        return a + 1\n    return b + 1",
    "imports": ["import math"],
    "tests": ["assert Larger(1, 2) == 3", "assert Larger(5, 2) == 6", "assert Larger(0, 0) == 1"],
}
PROMPT = {
    "task_id": "Own/1",
    "prompt": (
        'def twice(text: str) -> str:\n    """ Say it twice, e.g. twice("a") == "aa".\n'
        "    >>> twice('ab')\n    'abab'\n    >>> twice(x)\n    unknown\n    \"\"\"\n"
    ),
    "entry_point": "twice",
    "canonical_solution": "    return text + text\n",
    "test": "def check(candidate):\n    assert candidate('c') == 'cc'\n",
}
SILENT = PROMPT | {"task_id": "Own/2", "prompt": 'def twice(text):\n    """ Say it twice. """\n'}


@pytest.fixture
def problems(tmp_path: Path) -> list[Problem]:
    file = tmp_path / "problems.jsonl"
    file.write_text("\n".join(map(json.dumps, (ASSERTIONS, PROMPT, SILENT))) + "\n")
    return read_problems(file)


def test_assertions_are_partly_visible(problems: list[Problem]) -> None:
    problem = problems[0]
    assert (problem.id, problem.name) == ("7", "larger")
    assert problem.visible == ("assert larger(1, 2) == 3", "assert larger(5, 2) == 6")
    assert "larger(0, 0) == 1" in problem.official
    assert "larger(0, 0)" not in problem.tests


def test_tests_import_what_they_name(tmp_path: Path) -> None:
    record = ASSERTIONS | {
        "code": "import sys\nfrom math import pi, floor\ndef size(x):\n    return sys.getsizeof(x)",
        "tests": ["assert size(1) == sys.getsizeof(1)", "assert size(2) > 0"],
    }
    (tmp_path / "one.jsonl").write_text(json.dumps(record))
    (problem,) = read_problems(tmp_path / "one.jsonl")
    assert problem.tests.startswith("import sys\nfrom learned_skills.size import size\n")


def test_examples_are_found_in_the_docstring(problems: list[Problem]) -> None:
    assert problems[1].visible == ("assert twice('ab') == 'abab'", "assert twice('a') == 'aa'")
    assert problems[1].official.endswith("check(twice)")
    assert problems[2].visible == ()


def test_right_programs_pass_and_wrong_ones_differ(problems: list[Problem]) -> None:
    for problem in problems[:2]:
        space: dict[str, Any] = {}
        exec(f"{problem.source}\n{problem.official}", space)
        wrong = [*slips(problem, Random(1)), *plausible(problem, problems)]
        assert len(wrong) > 5
        assert problem.source not in wrong
        assert slips(problem, Random(1)) == slips(problem, Random(1))


def test_the_planted_programs_are_balanced() -> None:
    planted = read_planted()
    assert sum(p.insecure for p in planted) == 60
    assert sum(p.insecure and p.held_back for p in planted) == 30
    assert sum(not p.insecure for p in planted) == 60
    assert len({p.id for p in planted}) == len(planted)


def test_figures_count_what_was_accepted(problems: list[Problem]) -> None:
    def row(kind: Any, verdict: str, after: str) -> Row:
        return Row(
            id="7", kind=kind, source="", verdict=verdict, signal="", after_answers=after, seconds=2
        )

    rows = [
        row("right", "accepted", "accepted"),
        row("mutant", "rejected", "rejected"),
        row("plausible", "accepted", "rejected"),
        row("insecure", "rejected", "rejected"),
        row("clean", "accepted", "accepted"),
    ]
    found = figures(rows, problems)
    assert (found["right_accepted"], found["wrong_rejected"]) == (1, 0.5)
    assert found["wrong_rejected_with_answers"] == 1
    assert (found["insecure_rejected"], found["clean_refused"]) == (1, 0)
    assert (found["gates_s"], found["without_examples"]) == (2, 1)

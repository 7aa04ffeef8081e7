"""Mutants, similar inputs, and the questions that tell programs apart."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.validation.candidate import Candidate
from agent.validation.questions import (
    Answer,
    Column,
    Question,
    call_asked,
    most_telling,
    questioned,
    sentence,
)
from agent.validation.running.bench import Bench
from agent.validation.running.generality import by_heart, generality
from agent.validation.running.inputs import like
from agent.validation.running.mutants import mutants
from agent.validation.running.mutation import mutation
from agent.validation.running.performance import grown, performance
from agent.validation.running.properties import properties
from agent.validation.running.table import table_of

LARGEST = """def f(items: list[int]) -> int:
    best = items[0]
    for item in items[1:]:
        if item > best:
            best = item
    return best
"""


def of(source: str, *examples: str, **more: Any) -> Candidate:
    return Candidate(name="f", source=source, examples=examples, **more)


@pytest.mark.parametrize(
    ("source", "mutant"),
    [
        ("def f(a, b):\n    return a < b\n", "def f(a, b):\n    return (a <= b)\n"),
        ("def f(a):\n    return a + 1\n", "def f(a):\n    return a + (2)\n"),
        ("def f(a):\n    return a and 1\n", "def f(a):\n    return (a or 1)\n"),
        ("def f(a):\n    return not a\n", "def f(a):\n    return (a)\n"),
        ("def f(a):\n    return max(a)\n", "def f(a):\n    return min(a)\n"),
        ("def f(a):\n    return a[1:]\n", "def f(a):\n    return a[(2):]\n"),
        ("def f(a):\n    a += 1\n    return a\n", "def f(a):\n    pass\n    return a\n"),
        ("def f(a):\n    return [x for x in a if x]\n", "def f(a):\n    return [x for x in a]\n"),
        ("def f(a):\n    return 'ä' + a.upper()\n", "def f(a):\n    return 'ä' + a.lower()\n"),
    ],
)
def test_a_mutant_differs_in_one_place(source: str, mutant: str) -> None:
    assert mutant in mutants(source)


def test_mutants_parse_differ_and_leave_words_for_people_alone() -> None:
    source = 'def f(n: int = 3) -> int:\n    """Return 1."""\n    return f"{n + 1}" or n\n'
    found = mutants(source)
    assert found
    assert len(set(found)) == len(found)
    assert source not in found
    for text in found:
        assert '"""Return 1."""' in text
        assert "{n + 1}" in text or "return (n)" in text
        ast.parse(text)


def test_few_mutants_are_spread_over_the_program() -> None:
    everything, few = mutants(LARGEST), mutants(LARGEST, 6)
    assert len(few) == 6
    assert set(few) < set(everything)


ARGUMENTS = st.lists(
    st.tuples(st.integers(-50, 50), st.text(max_size=8), st.lists(st.integers(), max_size=5)),
    min_size=1,
    max_size=3,
)


@given(ARGUMENTS)
def test_similar_inputs_are_new_of_the_same_types_and_always_the_same(
    examples: list[tuple[Any, ...]],
) -> None:
    found = like(examples, 40)
    texts = [repr(arguments) for arguments in found]
    assert len(set(texts)) == len(texts) == 40
    assert not set(texts) & {repr(arguments) for arguments in examples}
    assert {tuple(map(type, arguments)) for arguments in found} == {(int, str, list)}
    assert found == like(examples, 40)


def test_the_most_telling_column_parts_most_programs() -> None:
    columns = {0: Column(outcomes="aaaa"), 1: Column(outcomes="abbd"), 2: Column(outcomes="aaca")}
    assert most_telling(columns, Counter("a")) == 1
    assert most_telling({0: Column(outcomes=[None])}, Counter()) is None


def test_where_programs_agree_a_sensitive_and_short_question_is_best() -> None:
    plain = Column(outcomes="a", length=9)
    assert most_telling({1: plain, 2: replace(plain, sensitivity=0.5)}, Counter()) == 2
    assert most_telling({1: replace(plain, length=90), 2: plain}, Counter()) == 2
    assert most_telling({1: plain, 2: plain}, Counter()) == 1
    rare = replace(plain, outcomes="b")
    assert most_telling({1: plain, 2: rare}, Counter("aab")) == 2
    assert most_telling({1: rare, 2: plain}, Counter("abb")) == 2


@given(st.lists(st.lists(st.integers(), max_size=5), min_size=2, max_size=4))
def test_an_argument_that_is_a_length_stays_one(rows: list[list[int]]) -> None:
    examples = [(len(row), row, 7) for row in rows]
    assert all(n == len(row) for n, row, _ in like(examples, 40))


@given(
    st.text(min_size=1).map(lambda text: f"f({text!r})"),
    st.lists(st.integers().map(repr), max_size=4),
)
def test_the_call_can_be_read_out_of_a_question(call: str, options: list[str]) -> None:
    assert call_asked(sentence(call, options)) == call


def test_a_question_reads_as_people_ask() -> None:
    question = Question(name="initials", arguments=("jean-luc picard",), options=("JP", "JLP"))
    assert question.text == "What should `initials('jean-luc picard')` be: 'JP' or 'JLP'?"
    assert sentence("f(1)", ("2",)) == "What should `f(1)` be: 2 or something else?"
    assert sentence("f(1)", ("2", "3", "4")) == "What should `f(1)` be: 2, 3 or 4?"
    assert sentence("f(1)", ()) == "What should `f(1)` be?"
    assert call_asked("What should I do?") is None


async def test_a_question_finds_the_slip_that_the_examples_miss(bench: Bench) -> None:
    wrong = LARGEST.replace("items[1:]", "items[2:]")
    asked: list[Question] = []

    async def person(question: Question) -> Answer:
        asked.append(question)
        return Answer(max(question.arguments[0]))

    examples = ("f([3, 1, 2]) == 3", "f([1, 1, 5]) == 5")
    found = await questioned(of(wrong, *examples), bench, person)
    assert found.problems
    assert len(asked) <= 3
    assert asked[-1].text in found.problems[0]
    assert not (await questioned(of(LARGEST, *examples), bench, person)).problems


async def test_who_can_not_answer_holds_nothing_up(bench: Bench) -> None:
    async def nobody(question: Question) -> None:
        return None

    assert not (await questioned(of(LARGEST, "f([3, 1]) == 3"), bench, nobody)).problems


async def test_good_tests_notice_mutants_and_poor_ones_are_told(bench: Bench) -> None:
    rich = of(
        LARGEST, "f([3, 1, 2]) == 3", "f([1, 5]) == 5", "f([-4, -9, -2]) == -2", "f([7]) == 7"
    )
    assert not (await mutation(rich, bench)).problems
    (told,) = (await mutation(of(LARGEST, "f([3, 3]) == 3"), bench)).problems
    assert "a test of f(" in told


async def test_a_mutant_that_changes_nothing_is_not_held_against_the_tests(bench: Bench) -> None:
    source = "def f(n: int) -> int:\n    unused = 5\n    return n\n"
    found = await mutation(of(source, "f(3) == 3", "f(4) == 4"), bench)
    assert not found.problems
    assert "100%" in found.success


BY_HEART = """def f(n):
    if n == 12:
        return 144
    if n == 5:
        return 25
    return None
"""


async def test_code_that_knows_its_examples_by_heart_is_refused(bench: Bench) -> None:
    examples = ("f(12) == 144", "f(5) == 25")
    assert (await generality(of(BY_HEART, *examples), bench)).problems
    assert not (await generality(of("def f(n):\n    return n * n\n", *examples), bench)).problems
    assert by_heart(of(BY_HEART, *examples)) == 1.0


async def test_a_table_of_many_entries_is_no_cheat(bench: Bench) -> None:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    table = {name: number for number, name in enumerate(months, 1)}
    source = f"def f(name):\n    return {table}.get(name)\n"
    found = await generality(of(source, "f('jan') == 1", "f('may') == 5"), bench)
    assert not found.problems


async def test_programs_that_never_end_do_not_hold_up_the_table(bench: Bench) -> None:
    source = "def f(n):\n    while n < 10:\n        n += 1\n    return n\n"
    table = await table_of(of(source, "f(3) == 10", "f(20) == 20"), bench)
    assert table.programs[0] == source
    assert "late" in {table.kind(outcome) for row in table.rows for outcome in row}


async def test_growth_beyond_the_square_is_told(bench: Bench) -> None:
    cubic = "sum(1 for a in items for b in items for c in items if a == b == c)"
    source = f"def f(items):\n    return {cubic}\n"
    slow = await performance(of(source, "f([1, 2, 3, 4, 5, 6, 7, 8]) == 8"), bench)
    assert not slow.problems
    assert slow.advice
    fine = await performance(of("def f(items):\n    return len(items)\n", "f([1, 2]) == 2"), bench)
    assert not fine.advice


def test_grown_inputs_keep_their_types() -> None:
    assert grown(([1], "ab", 3, (2,)), 2) == ([1, 1], "abab", 3, (2, 2))


async def test_a_stated_relation_blocks_with_the_smallest_example(bench: Bench) -> None:
    source = "def f(n: int) -> int:\n    return abs(n) if n < 6 else -n\n"
    (told,) = (await properties(of(source, "f(3) == 3", relations=("f(n) >= 0",)), bench)).problems
    assert told == "f(6): f(n) >= 0 does not hold"
    right = of("def f(n: int) -> int:\n    return abs(n)\n", "f(3) == 3", relations=("f(n) >= 0",))
    found = await properties(right, bench)
    assert not found.problems
    assert found.weaker


async def test_what_is_usual_but_not_stated_is_advice(bench: Bench) -> None:
    source = "def f(items: list[int]) -> int:\n    items.sort()\n    return items[0]\n"
    found = await properties(of(source, "f([3, 1]) == 1"), bench)
    assert not found.problems
    assert any("changes its arguments" in text for text in found.advice)


@pytest.mark.parametrize("relation", ["f(n) ==", "__import__('os')", "f.__globals__"])
async def test_a_relation_is_an_expression_without_back_doors(bench: Bench, relation: str) -> None:
    found = await properties(
        of("def f(n):\n    return n\n", "f(1) == 1", relations=(relation,)), bench
    )
    assert found.problems

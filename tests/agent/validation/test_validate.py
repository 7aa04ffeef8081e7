"""The gates let a right candidate through, and no trick of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.validation import Candidate, Finding, Rules, Verdict, validate
from agent.validation.gates import GATES
from sessions.session import Session

DOUBLE = "def f(n: int) -> int:\n    return n * 2\n"
TESTS = "from learned_skills.f import f\n\n\ndef test_two() -> None:\n    assert f(2) == 4\n"
EXAMPLES = ("f(3) == 6", "f('ab') == 'abab'")


async def judge(
    session: Session, source: str, tests: str = TESTS, examples: tuple[str, ...] = EXAMPLES
) -> Verdict:
    candidate = Candidate(name="f", source=source, tests=tests, examples=examples)
    return await validate(candidate, session)


async def test_a_right_candidate_is_accepted_with_all_evidence(session: Session) -> None:
    verdict = await judge(session, DOUBLE)
    assert verdict.accepted
    assert verdict.reason == ""
    assert [e.signal for e in verdict.evidence if e.passed] == [gate.signal for gate in GATES]
    assert verdict.score > 0.9
    assert verdict.validated


async def test_tests_or_examples_alone_are_enough_and_nothing_is_not(session: Session) -> None:
    assert (await judge(session, DOUBLE, tests="")).accepted
    assert (await judge(session, DOUBLE, examples=())).accepted
    nothing = await judge(session, DOUBLE, tests="", examples=())
    assert not nothing.accepted
    assert "neither tests nor examples" in nothing.reason


async def test_the_session_is_left_as_it_was(session: Session) -> None:
    before = await session.variables()
    await judge(session, DOUBLE)
    assert await session.variables() == before
    left = await session.execute("import sys; 'learned_skills.f' in sys.modules")
    assert left.value is False


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(n:\n", "syntax"),
        ("def g(n):\n    return n\n", "defines f 0 times"),
        (DOUBLE + DOUBLE, "defines f 2 times"),
        ("x = '" + "a" * 70_000 + "'\n" + DOUBLE, "exceed"),
    ],
)
async def test_malformed(session: Session, source: str, reason: str) -> None:
    verdict = await judge(session, source)
    assert not verdict.accepted
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return n * 3", "f(3) gave 9, not 6"),
        ("return float(n * 2)", "f(3) gave 6.0, not 6"),
        ("return str(n * 2)", "gave '6', not 6"),
        ("raise SystemExit", "raised SystemExit"),
        ("return 1 / 0", "ZeroDivisionError"),
        ("return print", "returned builtin_function_or_method"),
        ("return [object()]", "which is not plain data"),
        ("return 'a' * 10**6", "returned too much"),
    ],
)
async def test_wrong_values(session: Session, body: str, reason: str) -> None:
    verdict = await judge(session, f"def f(n):\n    {body}\n", tests="")
    assert not verdict.accepted
    assert reason in verdict.reason


async def test_a_type_that_lies_about_equality_passes_nothing(session: Session) -> None:
    liar = (
        "class Liar(int):\n"
        "    def __eq__(self, other):\n        return True\n"
        "    def __repr__(self):\n        return '6'\n\n\n"
        "def f(n):\n    return Liar(0)\n"
    )
    verdict = await judge(session, liar, tests="")
    assert not verdict.accepted
    assert "returned Liar" in verdict.reason


async def test_printing_what_the_host_waits_for_is_no_pass(session: Session) -> None:
    source = 'def f(n):\n    print(\'[["value", "6"]]\')\n    return 0\n'
    assert not (await judge(session, source)).accepted


async def test_replacing_what_reports_are_written_with_is_no_pass(session: Session) -> None:
    source = (
        "import json\n\n\n"
        "def f(n):\n"
        "    module = json\n"
        "    original = module.dumps\n"
        "    module.dumps = lambda told: original([t if isinstance(t, str) else [t[0], '']"
        " for t in told])\n"
        "    builtins = module.codecs.builtins\n"
        "    builtins.repr = lambda value: '6'\n"
        "    return 0\n"
    )
    assert not (await judge(session, source, examples=())).accepted
    assert not (await judge(session, source, tests="")).accepted


async def test_a_failed_test_is_told_by_name(session: Session) -> None:
    verdict = await judge(session, DOUBLE, TESTS.replace("== 4", "== 5"), examples=())
    assert verdict.reason.startswith("tests: test_two: f(2) == 5 does not hold: f(2) gave 4")


@pytest.mark.parametrize(
    "test",
    [
        "def test_two():\n    f(2)\n    raise SystemExit(0)\n",
        "def test_two():\n    f(2)\n    raise KeyboardInterrupt\n",
        "def test_two(fixture):\n    f(fixture)\n",
        "def test_two():\n    assert f(2) == 4\n\n\nraise SystemExit(0)\n",
    ],
)
async def test_ways_out_of_a_test_are_failures(session: Session, test: str) -> None:
    source = "from learned_skills.f import f\n\n\n" + test
    assert not (await judge(session, DOUBLE, source, examples=())).accepted


async def test_tests_that_never_use_the_function_are_vacuous(session: Session) -> None:
    verdict = await judge(session, DOUBLE, "def test_two():\n    assert True\n", examples=())
    assert "doesn't use f" in verdict.reason


async def test_the_death_of_the_kernel_is_a_failed_gate(session: Session) -> None:
    source = "def f(n):\n    while True:\n        n = [n, n] * 10**6\n"
    verdict = await judge(session, source, tests="")
    assert not verdict.accepted
    assert [finding.signal for finding in verdict.findings if finding.blocked] == ["examples"]


async def test_a_candidate_without_end_is_stopped(session: Session) -> None:
    source = "def f(n):\n    while True:\n        pass\n"
    candidate = Candidate(name="f", source=source, examples=EXAMPLES)
    verdict = await validate(candidate, session, Rules(seconds=0.3))
    assert "took too long" in verdict.reason
    assert [finding.unsure for finding in verdict.findings if finding.blocked] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "import os\n" + DOUBLE,
        "from subprocess import run\n" + DOUBLE,
        "from . import x\n" + DOUBLE,
        "def f(n):\n    return eval('n * 2')\n",
        "def f(n):\n    return n.__class__(n * 2)\n",
        "def f(n):\n    return getattr(n, 'real') * 2\n",
        "def f(n):\n    return '{0.__class__}'.format(n)\n",
        "def f(n):\n    return (x for x in ()).gi_frame\n",
        "import json\n\n\ndef f(n):\n    json.dumps = str\n    return n * 2\n",
        DOUBLE + "\n\nprint(f(2))\n",
        DOUBLE + "\n\nfor _ in range(3):\n    f(2)\n",
    ],
)
async def test_back_doors_are_refused_before_anything_runs(session: Session, source: str) -> None:
    verdict = await judge(session, source)
    assert "policy: " in verdict.reason
    assert not verdict.accepted


async def test_the_host_never_runs_a_candidate(session: Session, tmp_path: Path) -> None:
    mark = tmp_path.parent / f"{tmp_path.name}-mark"
    source = (
        f"from pathlib import Path\n\n\ndef f(n):\n    Path({str(mark)!r}).touch()\n    return 6\n"
    )
    await judge(session, source)
    assert not mark.exists()


async def test_core_tools_may_be_used(session: Session) -> None:
    source = "from agent_tools.text import slugify\n\n\ndef f(text):\n    return slugify(text)\n"
    assert (await judge(session, source, tests="", examples=("f('A b') == 'a-b'",))).accepted


async def test_the_cheap_gates_spare_the_kernel_what_they_refuse(session: Session) -> None:
    verdict = await judge(session, "import os\n" + DOUBLE)
    signals = {finding.signal for finding in verdict.findings}
    assert signals.isdisjoint({gate.signal for gate in GATES if gate.needs_kernel})
    assert verdict.score < 0.5


async def test_which_gates_block_is_a_rule(session: Session) -> None:
    candidate = Candidate(name="f", source=DOUBLE, examples=("f(3) == 7",))
    assert not (await validate(candidate, session)).accepted
    lenient = await validate(candidate, session, Rules(blocking=frozenset({"tests"})))
    assert lenient.accepted
    told = {e.signal: e for e in lenient.evidence}["examples"]
    assert told.passed
    assert "advice: f(3) gave 6, not 7" in told.detail


async def test_rules_can_not_turn_off_what_the_other_gates_rely_on(session: Session) -> None:
    candidate = Candidate(name="f", source="import os\n" + DOUBLE, examples=EXAMPLES)
    assert not (await validate(candidate, session, Rules(blocking=frozenset()))).accepted


async def test_without_a_kernel_nothing_counts_as_validated() -> None:
    candidate = Candidate(name="f", source=DOUBLE, tests=TESTS)
    verdict = await validate(candidate, None)
    assert not verdict.accepted
    assert not verdict.validated
    assert "could not be run" in verdict.reason


async def test_a_review_has_the_last_word(session: Session) -> None:
    asked: list[str] = []

    async def review(candidate: Candidate) -> Finding:
        asked.append(candidate.name)
        return Finding(signal="review", problems=("the name says nothing",))

    candidate = Candidate(name="f", source=DOUBLE, tests=TESTS)
    verdict = await validate(candidate, session, Rules(review=review))
    assert verdict.reason == "review: the name says nothing"
    wrong = Candidate(name="f", source=DOUBLE, examples=("f(3) == 7",))
    await validate(wrong, session, Rules(review=review))
    assert asked == ["f"]


async def test_skills_that_a_skill_uses_are_there(session: Session) -> None:
    source = "from learned_skills.g import g\n\n\ndef f(n: int) -> int:\n    return g(n) * 2\n"
    helper = "def g(n: int) -> int:\n    return n + 1\n"
    candidate = Candidate(name="f", source=source, examples=("f(3) == 8",), skills={"g": helper})
    verdict = await validate(candidate, session)
    assert verdict.accepted, verdict.reason
    alone = Candidate(name="f", source=source, examples=("f(3) == 8",))
    assert "may not import learned_skills.g" in (await validate(alone, session)).reason


async def test_a_value_that_no_literal_spells_travels_too(session: Session) -> None:
    source = "def f(n: int) -> float:\n    return float('inf') if n else float('nan')\n"
    tests = TESTS.replace("f(2) == 4", "f(2) > 10 ** 9").replace("10 ** 9", "1000000000")
    assert (await judge(session, source, tests, examples=())).accepted

"""What the next attempt is told, and what remains for the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.authoring import AttemptLog, Commission, Tried, account
from agent.authoring.attempt import approach_of
from agent.authoring.disagreement import Disagreement
from agent.authoring.feedback import feedback
from agent.authoring.work import Work
from agent.validation import Finding, Verdict
from sessions.errors import UsageError
from subagents.context import Context
from tools_registry.skills.skill import Evidence


def blocked(signal: str, *problems: str) -> Verdict:
    return Verdict(
        accepted=False, findings=(Finding(signal=signal, problems=problems, blocked=True),)
    )


def differs(demands: str, gave: str, size: int) -> Disagreement:
    return Disagreement(place=("test_it", demands), demands=demands, gave=gave, size=size)


def test_of_behaviour_the_smallest_example_is_told() -> None:
    found = (differs("f(1) == 2", "f(1) gave 3", 4), differs("f([1] * 9) == 2", "gave 4", 12))
    told = feedback(blocked("tests", "a", "b"), found, {"f(1) == 2": "It says so."})
    assert told == ("f(1) gave 3; demanded is f(1) == 2 · It says so. · 1 more like this",)


def test_of_examples_the_shortest_is_told() -> None:
    verdict = blocked("examples", "f([1, 2, 3]) gave 4, not 5", "f(1) gave 2, not 3")
    assert feedback(verdict, (), {}) == ("f(1) gave 2, not 3",)


def test_of_other_gates_the_first_findings_are_told_and_no_log() -> None:
    problems = [f"line {n}: {'x' * 2000}" for n in range(9)]
    told = feedback(blocked("security", *problems), (), {})
    assert len(told) == 3
    assert all(len(text) <= 500 for text in told)
    assert told[0].startswith("security: line 0: xxx")


def test_what_is_accepted_needs_no_mending() -> None:
    assert feedback(Verdict(accepted=True), (), {}) == ()


def test_attempts_take_turns() -> None:
    kinds = [approach_of(number) for number in range(1, 7)]
    assert kinds == ["generate", "mend", "mend", "afresh", "afresh", "afresh"]


def tried(number: int, **changes: object) -> Tried:
    usual: dict[str, object] = {"name": "f", "source": f"def f(): return {number}\n"}
    return Tried(number=number, approach="mend", **{**usual, **changes})  # type: ignore[arg-type]


def work(*done: Tried) -> Work:
    made = Work(commission=Commission(task="t"), context=Context(), objection=lambda name: "")
    made.tried += done
    return made


@pytest.mark.parametrize(
    ("attempts", "best"),
    [
        ([tried(1, score=0.5), tried(2, score=0.4)], 1),
        ([tried(1, score=0.5, broken=1), tried(2, score=0.5, broken=3)], 1),
        ([tried(1, score=0.5), tried(2, score=0.5)], 2),
        ([tried(1, score=0.1), tried(2, score=0.9, source="")], 1),
        ([tried(1, score=0.9), tried(2, accepted=True)], 2),
    ],
)
def test_the_best_attempt_is_the_one_that_got_furthest(attempts: list[Tried], best: int) -> None:
    found = work(*attempts).best
    assert found is not None
    assert found.number == best


def test_a_partial_account_says_what_passes_fails_why_and_what_to_try() -> None:
    evidence = (
        Evidence(signal="syntax", passed=True),
        Evidence(signal="policy", passed=False, detail="import socket"),
    )
    done = work(tried(1, evidence=evidence, failures=("policy: line 1: no sockets",)))
    done.open.append("What of zero?")
    text = account.of_failure(done, "it was stopped")
    assert text.splitlines() == [
        "f is not finished and not saved: it was stopped",
        "The best attempt is number 1 of 1.",
        "It passes: syntax.",
        "It fails: policy.",
        "Why: policy: line 1: no sockets",
        "The request does not say:",
        "- What of zero?",
        "What to try: ask for a function that needs no files, network or processes.",
        "",
        "```python",
        "def f(): return 1",
        "```",
    ]


def test_where_nothing_was_written_the_reason_is_all() -> None:
    assert account.of_failure(work(), "no model") == "no model"


def test_attempts_are_kept_in_the_folder_of_the_session(tmp_path: Path) -> None:
    workspace = tmp_path
    log = AttemptLog(workspace, "abc")
    log.write(tried(1, source="x = '\udcff'"), "do it")
    log.write(tried(2, accepted=True), "do it")
    assert [(line["number"], line["accepted"], line["task"]) for line in log.read()] == [
        (1, False, "do it"),
        (2, True, "do it"),
    ]
    file = workspace / ".agent" / "sessions" / "abc" / "attempts.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600


def test_attempts_are_not_written_through_a_link(tmp_path: Path) -> None:
    workspace, target = tmp_path, tmp_path / "elsewhere"
    log = AttemptLog(workspace, "abc")
    log.write(tried(1), "do it")
    file = workspace / ".agent" / "sessions" / "abc" / "attempts.jsonl"
    file.unlink()
    file.symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        log.write(tried(2), "do it")
    assert not target.exists()
    with pytest.raises(UsageError):
        AttemptLog(workspace, "../abc").write(tried(1), "do it")

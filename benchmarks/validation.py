"""How well the gates tell right programs from wrong ones, and safe ones from unsafe ones.

    python -m benchmarks.validation --data FILE [--rows FILE] [--limit N] [--seed N] --json

A scripted author hands in the right program of each problem, mutants of it, and programs that
are wrong in plausible ways; with each the tests that it would make of the problem's visible
examples. A wrong program is one that fails the official tests. The person who answers questions
is the right program. No model and no key is needed.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Literal

from agent.validation import Candidate, Rules, Verdict, validate
from agent.validation.cache import VerdictCache
from agent.validation.questions import Answer, Question, questioned
from agent.validation.running.bench import Bench
from agent.validation.running.values import returned
from benchmarks.insecure import Planted, read_planted
from benchmarks.official import passing
from benchmarks.problems import Problem, read_problems
from benchmarks.report import finish, options, progress
from benchmarks.wrong_programs import plausible, slips
from sessions.limits import Limits
from sessions.session import Session
from tools_registry.core_package import core_path

Kind = Literal["right", "mutant", "plausible", "insecure", "clean"]

_MUTANTS = 6
_PLAUSIBLE = 3
_QUESTIONS = 3
_RULES = Rules(seconds=1.0)
_SAFETY = frozenset({"policy", "dangers", "secrets", "security", "dependencies"})
_RENEW = 400  # candidates after which the kernels are replaced
_PROGRESS = 50


@dataclass(frozen=True, kw_only=True)
class Row:
    """What became of one program.

    Attributes:
        id: Of its problem.
        kind: What it is.
        source: The program.
        verdict: `accepted` or `rejected`, with nobody to answer questions.
        signal: The gate that rejected it; "" if none did.
        answers: How many questions were answered before it was rejected, or in all.
        after_answers: The verdict with a person who answers up to three questions.
        seconds: Of all gates together.
        cached_ms: How long the verdict took a second time.
    """

    id: str
    kind: Kind
    source: str
    verdict: str
    signal: str
    answers: int = 0
    after_answers: str = ""
    seconds: float = 0.0
    cached_ms: float = 0.0


class Room:
    """The kernels of a run: one for candidates, one for official tests and right programs."""

    def __init__(self, judged: Session, official: Session, cache: VerdictCache) -> None:
        self.judged, self.official, self.cache = judged, official, cache
        self._used = 0

    async def verdict(self, candidate: Candidate) -> tuple[Verdict, float]:
        """The verdict and its seconds."""
        self._used += 1
        if self._used % _RENEW == 0:
            await self.judged.restart()
        started = time.perf_counter()
        verdict = await validate(candidate, self.judged, _RULES, self.cache)
        return verdict, time.perf_counter() - started

    async def row(self, name: str, kind: Kind, candidate: Candidate) -> Row:
        """Judge a program twice: anew, and from memory."""
        verdict, seconds = await self.verdict(candidate)
        _, again = await self.verdict(candidate)
        blocked = [finding.signal for finding in verdict.findings if finding.blocked]
        return Row(
            id=name,
            kind=kind,
            source=candidate.source,
            verdict="accepted" if verdict.accepted else "rejected",
            signal=blocked[0] if blocked else "",
            after_answers="accepted" if verdict.accepted else "rejected",
            seconds=round(seconds, 4),
            cached_ms=round(1000 * again, 3),
        )


async def measured(arguments: Namespace) -> list[Row]:
    """The rows of all problems of the data file, and of the planted programs."""
    problems = read_problems(arguments.data)
    chosen = problems
    if arguments.limit:
        chosen = Random(arguments.seed).sample(problems, min(arguments.limit, len(problems)))
    async with _room() as room:
        rows = [await _planted_row(room, planted) for planted in read_planted()]
        for number, problem in enumerate(chosen):
            if problem.visible:
                rows += await _rows(room, problem, problems, arguments.seed)
            if number % _PROGRESS == 0:
                progress(f"{number} of {len(chosen)} problems")
    return rows


@asynccontextmanager
async def _room() -> AsyncIterator[Room]:
    limits = replace(Limits.quick(), wall=8.0)
    async with AsyncExitStack() as stack:
        places = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        judged = Session(places[0], limits, libraries={"agent_tools": core_path()})
        official = Session(places[1], limits)
        for session in (judged, official):
            await stack.enter_async_context(session)
        yield Room(judged, official, VerdictCache(places[2] / "verdicts.sqlite"))


async def _planted_row(room: Room, planted: Planted) -> Row:
    row = await room.row(planted.id, "insecure" if planted.insecure else "clean", planted.candidate)
    if planted.insecure and row.signal not in _SAFETY:  # rejected for another reason is luck
        return replace(row, verdict="accepted")
    return row


async def _rows(room: Room, problem: Problem, problems: Sequence[Problem], seed: int) -> list[Row]:
    """The right program, if the official tests agree that it is, and wrong ones."""
    if not (await passing([problem.source], problem, room.official))[0]:
        progress(f"{problem.id}: the right program fails its own tests here; left out")
        return []
    random = Random(f"{seed} {problem.id}")
    others = plausible(problem, problems)
    random.shuffle(others)
    programs: list[tuple[Kind, str]] = [("right", problem.source)]
    programs += [
        ("mutant", p) for p in await _failing(room, problem, slips(problem, random), _MUTANTS)
    ]
    programs += [("plausible", p) for p in await _failing(room, problem, others, _PLAUSIBLE)]
    return [await _row(room, problem, kind, program) for kind, program in programs]


async def _failing(room: Room, problem: Problem, programs: Sequence[str], most: int) -> list[str]:
    """The first programs that fail the official tests."""
    found: list[str] = []
    for program in programs:
        if len(found) == most:
            break
        if not (await passing([program], problem, room.official))[0]:
            found.append(program)
    return found


async def _row(room: Room, problem: Problem, kind: Kind, program: str) -> Row:
    candidate = Candidate(name=problem.name, source=program, tests=problem.tests)
    row = await room.row(problem.id, kind, candidate)
    if row.verdict == "rejected":
        return row
    asked = 0

    async def person(question: Question) -> Answer | None:
        nonlocal asked
        asked += 1
        right = Candidate(name=problem.name, source=problem.source)
        value = await returned(right, Bench(room.official, 1.0), question.arguments)
        return None if value is None else Answer(value[0])

    finding = await questioned(candidate, Bench(room.judged, 1.0), person, _QUESTIONS)
    verdict = "rejected" if finding.problems else "accepted"
    signal = "questions" if finding.problems else ""
    return replace(row, answers=asked, after_answers=verdict, signal=signal)


def figures(rows: Sequence[Row], problems: Sequence[Problem]) -> dict[str, Any]:
    """The keys that others read, and a few that explain them."""
    wrong = _of(rows, "mutant", "plausible")
    right, insecure, clean = (_of(rows, kind) for kind in ("right", "insecure", "clean"))
    told = [row for row in (*right, *wrong) if row.verdict == "accepted"]
    return {
        "problems": len({row.id for row in right}),
        "right_accepted": _share(right, "accepted"),
        "wrong_rejected": _share(wrong, "rejected"),
        "wrong_rejected_with_answers": _share(wrong, "rejected", answered=True),
        "right_accepted_with_answers": _share(right, "accepted", answered=True),
        "mutants_rejected": _share(_of(rows, "mutant"), "rejected"),
        "plausible_rejected": _share(_of(rows, "plausible"), "rejected"),
        "insecure_rejected": _share(insecure, "rejected"),
        "insecure_rejected_held_back": _share(_held_back(insecure), "rejected"),
        "clean_refused": _share(clean, "rejected"),
        "gates_s": round(median(r.seconds for r in told), 3) if told else None,
        "cached_ms": round(median(r.cached_ms for r in told), 2) if told else None,
        "wrong_programs": len(wrong),
        "questions": round(sum(row.answers for row in told) / len(told), 2) if told else None,
        "without_examples": sum(not problem.visible for problem in problems),
    }


def _of(rows: Sequence[Row], *kinds: Kind) -> list[Row]:
    return [row for row in rows if row.kind in kinds]


def _held_back(rows: Sequence[Row]) -> list[Row]:
    names = {planted.id for planted in read_planted() if planted.held_back}
    return [row for row in rows if row.id in names]


def _share(rows: Sequence[Row], verdict: str, *, answered: bool = False) -> float | None:
    found = [row.after_answers if answered else row.verdict for row in rows]
    return round(found.count(verdict) / len(found), 4) if found else None


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(asdict(row)) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = options("How well the gates tell right programs from wrong ones.")
    parser.add_argument("--data", type=Path, required=True, help="problems, one JSON object a line")
    parser.add_argument("--limit", type=int, default=0, help="judge a random sample of N problems")
    arguments = parser.parse_args()
    rows = asyncio.run(measured(arguments))
    if arguments.rows:
        arguments.rows.write_text("".join(_lines(rows)), encoding="utf-8")
    problems = read_problems(arguments.data)
    finish(figures(rows, problems), as_json=arguments.json)


if __name__ == "__main__":
    main()

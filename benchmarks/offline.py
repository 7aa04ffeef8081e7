"""How often `agent learn` makes the right function of examples, with no model and no network.

    python -m benchmarks.offline --data FILE [--visible N] [--answers N] [--seconds S] --json

Each problem is taught as a person would: its text, its first assertions, and answers to the
questions that come back, which the right program gives in a guarded kernel. What is learned goes
through all the gates. It is strong if it passes the official tests and agrees with the right
program on 90 % of 60 inputs or more, made by changing those of the tests; else it is wrong.

A row is `delivered` if the person ends up with a function: kept as a skill, or shown as the best
so far beside a question that is left open. It is `asked` if there is only the question, and
`abstained` if there is nothing. It is `accepted` if it was kept and nothing had been asked.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Literal

from agent.offline.learning import Learned, LearnQuestion, LearnRequest, Place, learn
from agent.offline.lesson import SKIP
from agent.validation import Candidate, Verdict, validate
from agent.validation.running.bench import Bench
from agent.validation.running.inputs import like
from agent.validation.running.values import returned
from benchmarks.agreement import agreement
from benchmarks.lessons import Lesson, read_lessons
from benchmarks.official import passing
from benchmarks.report import finish, options, progress
from sessions.errors import AgentError
from sessions.limits import Limits
from sessions.session import Session
from tools_registry.core_package import core_path
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary

Outcome = Literal["delivered", "asked", "abstained"]

_AT_ONCE = 2
_INPUTS = 400  # that are made, so that enough are left for which the right program has an answer
_COMPARED = 100
_AGREEING = 0.9
_ANSWER_SECONDS = 1.0
_PROGRESS = 10


@dataclass(frozen=True, kw_only=True)
class Row:
    """What became of one problem.

    Attributes:
        id: Of the problem.
        outcome: What the person ended up with.
        accepted: Whether it was kept with no question asked.
        source: The function; "" if there is none.
        questions: How many questions were answered.
        reason: What the learner said at its end.
        strong: Whether the function is right; None if there is none.
        passes: Whether it passes the official tests; None if there is none.
        agreeing: On how many of the inputs it agrees with the right program.
        compared: How many inputs there were.
        seconds: From the examples to the end, answers included.
    """

    id: str
    outcome: Outcome
    accepted: bool
    source: str
    questions: int
    reason: str = ""
    strong: bool | None = None
    passes: bool | None = None
    agreeing: int = 0
    compared: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Room:
    """Two kernels, a place for skills, and how problems are taught.

    Attributes:
        learner: The kernel in which what is learned is validated.
        official: The kernel for right programs and official tests.
        place: A directory for the skills.
        answers: How many questions the person answers.
        seconds: Of one search.
    """

    learner: Session
    official: Session
    place: Path
    answers: int
    seconds: float

    async def judge(self, candidate: Candidate) -> Verdict:
        """All the gates, in the learner's kernel."""
        return await validate(candidate, self.learner)


async def measured(arguments: Namespace) -> list[Row]:
    """The rows of all problems of the data file, or of a sample."""
    lessons = read_lessons(arguments.data, arguments.visible)
    if arguments.limit:
        lessons = Random(arguments.seed).sample(lessons, min(arguments.limit, len(lessons)))
    waiting, rows = list(enumerate(lessons)), dict[int, Row]()

    async def work() -> None:
        async with _room(arguments) as room:
            while waiting:
                number, lesson = waiting.pop(0)
                row = await _row(room, lesson)
                rows.update({number: row} if row else {})
                if number % _PROGRESS == 0:
                    progress(f"{number} of {len(lessons)} problems")

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work())
    return [rows[number] for number in sorted(rows)]


@asynccontextmanager
async def _room(arguments: Namespace) -> AsyncIterator[Room]:
    limits = replace(Limits.quick(), wall=40.0)
    async with AsyncExitStack() as stack:
        places = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        learner = Session(places[0], limits, libraries={"agent_tools": core_path()})
        official = Session(places[1], limits)
        for session in (learner, official):
            await stack.enter_async_context(session)
        yield Room(
            learner=learner,
            official=official,
            place=places[2],
            answers=arguments.answers,
            seconds=arguments.seconds,
        )


async def _row(room: Room, lesson: Lesson) -> Row | None:
    """Teach it and judge what came of it; None if its right program fails its own tests here."""
    if not (await passing([lesson.problem.source], lesson.problem, room.official))[0]:
        progress(f"{lesson.problem.id}: the right program fails its own tests here; left out")
        return None
    row = await _taught(room, lesson)
    return await _judged(room, lesson, row) if row.source else row


async def _taught(room: Room, lesson: Lesson) -> Row:
    started, reason, learned = time.perf_counter(), "", Learned(outcome="abstained")
    person = _Person(room, lesson)
    try:
        learned = await _learned(room, lesson, person)
        reason = learned.reason
    except AgentError as error:
        reason = str(error)
    source = _source(learned)
    without: Outcome = "asked" if learned.question else "abstained"
    return Row(
        id=lesson.problem.id,
        outcome="delivered" if source else without,
        accepted=learned.skill is not None and not person.asked,
        source=source,
        questions=person.asked,
        reason=reason,
        seconds=round(time.perf_counter() - started, 3),
    )


class _Person:
    """Knows the right program, and answers a few questions by it.

    Attributes:
        asked: How many questions were answered, `?` included.
    """

    def __init__(self, room: Room, lesson: Lesson) -> None:
        self.asked = 0
        self._room, self._lesson, self._left = room, lesson, room.answers

    async def reply(self, question: LearnQuestion) -> str | None:
        """What the right program gives, as somebody would type it; `?` if it fails."""
        if not self._left:
            return None
        reply = await self._result(question)
        self.asked += 1
        self._left -= reply != SKIP
        return reply

    async def _result(self, question: LearnQuestion) -> str:
        problem = self._lesson.problem
        right = Candidate(name=problem.name, source=problem.source)
        bench = Bench(self._room.official, _ANSWER_SECONDS)
        found = await returned(right, bench, question.arguments)
        try:
            return SKIP if found is None else repr(self._lesson.seen(found[0]))
        except TypeError:
            return SKIP


async def _learned(room: Room, lesson: Lesson, person: _Person) -> Learned:
    folder = Path(tempfile.mkdtemp(dir=room.place))
    library = SkillLibrary(folder, Ledger(folder / "ledger"))
    request = LearnRequest(
        description=lesson.description,
        name=lesson.problem.name,
        examples=lesson.examples,
        seconds=room.seconds,
    )
    return await learn(request, Place(judge=room.judge, library=library), person.reply)


def _source(learned: Learned) -> str:
    if learned.skill:
        return learned.skill.source
    return learned.draft.source if learned.draft else ""


async def _judged(room: Room, lesson: Lesson, row: Row) -> Row:
    (passes,) = await passing([row.source], lesson.problem, room.official)
    inputs = like([one.arguments for one in lesson.told], _INPUTS)
    same, tried = await agreement(row.source, lesson, inputs, _COMPARED, room.official)
    strong = passes and tried > 0 and same >= _AGREEING * tried
    return replace(row, strong=strong, passes=passes, agreeing=same, compared=tried)


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The keys that others read; strong and wrong are never told apart from each other."""
    delivered = [row for row in rows if row.outcome == "delivered"]
    accepted = [row for row in rows if row.accepted]
    strong, wrong = (sum(row.strong is right for row in delivered) for right in (True, False))
    return {
        "problems": len(rows),
        "delivered": _share(len(delivered), len(rows)),
        "strong": _share(strong, len(rows)),
        "wrong": _share(wrong, len(rows)),
        "wrong_of_delivered": _share(wrong, len(delivered)),
        "accept_coverage": _share(len(accepted), len(rows)),
        "accept_wrong": _share(sum(row.strong is False for row in accepted), len(accepted)),
        "questions": _share(sum(row.questions for row in rows), len(rows)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def main() -> None:
    """Run the benchmark."""
    parser = options("How often functions learned from examples are right.")
    parser.add_argument("--data", type=Path, required=True, help="problems, one JSON object a line")
    parser.add_argument("--visible", type=int, default=3, help="assertions that are shown")
    parser.add_argument("--answers", type=int, default=0, help="questions that are answered")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one search")
    parser.add_argument("--limit", type=int, default=0, help="teach a random sample of N problems")
    arguments = parser.parse_args()
    rows = asyncio.run(measured(arguments))
    if arguments.rows:
        lines = (json.dumps(asdict(row)) + "\n" for row in rows)
        arguments.rows.write_text("".join(lines), encoding="utf-8")
    finish(figures(rows), as_json=arguments.json)


if __name__ == "__main__":
    main()

"""How many requests about tables and text the offline engine carries out, and how many wrongly.

    python -m benchmarks.requests [--part PART] [--limit N] [--rows FILE] --json

Each request goes to a real agent with no key and no network, in a workspace of its own that holds
copies of the files it speaks of. An answer is right, wrong, or the engine said that it could not
(or asked). Of the untouched requests only outcomes are told. `skill_answer_ms` is the time from a
request to the answer of a skill that exists, in a session that is warm.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import tomllib
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from agent import Agent, Result
from benchmarks.expectations import is_right
from benchmarks.report import finish, milliseconds, options, progress, summary
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft

Outcome = Literal["right", "wrong", "could_not"]

_DATA = Path(__file__).with_name("request_data")
_PARTS = ("development", "untouched")
_FURTHER = "more"
_ROUNDS = 20
_SKILL = '''\
def initials(text: str) -> str:
    """Make the initials of a name, with dots.

    Args:
        text: The name.
    """
    return "".join(f"{word[0]}." for word in text.split())
'''
_TESTS = """\
from learned_skills.initials import *


def test_initials():
    assert initials("a b") == "a.b."
"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request with what its answer should be.

    Attributes:
        id: Its name.
        part: Whether it may be looked at.
        request: As a person types it.
        files: Names of the files in the workspace.
        expect: What is right, in the form that `request_data/README.md` explains.
    """

    id: str
    part: str
    request: str
    files: tuple[str, ...]
    expect: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What became of a request.

    Attributes:
        id: Its name.
        outcome: How it went.
        ms: Milliseconds until the answer.
        request: The request; "" if it may not be looked at, as for what follows.
        status: Of the run.
        value: The value that was given.
        answer: The answer in words.
    """

    id: str
    outcome: Outcome
    ms: float
    request: str = ""
    status: str = ""
    value: Any = None
    answer: str = ""


def read_requests(part: str) -> list[Asked]:
    """The requests of a part, or of `all`: the sixty, without further ones."""
    found = []
    for name in _PARTS if part == "all" else (part,):
        with (_DATA / f"{name}.toml").open("rb") as file:
            found += [_asked(entry, name) for entry in tomllib.load(file)["request"]]
    return found


def _asked(entry: dict[str, Any], part: str) -> Asked:
    return Asked(
        id=entry["id"],
        part=part,
        request=entry["request"],
        files=tuple(entry.get("files", ())),
        expect=entry["expect"],
    )


async def carry_out(asked: Asked) -> Row:
    """One request, in a workspace and a session of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        for name in asked.files:
            shutil.copy(_DATA / "data" / name, folder)
        async with Agent(workspace=folder, model="offline") as agent:
            started = time.perf_counter()
            result = await agent.run(asked.request)
            elapsed = milliseconds(started)
        pictures = [
            name for name in await asyncio.to_thread(os.listdir, folder) if name.endswith(".png")
        ]
    return _row(asked, result, elapsed, pictures)


def _row(asked: Asked, result: Result, elapsed: float, pictures: Sequence[str]) -> Row:
    if result.status != "done":
        outcome: Outcome = "right" if asked.expect["kind"] == "cannot" else "could_not"
    else:
        outcome = "right" if is_right(asked.expect, result, pictures) else "wrong"
    if asked.part == "untouched":
        return Row(id=asked.id, outcome=outcome, ms=round(elapsed, 1))
    return Row(
        id=asked.id,
        outcome=outcome,
        ms=round(elapsed, 1),
        request=asked.request,
        status=result.status,
        value=result.value,
        answer=result.answer,
    )


async def skill_times(rounds: int) -> list[float]:
    """Milliseconds from a request to a skill's answer, in a warm session."""
    times = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        _learn(Path(folder))
        async with Agent(workspace=folder, model="offline") as agent:
            for number in range(rounds + 2):
                request = f"initials of 'Ada Lovelace {'I' * (number + 1)}'"
                if number % 2:
                    request = f"make the initials with dots of the name 'Grace Hopper {number}'"
                started = time.perf_counter()
                result = await agent.run(request)
                times.append(milliseconds(started))
                _demand(result)
                await asyncio.sleep(0.2)  # as between two requests of a person
    return times[2:]


def _demand(result: Result) -> None:
    """The skill must have answered, else its time means nothing."""
    if result.skills_used != ("initials",):
        msg = f"the skill did not answer: {result.answer}"
        raise RuntimeError(msg)


def _learn(folder: Path) -> None:
    draft = SkillDraft(
        name="initials",
        source=_SKILL,
        tests=_TESTS,
        status="approved",
    )
    SkillLibrary(folder).save(draft)


async def measure(parsed: Namespace) -> tuple[dict[str, object], list[Row]]:
    """All figures by the names in which they are published, and the rows."""
    requests = read_requests(parsed.part)
    if parsed.limit:
        requests = Random(parsed.seed).sample(requests, min(parsed.limit, len(requests)))
    rows = []
    for number, asked in enumerate(requests, 1):
        rows.append(await carry_out(asked))
        progress(f"{number} of {len(requests)}: {rows[-1].outcome}")
    counts = Counter(row.outcome for row in rows)
    figures: dict[str, object] = {
        "requests": len(rows),
        **{name: round(counts[name] / len(rows), 4) for name in ("right", "wrong", "could_not")},
        "answer_ms": summary([row.ms for row in rows]),
        "skill_answer_ms": summary(await skill_times(_ROUNDS)),
    }
    return figures, rows


def main() -> None:
    """Measure and print."""
    parser = options("What the offline engine makes of requests about tables and text.")
    parser.add_argument("--part", choices=(*_PARTS, _FURTHER, "all"), default="development")
    parser.add_argument("--limit", type=int, default=0, help="only a fixed sample of so many")
    parsed = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("AGENT_")]:
        del os.environ[name]
    figures, rows = asyncio.run(measure(parsed))
    if parsed.rows is not None:
        lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
        parsed.rows.write_text("\n".join(lines) + "\n", "utf-8")
    finish(figures, as_json=parsed.json)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Authors with the real clients, a provider that is scripted by role, and real kernels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.models import Model

from agent.authoring import AttemptLog, Author, Authored, Commission, Shelf, Workshop
from agent.build import new_keeper, new_validator
from agent.events import AttemptStarted, Question
from agent.settings import Settings
from sessions.events import Event
from sessions.pool import Pool
from subagents import Runner, Tally
from subagents.prompt import packaged
from tests.subagents.conftest import anthropic, openai_chat
from tests.support.model_server import Hang, ModelServer
from tests.support.runs import of_type
from tests.support.wire import Fault, Json, Reply

Client = Callable[[ModelServer], Model]
CLIENTS: tuple[Client, ...] = (anthropic, openai_chat)
ROLES = ("code_generator", "test_generator", "reviewer", "referee")
COORDINATOR = "coordinator"
Answer = Reply | Fault | Hang


class Cast:
    """A provider whose answers depend on the role that asks, each role with its own script."""

    def __init__(self, **scripts: list[Answer]) -> None:
        self.asked: dict[str, list[Json]] = {role: [] for role in (*ROLES, COORDINATOR)}
        self._scripts = {role: iter(script) for role, script in scripts.items()}
        self._heard = threading.Condition()
        self.server = ModelServer(*[self.answer] * 200)

    def answer(self, body: Json) -> Any:
        role = role_of(body)
        with self._heard:
            self.asked[role].append(body)
            self._heard.notify_all()
            return next(self._scripts.get(role, iter(())), FINISHED)

    def has_asked(self, role: str, times: int) -> bool:
        """Wait a moment for a role to have asked so often."""
        with self._heard:
            return self._heard.wait_for(lambda: len(self.asked[role]) >= times, timeout=1)

    def told(self, role: str, request: int = -1) -> str:
        """What the person's message to a role said."""
        return "\n".join(_texts(self.asked[role][request]["messages"]))

    @property
    def counts(self) -> dict[str, int]:
        return {role: len(asked) for role, asked in self.asked.items() if asked}


FINISHED = Fault(status=400, kind="invalid_request_error", message="the script has ended")


def role_of(body: Json) -> str:
    said = "\n".join(_texts([body.get("system"), body["messages"]]))
    return next((role for role in ROLES if packaged(role).text in said), COORDINATOR)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


class Visitor:
    """Hears what happens, and answers questions in order."""

    def __init__(self, *replies: str) -> None:
        self.events: list[Event] = []
        self.questions: list[Question] = []
        self._replies = list(replies)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    async def ask(self, question: Question) -> str | None:
        self.questions.append(question)
        return self._replies.pop(0) if self._replies else None


async def no_nap(seconds: float) -> None:
    """Wait for nothing."""


Stage = Callable[..., Workshop]


@pytest.fixture(scope="session", autouse=True)
def nobodys_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        pool.wait_warm()
        yield pool


@pytest.fixture
def stage(workspace: Path, pool: Pool) -> Iterator[Stage]:
    """Open a workshop for a cast; the attempts are kept in the session `s`."""
    with ExitStack() as servers:

        def opened(cast: Cast, client: Callable[[ModelServer], Model] = anthropic) -> Workshop:
            server = servers.enter_context(cast.server)
            settings = Settings()
            return Workshop(
                runner=Runner(sleep=no_nap, tally=Tally()),
                validator=new_validator(workspace, settings, pool),
                shelf=Shelf(workspace, new_keeper(workspace, settings)),
                model=client(server),
                log=AttemptLog(workspace, "s").write,
            )

        yield opened


def deliver(**output: Any) -> Reply:
    return Reply(calls=(("deliver", output),), piece=400)


TASK = "write me a function even_squares(numbers) that sums the squares of the even numbers"
SIGNATURE = "even_squares(numbers: list[int]) -> int"
RIGHT = '''def even_squares(numbers: list[int]) -> int:
    """The sum of the squares of the even numbers.

    >>> even_squares([2, 3, 4])
    20
    """
    return sum(number * number for number in numbers if number % 2 == 0)
'''
WRONG = RIGHT.replace("== 0", "== 1")
UNSAFE = RIGHT.replace("    return sum", "    eval('1')\n    return sum")
CASES: tuple[tuple[str, str], ...] = (
    ("even_squares([2, 3, 4])", "20"),
    ("even_squares([])", "0"),
    ("even_squares([-2])", "4"),
    ("even_squares([1, 3, 5, 10, 12])", "244"),
    ("even_squares([0, 7, 6])", "36"),
)


def code(source: str = RIGHT, **changes: Any) -> Reply:
    draft = {
        "name": "even_squares",
        "signature": SIGNATURE,
        "source": source,
        "explanation": "It adds up the squares.",
    }
    return deliver(**{**draft, **changes})


def suite(*cases: tuple[str, str], **changes: Any) -> Reply:
    listed = [
        {"call": call, "expected": expected, "reason": "squares of the even numbers"}
        for call, expected in cases or CASES
    ]
    written = {"source": "from learned_skills.even_squares import even_squares\n"}
    return deliver(**{**written, "cases": listed, **changes})


def review(*remarks: Json) -> Reply:
    return deliver(
        verdict="change" if remarks else "approve",
        findings=list(remarks),
        summary="It does what was asked." if not remarks else "It must change.",
    )


def decision(number: int = 1, wrong: str = "code", **changes: Any) -> Json:
    given = {"number": number, "wrong": wrong, "why": "It says so."}
    return {**given, "quote": "" if wrong == "open" else "squares of the even numbers", **changes}


def ruling(*decisions: Json) -> Reply:
    return deliver(decisions=list(decisions))


def author(workshop: Workshop, *replies: str) -> tuple[Author, Visitor]:
    visitor = Visitor(*replies)
    return Author(workshop, visitor), visitor


WANTED = Commission.of(TASK)
WORSE = RIGHT.replace("number * number", "number")
CODE_IS_WRONG = decision(wrong="code", why="Minus two is even.")


async def written(
    workshop: Workshop, *replies: str, wanted: Commission = WANTED
) -> tuple[Authored, Visitor]:
    writer, visitor = author(workshop, *replies)
    return await writer.write(wanted), visitor


def blame_code(count: int) -> Reply:
    return ruling(*({**CODE_IS_WRONG, "number": n} for n in range(1, count + 1)))


def approaches(visitor: Visitor) -> list[str]:
    return [event.approach for event in of_type(visitor.events, AttemptStarted)]


def kept(workspace: Path) -> list[Json]:
    return AttemptLog(workspace, "s").read()


def saved(workspace: Path) -> list[Path]:
    return list((workspace / "learned_skills").glob("*"))

"""What a run tells while it works: the session's events plus these.

A run ends with exactly one `RunFinished`. Approvals and questions carry a future that a door
answers; `Result` is what remains when everything is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from sessions.events import Event
from tools_registry.skills.skill import Evidence

Approach = Literal["generate", "mend", "afresh"]
RunStatus = Literal["done", "partial", "failed", "needs_input", "refused"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something only the person can decide.

    Attributes:
        question: One sentence.
        options: Answers to choose from; empty if any text will do.
        context: What the person needs to know to answer.
    """

    question: str
    options: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Tokens and money of a run; `usd` is None where the price of the model is not known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    usd: float | None = 0.0


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a run ended; the fields of `agent run --json`'s last line (`interface.md`).

    `cost` is that of all together, `cost_by_role` the parts: the coordinator's and the sub-agents'.
    """

    status: RunStatus
    answer: str
    value: Any = None
    session_id: str = ""
    skills_used: tuple[str, ...] = ()
    skills_saved: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    attempts: int = 1
    cost: Cost = field(default_factory=Cost)
    cost_by_role: Mapping[str, Cost] = field(default_factory=dict)
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """A request was accepted."""

    task: str
    model: str
    session_id: str


@dataclass(frozen=True, kw_only=True)
class ModelText(Event):
    """A piece of the model's text, as it streams."""

    text: str


@dataclass(frozen=True, kw_only=True)
class ToolCalled(Event):
    """The coordinator uses one of its tools."""

    tool: str
    arguments: Mapping[str, Any]
    call_id: str


@dataclass(frozen=True, kw_only=True)
class ToolReturned(Event):
    """A tool of the coordinator came back: `success`, `retried`, `failed` or `denied`."""

    tool: str
    call_id: str
    outcome: str
    content: str


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Event):
    """Something waits for a yes or no; a door answers by `approve` or `deny`.

    Attributes:
        action: What is about to happen, one line.
        detail: What the person should read first, e.g. the source of a skill.
        answer: Resolves to None for yes, or to the reason for no.
    """

    action: str
    detail: str = ""
    answer: asyncio.Future[str | None] = field(repr=False, compare=False)

    def approve(self) -> None:
        """Let it happen."""
        if not self.answer.done():
            self.answer.set_result(None)

    def deny(self, reason: str) -> None:
        """Refuse it, with a reason that the model is told."""
        if not self.answer.done():
            self.answer.set_result(reason)

    def to_json(self) -> dict[str, Any]:
        """The request without its future."""
        return {
            "type": self.type,
            "time": self.time,
            "action": self.action,
            "detail": self.detail,
        }


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """The model asks the person; a door sets `answer`, or None if nobody can be asked."""

    question: Question
    answer: asyncio.Future[str | None] = field(repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The question without its future."""
        return {"type": self.type, "time": self.time, **asdict(self.question)}


@dataclass(frozen=True, kw_only=True)
class SkillSaved(Event):
    """A skill passed validation and was written."""

    name: str
    file: str


@dataclass(frozen=True, kw_only=True)
class AttemptStarted(Event):
    """An attempt at a function begins.

    Attributes:
        number: From 1.
        approach: `generate`, `mend` what the last one wrote, or begin `afresh`.
        feedback: What is to be mended, or which approaches to avoid.
    """

    number: int
    approach: Approach
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TestsCorrected(Event):
    """Tests were wrong, and are changed.

    Attributes:
        number: The attempt.
        changes: What was changed and why, a line each.
        source: The tests from now on.
    """

    __test__: ClassVar[bool] = False  # pytest would take it for tests

    number: int
    changes: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class AttemptJudged(Event):
    """An attempt at a function came to its end.

    Attributes:
        number: From 1.
        approach: As it began.
        name: The function; "" if nothing was written.
        accepted: Whether it may be kept.
        source: Its code.
        tests: Its tests.
        evidence: What each gate said.
        failures: What is wrong with it, the smallest example of each.
        seconds: How long it took.
    """

    number: int
    approach: Approach
    name: str = ""
    accepted: bool = False
    source: str = ""
    tests: str = ""
    evidence: tuple[Evidence, ...] = ()
    failures: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RunFinished(Event):
    """The last event of a run."""

    result: Result

    def to_json(self) -> dict[str, Any]:
        """The result, under the type `result`."""
        return {"type": "result", "time": self.time, **asdict(self.result)}


def unanswered(questions: Sequence[Question]) -> str:
    """The questions as lines of text, for a message to a person."""
    return "\n".join(
        f"- {q.question}" + (f" ({' / '.join(q.options)})" if q.options else "") for q in questions
    )

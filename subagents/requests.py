"""What sub-agents are asked: the task, and for some of them what went before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from sessions.errors import UsageError
from subagents.data import data
from subagents.signature import Signature


def said(task: str) -> str:
    """The request of a person, for a prompt.

    Raises:
        UsageError: If it is empty.
    """
    if not task.strip():
        msg = "the request is empty: say in a few words what is wanted"
        raise UsageError(msg)
    return f"# Request\n\n{task.strip()}"


def _any_name(name: str) -> str:
    return ""


def _listed(title: str, kind: str, entries: tuple[str, ...]) -> list[str]:
    return [f"# {title}\n\n" + data(kind, "\n\n".join(entries))] if entries else []


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A draft that did not hold.

    Attributes:
        source: Its code.
        failures: What went wrong, the smallest failing example of each.
    """

    source: str
    failures: tuple[str, ...]

    def text(self) -> str:
        """For a prompt."""
        failures = "\n\n".join(self.failures) or "nothing was said"
        return f"{data('code', self.source)}\n{data('failures', failures)}"


@dataclass(frozen=True, kw_only=True)
class CodeRequest:
    """A function is wanted.

    Attributes:
        task: What the person asks for.
        name: What the function must be called; "" if its author may choose.
        signature: How the function must look; None if its author may choose.
        examples: What must hold, e.g. `f(1) == 2`.
        answers: What the person answered, as (question, answer).
        mend: The draft to be mended; None to begin afresh.
        avoid: Approaches that failed, in a sentence each: choose another.
        objection: Why a name of its author's choice can't be had; "" if it can.
    """

    task: str
    name: str = ""
    signature: Signature | None = None
    examples: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    mend: Attempt | None = None
    avoid: tuple[str, ...] = ()
    objection: Callable[[str], str] = _any_name

    def text(self) -> str:
        """For a prompt."""
        parts = _task(self.task, self.signature, self.examples, self.answers)
        if self.name and not self.signature:
            parts.append(f"# Name\n\n{self.name}")
        if self.mend:
            parts.append(f"# Mend this draft\n\n{self.mend.text()}")
        parts += _listed("Failed before, choose another approach", "approaches", self.avoid)
        return "\n\n".join(parts)


@dataclass(frozen=True, kw_only=True)
class TestRequest:
    """Tests are wanted for a function that nobody shows.

    There is no field for code, and a signature has no room for any: tests judge what the request
    demands, not what somebody wrote.

    Attributes:
        task: What the person asked for.
        signature: How the function looks; None if the request says it.
        examples: What the person said must hold, e.g. `f(1) == 2`.
        answers: What the person answered, as (question, answer).
        covered: What other tests demand already.
    """

    __test__: ClassVar[bool] = False  # pytest would take it for tests

    task: str
    signature: Signature | None = None
    examples: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    covered: tuple[str, ...] = ()

    def text(self) -> str:
        """For a prompt."""
        parts = _task(self.task, self.signature, self.examples, self.answers)
        parts += _listed("Tested already, look for what is not", "tests", self.covered)
        return "\n\n".join(parts)


@dataclass(frozen=True, kw_only=True)
class ReviewRequest:
    """A second pair of eyes is wanted.

    Attributes:
        task: What the person asked for.
        source: The code to be judged.
        tests: Its tests.
        evidence: What the gates said, a line each.
        examples: What the person said must hold, e.g. `f(1) == 2`.
        answers: What the person answered, as (question, answer).
    """

    task: str
    source: str = ""
    tests: str = ""
    evidence: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """For a prompt."""
        parts = _task(self.task, None, self.examples, self.answers)
        parts.append(f"# Code\n\n{data('code', numbered(self.source))}")
        if self.tests:
            parts.append(f"# Tests\n\n{data('tests', self.tests)}")
        parts += _listed("What the gates said", "evidence", self.evidence)
        return "\n\n".join(parts)


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """A test that somebody's code does not pass.

    Attributes:
        test: What it demands, as source, e.g. `f(3) == 7`.
        gave: What the code did, e.g. `f(3) gave 6`.
    """

    test: str
    gave: str


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """Code and tests disagree; the request may decide between them.

    The code itself is not shown: what it does counts, and not how it speaks for itself.

    Attributes:
        task: What the person asked for.
        name: The function.
        tests: What the two disagree on.
        examples: What the person said must hold: beyond dispute.
        answers: What the person answered, as (question, answer).
    """

    task: str
    name: str
    tests: tuple[Disputed, ...]
    examples: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """For a prompt."""
        listed = tuple(
            f"{number}. the test demands: {one.test}\n   the code: {one.gave}"
            for number, one in enumerate(self.tests, 1)
        )
        parts = _task(self.task, None, self.examples, self.answers)
        return "\n\n".join([*parts, *_listed("In dispute", "tests", listed)])

    @property
    def words(self) -> str:
        """All that the person said."""
        answers = [text for pair in self.answers for text in pair]
        return "\n".join([self.task, *self.examples, *answers])


@dataclass(frozen=True, kw_only=True)
class AgentRequest:
    """A new sub-agent is wanted.

    Attributes:
        task: What it is to do.
        name: What it is to be called; "" if its author may choose.
        grantable: Tools that it may be given, as (name, what it does).
        mend: The draft to be mended; None to begin afresh.
    """

    task: str
    name: str = ""
    grantable: tuple[tuple[str, str], ...] = field(default=())
    mend: Attempt | None = None

    def text(self) -> str:
        """For a prompt."""
        parts = [said(self.task)]
        if self.name:
            parts.append(f"# Name\n\n{self.name}")
        tools = tuple(f"{name}: {about}" for name, about in self.grantable)
        parts += _listed("Tools that it may be given", "tools", tools)
        if self.mend:
            parts.append(f"# Mend this draft\n\n{self.mend.text()}")
        return "\n\n".join(parts)


def numbered(source: str) -> str:
    """Code with line numbers, for a reviewer to point at."""
    lines = source.splitlines()
    width = len(str(len(lines)))
    return "\n".join(f"{n:>{width}} | {line}" for n, line in enumerate(lines, 1))


def _task(
    task: str,
    signature: Signature | None,
    examples: tuple[str, ...],
    answers: tuple[tuple[str, str], ...],
) -> list[str]:
    parts = [said(task)]
    if signature:
        parts.append(f"# Signature\n\n{data('signature', signature.text)}")
    parts += _listed("What must hold", "examples", examples)
    if answers:
        replies = [f"- {question} → {answer}" for question, answer in answers]
        parts.append("\n".join(["# What the person answered, binding\n", *replies]))
    return parts

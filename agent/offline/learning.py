"""From a description and examples to a skill, or to the question that stands between."""

from __future__ import annotations

import ast
import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from agent.offline.examples import telling_examples
from agent.offline.rendering import call, function_source, parameter_names, tests_source
from agent.offline.synthesis.problem import Disagreement, Findings, Problem
from agent.offline.synthesis.process import synthesise
from agent.validation import Candidate, Verdict, validate
from agent.validation.examples import Example, find_examples
from sessions.errors import UsageError
from tools_registry.skills.skill import Provenance, Skill, SkillDraft
from tools_registry.skills.skill_name import check_name

if TYPE_CHECKING:
    from sessions.session import Session

Outcome = Literal["learned", "question", "abstained"]
MODEL = "offline"
_CONVINCING = 4  # examples, after which nothing is asked
_FAR_FETCHED = 15.0  # score of a solution above which few examples are mostly met by accident
_EACH_WAY = 2  # examples of True and of False, below which a guess would be as good


class Saving(Protocol):
    """What keeps a skill: a library, or what also has it reviewed."""

    def save(self, draft: SkillDraft, *, replace: bool = False) -> Skill:
        """Keep it; see `SkillLibrary.save`."""


@dataclass(frozen=True, kw_only=True)
class LearnRequest:
    """What is to be learned.

    Attributes:
        description: What the function does, in words.
        name: What it will be called.
        examples: Texts such as `f(1, "a") == 2`.
        answers: Replies to questions, in the order in which they were asked: plain values, or
            whole examples such as `f(2) == 3`.
        seconds: Time for one search, about.
    """

    description: str
    name: str
    examples: tuple[str, ...]
    answers: tuple[str, ...] = ()
    seconds: float = 2.0


@dataclass(frozen=True, kw_only=True)
class LearnQuestion:
    """An input whose output tells plausible functions apart.

    Attributes:
        call: The call in question, as source.
        arguments: Those of the call.
        options: What the plausible functions return, as source, the likeliest first.
    """

    call: str
    arguments: tuple[Any, ...]
    options: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a sentence."""
        return f"What should {self.call} return?"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A function found, not validated yet; or why there is none.

    Attributes:
        name: Name of the function.
        source: Its module.
        tests: Its tests.
        examples: What it was made from, answers included, as texts.
        question: What should be asked before it is kept.
        reason: Why there is no source; "" if there is.
    """

    name: str
    source: str = ""
    tests: str = ""
    examples: tuple[str, ...] = ()
    question: LearnQuestion | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """How learning ended.

    Attributes:
        outcome: `learned`; `question` if an answer is needed; `abstained` if nothing that can be
            trusted was found.
        skill: The skill that was saved.
        question: What to ask.
        draft: The best function so far, which was not kept; None if there is none to show.
        reason: Why it ended so, in a sentence.
    """

    outcome: Outcome
    skill: Skill | None = None
    draft: Draft | None = None
    question: LearnQuestion | None = None
    reason: str = ""


async def learn(
    request: LearnRequest,
    *,
    session: Session,
    library: Saving,
    session_id: str = "",
    overwrite: bool = False,
) -> Learned:
    """Find, render, validate and save a function.

    Args:
        request: Description, name, examples and answers.
        session: A session that nothing else depends on; the function runs there.
        library: Where the skill goes.
        session_id: For its provenance.
        overwrite: Whether a skill of that name may be replaced.

    Raises:
        UsageError: If the examples can't be read or nothing can be learned from them, or the
            name is taken or can't be one.
    """
    draft = await write(request)
    if draft.reason:
        return Learned(outcome="abstained", reason=draft.reason)
    if draft.question is not None:
        reason = "the examples fit several functions that differ elsewhere"
        return Learned(outcome="question", question=draft.question, draft=draft, reason=reason)
    verdict = await validate(_candidate(draft), session)
    if not verdict.accepted:
        return Learned(outcome="abstained", reason=f"what was found failed: {verdict.reason}")
    skill = await asyncio.to_thread(
        library.save, _to_save(draft, verdict, session_id), replace=overwrite
    )
    return Learned(outcome="learned", skill=skill, reason=f"{len(draft.examples)} examples hold")


def _candidate(draft: Draft) -> Candidate:
    return Candidate(
        name=draft.name, source=draft.source, tests=draft.tests, examples=draft.examples
    )


def _to_save(draft: Draft, verdict: Verdict, session_id: str) -> SkillDraft:
    return SkillDraft(
        name=draft.name,
        source=draft.source,
        tests=draft.tests,
        evidence=verdict.evidence,
        provenance=Provenance(model=MODEL, session_id=session_id),
        status="provisional",
    )


async def write(request: LearnRequest) -> Draft:
    """Find a function and render it; nothing is run in a kernel and nothing is saved.

    Raises:
        UsageError: If the name can't be one, or the examples or the answers can't be read or
            are too thin.
    """
    check_name(request.name)
    examples = telling_examples(request.examples, request.name)
    if problem := _too_thin(examples):
        return Draft(name=request.name, reason=problem)
    answers = list(request.answers)
    while True:
        findings, posed = await _search(request, examples)
        if problem := _not_convincing(findings, examples):
            return Draft(name=request.name, reason=problem)
        draft = _rendered(request, posed, findings)
        if findings.disagreement is None or len(examples) >= _CONVINCING:
            return draft
        question = _question(request.name, findings.disagreement)
        if not answers:
            return replace(draft, question=question)
        examples = (*examples, _example(answers.pop(0), question, findings.disagreement))


def _too_thin(examples: tuple[Example, ...]) -> str:
    """Why truth values of so few examples would be a guess, or ""."""
    outputs = [e.expected for e in examples]
    if not all(isinstance(output, bool) for output in outputs):
        return ""
    if min(outputs.count(True), outputs.count(False)) >= _EACH_WAY:
        return ""
    return "too many functions fit so few truth values: give two examples of True and two of False"


async def _search(request: LearnRequest, examples: tuple[Example, ...]) -> tuple[Findings, Problem]:
    problem = Problem(
        description=request.description,
        name=request.name,
        parameters=parameter_names(examples, request.name),
        examples=examples,
        seconds=request.seconds,
    )
    return await synthesise(problem), problem


def _not_convincing(findings: Findings, examples: tuple[Example, ...]) -> str:
    """Why the best solution, if there is one, should not be offered; or ""."""
    if not findings.solutions:
        return (
            f"no short expression gives the results of all {len(examples)} examples: add a "
            "simpler example, describe the rule in other words, or configure a model"
        )
    if findings.solutions[0].score > _FAR_FETCHED and len(examples) < _CONVINCING:
        return (
            "the simplest expression that fits the examples is too far-fetched to be meant: add "
            f"examples ({_CONVINCING} or more), or describe the rule in other words"
        )
    return ""


def _rendered(request: LearnRequest, problem: Problem, findings: Findings) -> Draft:
    expression = findings.solutions[0].expression
    source = function_source(
        request.name, request.description, problem.parameters, expression, problem.examples
    )
    texts = tuple(f"{call(request.name, e.arguments)} == {e.expected!r}" for e in problem.examples)
    tests = tests_source(request.name, problem.examples)
    return Draft(name=request.name, source=source, tests=tests, examples=texts)


def _question(name: str, disagreement: Disagreement) -> LearnQuestion:
    options = tuple(map(repr, disagreement.outputs))
    arguments = disagreement.arguments
    return LearnQuestion(call=call(name, arguments), arguments=arguments, options=options)


def _example(answer: str, question: LearnQuestion, asked: Disagreement) -> Example:
    """The example that an answer makes: its own if it is one, else the value for the question."""
    found = find_examples(answer)
    name = question.call.partition("(")[0]
    if len(found) == 1 and found[0].name == name:
        return found[0].example
    return Example(arguments=asked.arguments, expected=_value(answer, question))


def _value(answer: str, question: LearnQuestion) -> Any:
    """The value that an answer gives: a literal, or text if the options are texts.

    Raises:
        UsageError: If it is neither.
    """
    text = answer.strip()
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        value = text
    kinds = {type(ast.literal_eval(option)) for option in question.options}
    if type(value) in kinds or not isinstance(value, str):
        return value
    if str in kinds:
        return text
    msg = f"{text[:60]!r} can't be the answer to {question.text!r} Give a plain value"
    raise UsageError(msg)

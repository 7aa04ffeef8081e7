"""The engine: what to do next for a request, with no model and no network.

Where a run stands is read from its steps.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.offline.answers import answer, failure
from agent.offline.certainty import SURE, assess
from agent.offline.interpret import Scene, interpret, read_blindly
from agent.offline.learning import LearnRequest, write
from agent.offline.lesson import SKIP
from agent.offline.plan import Call, Inquiry, Plan, Refusal, Say, UnclearError
from agent.offline.requests import Request, read_request
from agent.offline.surroundings import Known, look_around, variables_told
from agent.offline.turn import Step, Turn
from agent.validation.examples import find_examples
from agent.validation.questions import call_asked
from sessions.errors import AgentError, UsageError
from tools_registry.registry import Registry

Decision = Call | Say | Refusal

CONFIGURE = (
    "The offline engine finds tools and makes one-expression functions from examples. For more, "
    "configure a model: set ANTHROPIC_API_KEY, or choose one with `--model PROVIDER:NAME`."
)
_NAMING = frozenset(("function", "called", "named"))
_OPENINGS = frozenset(
    {
        *("please", "write", "make", "create", "learn", "define", "build", "save", "me", "a"),
        *("an", "that", "which", "to", "for", "and", "it", "skill", "returns", "gives", "given"),
    }
)


class Engine:
    """Retrieves, binds, runs and explains; remembers its plans, to tell what came of them.

    Args:
        registry: The tools and skills.
        workspace: Where data files are looked for.
    """

    def __init__(self, registry: Registry, workspace: Path) -> None:
        self._registry = registry
        self._workspace = workspace
        self._plans: dict[str, Plan] = {}

    async def decide(self, turn: Turn, offered: Collection[str]) -> Decision:
        """The next step of a run.

        Args:
            turn: The request and the steps so far.
            offered: Names of the tools that may be called.
        """
        try:
            decision = await self._decide(turn)
        except UnclearError as unclear:
            decision = _ask(unclear.inquiry, turn)
        except AgentError as error:
            decision = Refusal(reason=str(error))
        if isinstance(decision, Call) and decision.tool not in offered:
            decision = Refusal(reason=f"this would need {decision.tool}, which is not offered here")
        return decision

    async def is_sure(self, text: str) -> bool:
        """Whether a request is understood well enough to be answered in place of a model.

        Args:
            text: What the person said.
        """
        scene = Scene(surroundings=look_around(self._workspace), registry=self._registry)
        return await asyncio.to_thread(assess, text, scene) >= SURE

    async def _decide(self, turn: Turn) -> Decision:
        if saves := turn.of("save_skill"):
            return _told_of_save(saves[-1])
        request = read_request(turn.request)
        names = {found.name for found in request.examples}
        if names and not names <= {tool.name for tool in self._registry.tools()}:
            return await _lesson(request, turn, names)
        return await self._carry_out(request, turn)

    async def _carry_out(self, request: Request, turn: Turn) -> Decision:
        runs = turn.of("run_code")
        if runs and (ran := self._plans.get(str(runs[-1].arguments.get("code")))):
            return _told_of_run(ran, runs[-1])  # what it wrote may read differently now
        if not turn.steps and (known := read_blindly(request, self._registry)):
            return self._run(known)
        if look := _look_first(request, turn):
            return look
        around = look_around(self._workspace, _variables(turn))
        scene = Scene(surroundings=around, registry=self._registry, answers=turn.answers)
        plan = await asyncio.to_thread(interpret, request, scene)
        if isinstance(plan, Refusal):
            return _advised(plan)
        if runs:
            return _told_of_run(plan, runs[-1])
        return self._run(plan)

    def _run(self, plan: Plan) -> Call:
        """Run a plan, and keep it for when its result comes."""
        self._plans[plan.code] = plan
        return Call(tool="run_code", arguments={"code": plan.code})


def _look_first(request: Request, turn: Turn) -> Call | None:
    """Ask for the variables if no file is named, and for the columns of a table among them."""
    if any(token.kind == "file" for token in request.tokens):
        return None
    looks = turn.of("inspect")
    if not looks:
        return Call(tool="inspect")
    words = {token.text for token in request.tokens}
    for known in variables_told(str(looks[0].content)):
        if known.type == "DataFrame" and known.name in words and len(looks) == 1:
            return Call(tool="inspect", arguments={"name": known.name})
    return None


def _variables(turn: Turn) -> tuple[Known, ...]:
    """The variables that were listed, with the columns of those looked at."""
    looks = turn.of("inspect")
    if not looks:
        return ()
    columns = {str(step.arguments.get("name")): _columns(step.content) for step in looks[1:]}
    listed = variables_told(str(looks[0].content))
    return tuple(replace(known, columns=columns.get(known.name, {})) for known in listed)


def _columns(content: Any) -> dict[str, str]:
    """The columns of a DataFrame that was looked at, with their types."""
    columns = as_record(content).get("columns")
    return {str(c): str(t) for c, t in columns.items()} if isinstance(columns, Mapping) else {}


def as_record(content: Any) -> Mapping[str, Any]:
    """What a tool returned, as a mapping; empty if it is none."""
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError:
            return {}
    return content if isinstance(content, Mapping) else {}


def _told_of_run(plan: Plan, run: Step) -> Decision:
    report = as_record(run.content)
    if run.ok and report.get("status") == "ok":
        return Say(text=answer(plan, report))
    return Refusal(reason=failure(report) if report else f"it was tried and failed: {run.content}")


async def _lesson(request: Request, turn: Turn, names: set[str]) -> Decision:
    """Learn a function from the examples in a request."""
    if len(names) > 1:
        msg = f"the examples call several functions ({', '.join(sorted(names))}): give those of one"
        raise UsageError(msg)
    (name,) = names
    given = [request.text[found.start : found.end] for found in request.examples]
    lesson = LearnRequest(
        description=_description(request, name),
        name=name,
        examples=tuple(given),
        answers=tuple(_answered(turn)),
    )
    draft = await write(lesson)
    if draft.reason:
        return _advised(Refusal(reason=draft.reason))
    if draft.question is not None:
        inquiry = Inquiry(question=draft.question.text, options=draft.question.options)
        return _ask(inquiry, turn)
    arguments = {
        "name": name,
        "code": draft.source,
        "tests": draft.tests,
        "description": lesson.description,
        "examples": list(draft.examples),
    }
    return Call(tool="save_skill", arguments=arguments)


def _description(request: Request, name: str) -> str:
    """What the request says besides the examples and `write a function`."""
    words = [
        token.text if token.kind != "text" else repr(token.text)
        for token in request.tokens
        if token.kind != "mark"
    ]
    before = ["", *map(str.lower, words)]
    words = [
        word
        for word, previous in zip(words, before, strict=False)
        if word.lower() not in _NAMING and not (word == name and previous in _NAMING | _OPENINGS)
    ]
    while words and words[0].lower() in _OPENINGS:
        words.pop(0)
    return " ".join(words)


def _answered(turn: Turn) -> list[str]:
    """Answers to questions about a call, as whole examples."""
    pairs = [(step.arguments.get("question"), step.content) for step in turn.of("ask_user")]
    found = [(call_asked(str(question)), str(reply).strip()) for question, reply in pairs]
    return [r if r == SKIP else _as_example(asked, r) for asked, r in found if asked]


def _as_example(call: str, reply: str) -> str:
    """The reply as the value of the call; text may come without quotes."""
    example = f"{call} == {reply}"
    found = find_examples(example)
    whole = len(found) == 1 and found[0].end == len(example)
    return example if whole else f"{call} == {reply!r}"


def _ask(inquiry: Inquiry, turn: Turn) -> Decision:
    """Ask, unless that was asked before and the reply was of no use."""
    if any(step.arguments.get("question") == inquiry.question for step in turn.of("ask_user")):
        options = ", ".join(inquiry.options)
        return Refusal(reason=f"{inquiry.question} The reply was none of: {options}")
    arguments = {
        "question": inquiry.question,
        "options": list(inquiry.options),
        "context": inquiry.context,
    }
    return Call(tool="ask_user", arguments=arguments)


def _told_of_save(save: Step) -> Decision:
    told = as_record(save.content)
    if save.ok and told.get("saved") is True:
        name, code = save.arguments.get("name"), save.arguments.get("code")
        return Say(text=f"Saved the skill {name} in {told.get('file')}.\n\n{code}")
    failed = [item for item in told.get("evidence") or () if not item.get("passed")]
    details = "; ".join(f"{item.get('signal')}: {item.get('detail')}" for item in failed)
    return Refusal(reason=f"the skill was not saved: {details or save.content}")


def _advised(refusal: Refusal) -> Refusal:
    """The refusal, with what a model could do about it."""
    reason = refusal.reason.rstrip(".")
    if "_" not in reason.partition(" ")[0]:  # the name of a tool stays as it is
        reason = reason[:1].upper() + reason[1:]
    return replace(refusal, reason=f"{reason}. {CONFIGURE}")

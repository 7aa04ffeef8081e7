"""Says which side is wrong where code and tests disagree."""

from __future__ import annotations

import ast
from typing import ClassVar

from subagents.outputs import Decision, Ruling
from subagents.prompt import packaged
from subagents.requests import Dispute, Disputed
from subagents.role import Role
from subagents.specialist import Specialist
from tools_registry.source import SourceError, parse

_SHORTEST_QUOTE = 3


class Referee(Specialist[Dispute, Ruling]):
    """Decides by the request alone whether code or test is wrong; it sees neither's author.

    `await Referee(model=None, session=None).run(request, context=None) -> Ruling`; the request is a
    `Dispute`. A `Ruling` has `decisions`, one for each test in dispute, each with

    - `number` of the test,
    - `wrong`: `code`, `test`, or `open` if the request does not decide,
    - `why`, and `quote`: the person's own words that decide,
    - `correct`: what a wrong test should demand of the same call.
    """

    name: ClassVar[str] = "referee"
    wants = Dispute

    def _role(self) -> Role:
        return Role(name=self.name, prompt=packaged(self.name), output=Ruling)

    def _asked(self, task: str) -> Dispute:
        return Dispute(task=task, name="", tests=())

    def _objection(self, request: Dispute, output: Ruling) -> str:
        numbers = [decision.number for decision in output.decisions]
        if sorted(numbers) != list(range(1, len(request.tests) + 1)):
            return f"decide each of the {len(request.tests)} tests in dispute once"
        objections = (_misjudged(request, decision) for decision in output.decisions)
        return next(filter(None, objections), "")


def _misjudged(request: Dispute, decision: Decision) -> str:
    disputed = request.tests[decision.number - 1]
    if decision.wrong != "open" and not _is_said(decision.quote, request.words):
        return (
            f"the quote on test {decision.number} is not in the person's words: copy them exactly, "
            "or say that it is open"
        )
    if decision.wrong != "test":
        return ""
    if not decision.correct:
        return ""
    return _unfit(decision, disputed, request.name)


def _is_said(quote: str, words: str) -> bool:
    wanted = " ".join(quote.casefold().split()).strip("'\"“”")
    return len(wanted) >= _SHORTEST_QUOTE and wanted in " ".join(words.casefold().split())


def _unfit(decision: Decision, disputed: Disputed, name: str) -> str:
    """A correction speaks of the call in dispute, and demands something of it."""
    where = f"`correct` of test {decision.number}"
    claim = parse(decision.correct).body[0]
    compared = claim.value if isinstance(claim, ast.Expr) else None
    if not isinstance(compared, ast.Compare):
        return f"{where} must compare what {name} gives with a value"
    sides = [_calls(side, name) for side in (compared.left, *compared.comparators)]
    if sum(map(bool, sides)) != 1:
        return f"{where} must compare what {name} gives with a value that is written out"
    if not set().union(*sides) <= _calls_in(disputed.test, name):
        return f"{where} must demand something of the call in dispute, and of no other"
    if ast.unparse(compared) == disputed.test:
        return f"{where} is the test itself: if it is right, the code is wrong"
    return ""


def _calls(tree: ast.AST, name: str) -> set[str]:
    return {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
    }


def _calls_in(source: str, name: str) -> set[str]:
    try:
        return _calls(parse(source), name)
    except SourceError:
        return set()

"""What is known so far of a function that is being written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.authoring.attempt import Tried
from agent.authoring.commission import Commission
from agent.authoring.suite import Suite
from agent.authoring.workshop import Objection
from agent.events import Approach
from subagents.context import Context
from subagents.data import one_line
from subagents.outputs import Draft
from subagents.requests import Attempt, CodeRequest
from subagents.signature import Signature

_LINE = 200


@dataclass(kw_only=True)
class Work:
    """A commission on its way.

    Attributes:
        commission: What is wanted; grows by what the person answers.
        context: What sub-agents are told beside it.
        objection: Why a name can't be had; "" if it can.
        number: The attempt.
        draft: The newest code.
        is_written: Whether it is that of this attempt.
        suite: The tests in hand; None before there are any.
        renewed: Whether the tests were written anew already.
        extended: Whether a reviewer got more of them already.
        tried: The attempts that came to their end.
        failures: What is wrong with the draft.
        avoid: Approaches that failed, a line each.
        rulings: Why the code is wrong, by what a test demands.
        open: What the request does not decide, a line each.
    """

    commission: Commission
    context: Context
    objection: Objection
    number: int = 0
    draft: Draft | None = None
    is_written: bool = False
    suite: Suite | None = None
    renewed: bool = False
    extended: bool = False
    tried: list[Tried] = field(default_factory=list)
    failures: tuple[str, ...] = ()
    avoid: list[str] = field(default_factory=list)
    rulings: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    @property
    def best(self) -> Tried | None:
        """The best attempt that has any code."""
        written = [tried for tried in self.tried if tried.source]
        return max(written, key=lambda tried: tried.merit, default=None)

    def begin(self, approach: Approach) -> tuple[str, ...]:
        """Go on to the next attempt; what its author is told of those before."""
        self.number, self.is_written = self.number + 1, False
        if approach == "afresh" and self.draft is not None:
            self.avoid.append(_in_a_line(self.draft))
            self.draft = None
        return tuple(self.avoid) if approach == "afresh" else self.failures

    def request(self) -> CodeRequest:
        """What the coder is asked: to mend the draft if there is one, else to write."""
        wanted = self.commission
        mend = Attempt(source=self.draft.source, failures=self.failures) if self.draft else None
        return CodeRequest(
            task=wanted.task,
            name=wanted.name,
            signature=wanted.signature,
            examples=wanted.examples,
            answers=wanted.answers,
            mend=mend,
            avoid=() if mend else tuple(self.avoid),
            objection=self.objection,
        )

    def take(self, draft: Draft) -> None:
        """Go on with a draft; its name and signature hold for all that follow."""
        self.draft, self.is_written = draft, True
        signature = self.commission.signature or Signature(draft.signature)
        self.commission = replace(self.commission, name=draft.name, signature=signature)
        self.open += [text for text in draft.questions if text not in self.open]

    def answered(self, question: str, reply: str) -> None:
        """Take in what the person said."""
        answers = (*self.commission.answers, (question, reply))
        self.commission = replace(self.commission, answers=answers)


def _in_a_line(draft: Draft) -> str:
    """An approach in one line: its author's words, or the code itself if there are none."""
    return one_line(draft.explanation.partition("\n")[0] or draft.source, _LINE)
